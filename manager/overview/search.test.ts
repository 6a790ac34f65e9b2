import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RoleGrant } from '#core/model/role';
import { openTestManager, type TestManager } from '#test/support/manager-context';

interface Hit {
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly link: string;
}

async function filled(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  const http = (displayName: string, contextPath: string) =>
    manager.run('projects.create', {
      body: { displayName, contextPath, kind: 'http', targetUrl: 'http://127.0.0.1:9' },
    });
  await http('Orders API', '/orders');
  await http('Legacy orders', '/legacy');
  await manager.run('resources.create', {
    params: { project: 'orders-api' },
    body: { displayName: 'One item', path: '/items/{id}', target: 'default' },
  });
  await manager.run('products.create', { body: { displayName: 'Shop', projects: ['orders-api'] } });
  for (const displayName of ['Mobile shop', 'Shop floor', 'A 100 client_x'])
    await manager.run('clients.create', { body: { displayName } });
  await manager.run('subscriptions.create', { body: { name: 'mobile', client: 'mobile-shop', product: 'shop' } });
  return manager;
}

async function find(manager: TestManager, q: string, grants?: readonly RoleGrant[]): Promise<string[]> {
  const call = { query: { q }, ...(grants !== undefined && { grants }) };
  const { items }: { items: Hit[] } = await manager.run('search.find', call);
  return items.map(({ kind, title }) => `${kind} ${title}`);
}

test('what begins with the text comes before what has it inside', async (t) => {
  const manager = await filled(t);
  assert.deepEqual(await find(manager, 'shop'), ['product Shop', 'client Shop floor', 'client Mobile shop']);
  assert.deepEqual(await find(manager, 'ORDERS'), ['project Orders API', 'project Legacy orders']);
  assert.deepEqual(await find(manager, 'loc'), ['server-group Local']);
  assert.deepEqual(await find(manager, 'mobil'), ['client Mobile shop', 'subscription mobile']);
});

test('paths lead to projects and resources, also context path and resource together', async (t) => {
  const manager = await filled(t);
  assert.deepEqual(await find(manager, '/ord'), ['project Orders API']);
  assert.deepEqual(await find(manager, '/items'), ['resource /orders/items/{id}']);
  assert.deepEqual(await find(manager, '/orders/it'), ['resource /orders/items/{id}']);
  const { items } = await manager.run('search.find', { query: { q: '/items' } });
  assert.equal(items[0].link, '/projects/orders-api/resources/one-item');
});

test('the beginning of a consumer key leads to its subscription', async (t) => {
  const manager = await filled(t);
  const { consumerKey } = await manager.run('keys.create', { params: { subscription: 'mobile' } });
  assert.deepEqual(await find(manager, consumerKey.slice(0, 8)), ['subscription mobile']);
});

test('signs of patterns mean themselves; nothing and what nothing has find nothing', async (t) => {
  const manager = await filled(t);
  assert.deepEqual(await find(manager, '0 c'), ['client A 100 client_x']);
  assert.deepEqual(await find(manager, 't_x'), ['client A 100 client_x']);
  assert.deepEqual(await find(manager, '0_c'), []);
  for (const q of ['', '   ', '%', '\\', "'; drop table clients; --", '\u{10ffff}', '\0'])
    assert.deepEqual(await find(manager, q), [], JSON.stringify(q));
});

test('a request id leads to its page, for who may read requests', async (t) => {
  const manager = await filled(t);
  assert.deepEqual(await find(manager, ' req_0123456789abcdef '), ['request req_0123456789ABCDEF']);
  assert.deepEqual(await find(manager, 'req_0123456789ABCDEF', []), []);
});

test('at most six of a kind', async (t) => {
  const manager = await filled(t);
  for (let i = 0; i < 9; i += 1) await manager.run('clients.create', { body: { displayName: `Many ${i}` } });
  assert.equal((await find(manager, 'many')).length, 6);
  assert.equal((await find(manager, 'any')).length, 6);
});

test('people are found by who may read them', async (t) => {
  const manager = await filled(t);
  const now = manager.clock.now();
  const record = { revision: 1, created_at: now, created_by: 'tester', updated_at: now, updated_by: 'tester' };
  await manager.context.db.write
    .insertInto('users')
    .values({
      ...record,
      ...{ id: 'usr_1', name: 'ada', display_name: 'Ada', display_key: 'ada', search: 'ada ada', data: '{}' },
      ...{ active: 1, source: 'local', subject: null, password_hash: null, totp_secret: null, totp_confirmed: 0 },
      ...{ totp_step: 0, recovery_hashes: '[]', generation: 1, last_signed_in_at: null },
    })
    .execute();
  assert.deepEqual(await find(manager, 'ada'), ['user Ada']);
  assert.deepEqual(await find(manager, 'ada', [{ role: 'designer' }]), []);
});

test('resource owners are found by who may read them, and lead to their id: in another directory may be the same name', async (t) => {
  const manager = await filled(t);
  const now = manager.clock.now();
  const record = { revision: 1, created_at: now, created_by: 'tester', updated_at: now, updated_by: 'tester' };
  const directory = { id: 'dir_1', name: 'local', display_name: 'Local', display_key: 'local', search: 'local local' };
  await manager.context.db.write
    .insertInto('directories')
    .values({ ...record, ...directory, data: '{}', kind: 'local', active: 1, credentials: null })
    .execute();
  await manager.context.db.write
    .insertInto('resource_owners')
    .values({
      ...record,
      ...{ id: 'own_1', name: 'anna', display_name: 'Anna Berg', display_key: 'anna berg', search: 'anna anna berg' },
      ...{ data: '{}', directory_id: directory.id, active: 1, generation: 0, state_changed_at: null },
      ...{
        state_changed_by: null,
        state_reason: null,
        external_id: null,
        password_hash: null,
        last_signed_in_at: null,
      },
    })
    .execute();
  assert.deepEqual(await find(manager, 'berg'), ['resource-owner Anna Berg']);
  assert.deepEqual(await find(manager, 'berg', [{ role: 'apps-manager' }]), ['resource-owner Anna Berg']);
  assert.deepEqual(await find(manager, 'berg', [{ role: 'designer' }]), []);
  const { items } = await manager.run('search.find', { query: { q: 'anna' } });
  assert.equal(items[0].link, '/resource-owners/own_1');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RunningManager, startTestManager } from '#test/support/running-manager';

/** Every noun that can be changed: where it is, and a change that it takes. */
const nouns: readonly (readonly [path: string, patch: object])[] = [
  ['/projects/orders-api', { description: 'x' }],
  ['/projects/orders-api/policies/mock-answer', { displayName: 'Mock' }],
  ['/projects/orders-api/resources/items', { displayName: 'Things' }],
  ['/projects/orders-api/targets/spare', { retries: 0 }],
  ['/server-groups/staging', { whenStale: 'serve' }],
  ['/products/shop', { description: 'x' }],
  ['/clients/app', { description: 'x' }],
  ['/subscriptions/app-shop', { endsAt: 9_000_000_000_000 }],
];

async function withEverything(manager: RunningManager): Promise<void> {
  const make = async (path: string, body: object) => {
    const { status, text } = await manager.call(`POST ${path}`, { body });
    assert.equal(status, 201, text);
  };
  await make('/projects', { displayName: 'Orders API', kind: 'http', contextPath: '/orders', targetUrl: 'echo:' });
  await make('/projects/orders-api/policies', { type: 'mock-answer' });
  await make('/projects/orders-api/resources', { displayName: 'Items', path: '/items' });
  await make('/projects/orders-api/targets', { displayName: 'Spare', urls: [{ url: 'http://127.0.0.1:9' }] });
  await make('/server-groups', { displayName: 'Staging', publicUrl: 'https://api.example.com' });
  await make('/products', { displayName: 'Shop', projects: ['orders-api'] });
  await make('/clients', { displayName: 'App', ownerEmail: 'a@example.com' });
  await make('/subscriptions', { client: 'app', product: 'shop' });
}

test('who changes or deletes says which revision was seen, and gets the new one', async (t) => {
  const manager = await startTestManager(t);
  await withEverything(manager);
  for (const [path, body] of nouns) {
    const etag = (await manager.call(`GET ${path}`)).headers.get('etag') ?? '';
    assert.match(etag, /^"\d+"$/, path);
    const without = await manager.call(`PATCH ${path}`, { body });
    assert.deepEqual([without.status, without.body.code], [428, 'revision_missing'], path);
    const stale = await manager.call(`PATCH ${path}`, { body, headers: { 'if-match': '"99"' } });
    assert.deepEqual([stale.status, stale.body.code], [412, 'revision_mismatch'], path);
    assert.equal((await manager.call(`PATCH ${path}`, { body, headers: { 'if-match': 'W/"1"' } })).status, 412);
    const done = await manager.call(`PATCH ${path}`, { body, headers: { 'if-match': etag } });
    assert.equal(done.status, 200, done.text);
    assert.equal(done.headers.get('etag'), `"${Number(etag.slice(1, -1)) + 1}"`);
    assert.equal((await manager.call(`DELETE ${path}`)).status, 428, path);
    await new Promise((resolve) => setTimeout(resolve, 200)); // the rate is counted in real time
  }
});

test('every change is in the audit trail, by whom and how, with what was before', async (t) => {
  const manager = await startTestManager(t);
  await withEverything(manager);
  const headers = { 'if-match': '*' };
  for (const path of nouns
    .map(([one]) => one)
    .toReversed()
    .filter((one) => !/orders-api$|resources/.test(one)))
    assert.equal((await manager.call(`DELETE ${path}`, { headers })).status, 204, path);
  const { body } = await manager.call('GET /audit?limit=200');
  const operations = body.items.map((one: { operation: string }) => one.operation);
  for (const noun of ['policies', 'targets', 'serverGroups', 'products', 'clients', 'subscriptions'])
    for (const act of ['create', 'delete']) assert.ok(operations.includes(`${noun}.${act}`), `${noun}.${act}`);
  const [newest] = body.items;
  assert.deepEqual([newest.actor, newest.via, newest.operation], ['bootstrap', 'api', 'policies.delete']);
  assert.match(newest.requestId, /^req_/);
  assert.equal(newest.before.name, 'mock-answer');
  assert.equal(body.total, body.items.length);
  const page = await manager.call('GET /audit?limit=3&objectKind=client');
  assert.deepEqual(
    page.body.items.map((one: { operation: string }) => one.operation),
    ['clients.delete', 'clients.create'],
  );
});

test('policy types come with a JSON Schema of their settings', async (t) => {
  const manager = await startTestManager(t);
  const { body } = await manager.call('GET /policy-types');
  assert.ok(body.total >= 4);
  for (const { name, schema, phases } of body.items) {
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema', name);
    assert.equal(schema.type, 'object');
    assert.ok(phases.length > 0);
  }
  assert.equal((await manager.call('GET /policy-types/nothing')).status, 404);
});

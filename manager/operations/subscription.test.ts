import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEED_KINDS, type FeedKind } from '#core/change-feed';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';

const params = { subscription: 'app-shop' };

async function withSubscription(t: import('node:test').TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  const scopes = [{ scope: 'read', default: true }, { scope: 'write' }];
  await manager.run('products.create', { body: { displayName: 'Shop', scopes } });
  await manager.run('clients.create', { body: { displayName: 'App' } });
  await manager.run('subscriptions.create', { body: { client: 'app', product: 'shop' } });
  return manager;
}

/** What gateways have of an object now: its payload, checked by its schema; undefined when it is gone. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
async function inFeed(manager: TestManager, kind: FeedKind, id: string): Promise<any> {
  const rows = await manager.context.db.read
    .selectFrom('feed')
    .select('payload')
    .where('kind', '=', kind)
    .where('id', '=', id)
    .execute();
  assert.equal(rows.length, 1, `${kind} ${id} is in the feed`);
  const payload = rows[0]?.payload;
  return payload === null || payload === undefined ? undefined : FEED_KINDS[kind].parse(JSON.parse(payload));
}

const refusedWith = (code: string) => (error: unknown) => error instanceof ProblemError && error.code === code;

test('scopes come from the product unless they were narrowed, and follow it', async (t) => {
  const manager = await withSubscription(t);
  await manager.run('clients.create', { body: { displayName: 'Narrow' } });
  const narrow = await manager.run('subscriptions.create', {
    body: { client: 'narrow', product: 'shop', scopes: [{ scope: 'read' }] },
  });
  const all = await manager.run('subscriptions.get', { params });
  assert.deepEqual([all.client, all.product, all.state, all.scopes], ['app', 'shop', 'active', undefined]);
  const scopesOf = async (id: string) =>
    (await inFeed(manager, 'subscription', id)).scopes.map(({ scope }: { scope: string }) => scope);
  assert.deepEqual([await scopesOf(all.id), await scopesOf(narrow.id)], [['read', 'write'], ['read']]);
  const patch = { params: { product: 'shop' }, body: { scopes: [{ scope: 'write' }, { scope: 'admin' }] } };
  await manager.run('products.update', patch);
  assert.deepEqual([await scopesOf(all.id), await scopesOf(narrow.id)], [['write', 'admin'], []]);
  await assert.rejects(
    manager.run('subscriptions.update', { params, body: { scopes: [{ scope: 'read' }] } }),
    refusedWith('validation_failed'),
  );
});

test('suspending can be undone, ending cannot, and doing it twice changes nothing', async (t) => {
  const manager = await withSubscription(t);
  const act = (name: string, body = {}) => manager.run(`subscriptions.${name}`, { params, body });
  const suspended = await act('suspend', { reason: 'unpaid' });
  assert.deepEqual([suspended.state, suspended.stateReason, suspended.generation], ['suspended', 'unpaid', 1]);
  assert.equal((await act('suspend')).revision, suspended.revision);
  const feed = await inFeed(manager, 'subscription', suspended.id);
  assert.deepEqual([feed.state, feed.changedBy, feed.changedReason], ['suspended', 'tester', 'unpaid']);
  assert.equal((await act('resume')).state, 'active');
  assert.equal((await act('revokeTokens')).generation, 2);
  assert.equal((await act('end')).state, 'ended');
  await assert.rejects(act('resume'), refusedWith('state_conflict'));
  await assert.rejects(manager.run('keys.create', { params }), refusedWith('state_conflict'));
});

test('a product that is approved by hand makes pending subscriptions; one that is not published makes none', async (t) => {
  const manager = await withSubscription(t);
  const product = { params: { product: 'shop' } };
  await manager.run('products.update', { ...product, body: { approval: 'by-hand' } });
  await manager.run('clients.create', { body: { displayName: 'Other' } });
  const create = (name: string) =>
    manager.run('subscriptions.create', { body: { client: 'other', product: 'shop', name } });
  assert.equal((await create('one')).state, 'pending');
  assert.equal((await manager.run('subscriptions.approve', { params: { subscription: 'one' } })).state, 'active');
  await manager.run('products.update', { ...product, body: { state: 'retired' } });
  await assert.rejects(create('two'), refusedWith('state_conflict'));
});

test('a subscription ends by its own end, without anybody writing it', async (t) => {
  const manager = await withSubscription(t);
  const endsAt = manager.clock.now() + 1000;
  await manager.run('subscriptions.update', { params, body: { endsAt } });
  assert.equal((await manager.run('subscriptions.get', { params })).state, 'active');
  manager.clock.advance(1000);
  assert.equal((await manager.run('subscriptions.get', { params })).state, 'ended');
  assert.equal((await manager.run('subscriptions.list', { query: { state: 'ended' } })).total, 1);
  assert.equal((await manager.run('subscriptions.list', { query: { state: 'active' } })).total, 0);
});

test('a secret is shown once, kept as a hash, and there are five at most', async (t) => {
  const manager = await withSubscription(t);
  const first = await manager.run('keys.create', { params });
  assert.match(first.consumerKey, /^gwk_[0-9A-Za-z]{16}$/);
  assert.match(first.consumerSecret, /^gws_[0-9A-Za-z]{49}$/);
  assert.equal(first.secret.hint, `…${first.consumerSecret.slice(-3)}`);
  for (let i = 2; i <= 5; i += 1) {
    const more = await manager.run('keys.create', { params });
    assert.deepEqual([more.consumerKey, more.secret.name], [first.consumerKey, `secret-${i}`]);
  }
  await assert.rejects(manager.run('keys.create', { params }), refusedWith('limit_reached'));
  await manager.run('secrets.end', { params: { ...params, secret: 'secret-1' } });
  await manager.run('keys.create', { params });
  const everything = JSON.stringify([
    await manager.run('keys.list', { params }),
    await manager.context.db.read.selectFrom('secrets').selectAll().execute(),
    await manager.context.db.read.selectFrom('audit').selectAll().execute(),
    await manager.context.db.read.selectFrom('feed').selectAll().execute(),
  ]);
  assert.ok(!everything.includes(first.consumerSecret.slice(4, 40)));
});

test('a rotation lets the old secrets work on for a while, or ends them and their tokens', async (t) => {
  const manager = await withSubscription(t);
  const { consumerKey } = await manager.run('keys.create', { params });
  await manager.run('keys.rotate', { params, body: { keepOldMs: 1000 } });
  const states = async () =>
    (await manager.run('keys.list', { params })).secrets.map((one: Record<string, unknown>) => [one.name, one.state]);
  assert.deepEqual(await states(), [
    ['secret-1', 'ending'],
    ['secret-2', 'current'],
  ]);
  manager.clock.advance(1000);
  assert.deepEqual(await states(), [
    ['secret-1', 'ended'],
    ['secret-2', 'current'],
  ]);
  await manager.run('keys.rotate', { params, body: { keepOldMs: 0, revokeTokens: true } });
  const { secrets } = await inFeed(manager, 'consumer-key', consumerKey);
  assert.deepEqual(
    secrets.map((one: Record<string, unknown>) => [one.name, one.active, one.generation]),
    [
      ['secret-1', true, 1],
      ['secret-2', false, 2],
      ['secret-3', true, 1],
    ],
  );
});

test('ending a secret revokes its tokens only when asked to', async (t) => {
  const manager = await withSubscription(t);
  const { consumerKey } = await manager.run('keys.create', { params });
  const end = (body: object) => manager.run('secrets.end', { params: { ...params, secret: 'secret-1' }, body });
  assert.equal((await end({})).tokensRevoked, false);
  assert.equal((await inFeed(manager, 'consumer-key', consumerKey)).secrets[0].generation, 1);
  assert.equal((await end({ revokeTokens: true })).tokensRevoked, true);
  assert.equal((await inFeed(manager, 'consumer-key', consumerKey)).secrets[0].generation, 2);
});

test('deleting a client takes its subscriptions and keys along and leaves their standing dead', async (t) => {
  const manager = await withSubscription(t);
  const { consumerKey, secret } = await manager.run('keys.create', { params });
  const { id, clientId } = await manager.run('subscriptions.get', { params });
  await assert.rejects(manager.run('products.delete', { params: { product: 'shop' } }), refusedWith('in_use'));
  await manager.run('clients.delete', { params: { client: 'app' } });
  for (const [kind, object] of [
    ['client', clientId],
    ['subscription', id],
    ['consumer-key', consumerKey],
  ] as const)
    assert.equal(await inFeed(manager, kind, object), undefined);
  const buried = await manager.context.db.read
    .selectFrom('standing_tombstones')
    .select(['kind', 'id', 'generation'])
    .orderBy('kind')
    .execute();
  assert.deepEqual(
    buried.map((one) => ({ ...one })),
    [
      { kind: 'client', id: clientId, generation: 2 },
      { kind: 'secret', id: secret.id, generation: 2 },
      { kind: 'subscription', id, generation: 2 },
    ],
  );
  await manager.run('products.delete', { params: { product: 'shop' } });
  const again = await manager.run('clients.create', { body: { displayName: 'App' } });
  assert.notEqual(again.id, clientId, 'a name may come again, an id never');
});

test('disabling a client keeps its generation, revoking its tokens raises it', async (t) => {
  const manager = await withSubscription(t);
  const client = { params: { client: 'app' } };
  const disabled = await manager.run('clients.disable', { ...client, body: { reason: 'abuse' } });
  assert.deepEqual([disabled.active, disabled.generation, disabled.stateReason], [false, 1, 'abuse']);
  const enabled = await manager.run('clients.enable', client);
  assert.deepEqual([enabled.active, enabled.generation], [true, 1]);
  assert.equal((await manager.run('clients.revokeTokens', client)).generation, 2);
  const { active, generation } = await inFeed(manager, 'client', enabled.id);
  assert.deepEqual([active, generation], [true, 2]);
});

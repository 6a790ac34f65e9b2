import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import type { Standing } from '#core/standing';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { deskOf } from '#test/support/token-stores';
import { startStandingPublisher } from './standing-publisher.ts';

async function memoryStore(t: TestContext): Promise<TokenStore> {
  const store = await openTokenStore('memory:', {
    clock: new HandClock(),
    logger: noLogger,
    retentionMs: 0,
    sweepIntervalMs: 0,
  });
  t.after(() => store[Symbol.asyncDispose]());
  return store;
}

/** Product, client, subscription and a secret, made through the operations. */
async function register(manager: TestManager) {
  await manager.run('products.create', { body: { displayName: 'Shop' } });
  const client = await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  await manager.run('subscriptions.create', { body: { client: 'mobile-shop', product: 'shop' } });
  const params = { subscription: 'mobile-shop-shop' };
  const { secret } = await manager.run('keys.create', { params });
  return { client, secret, params };
}

const states = (standings: readonly Standing[]) =>
  Object.fromEntries(standings.map(({ kind, generation, active, reason }) => [kind, [generation, active, reason]]));

test('every change of standing is in the token store when the change is answered', async (t) => {
  const store = await memoryStore(t);
  const manager = await openTestManager(t, [store]);
  const { params } = await register(manager);
  const before = states(await store.readStandings());
  assert.deepEqual(
    Object.entries(before)
      .map(([kind, standing]) => [kind, standing?.[1]])
      .sort(),
    [
      ['client', true],
      ['secret', true],
      ['subscription', true],
    ],
  );
  await manager.run('subscriptions.suspend', { params, body: { reason: 'late' } });
  const [generation = 0] = before.subscription ?? [];
  assert.deepEqual(states(await store.readStandings()).subscription, [generation, false, 'late']);
  await manager.run('subscriptions.resume', { params });
  await manager.run('subscriptions.revokeTokens', { params, body: { reason: 'leaked' } });
  assert.deepEqual(states(await store.readStandings()).subscription, [Number(generation) + 1, true, 'leaked']);
  const { epoch, seq } = await manager.run('status.get');
  assert.deepEqual(await store.readFeedMark(), { epoch, seq });
});

test('what is deleted is inactive for good', async (t) => {
  const store = await memoryStore(t);
  const manager = await openTestManager(t, [store]);
  const { params } = await register(manager);
  const before = states(await store.readStandings());
  await manager.run('subscriptions.delete', { params });
  const after = states(await store.readStandings());
  for (const kind of ['subscription', 'secret']) {
    assert.equal(after[kind]?.[1], false, kind);
    assert.ok(Number(after[kind]?.[0]) > Number(before[kind]?.[0]), kind);
  }
});

test('a store that is added later, or that comes from elsewhere, gets every standing', async (t) => {
  const manager = await openTestManager(t);
  await register(manager);
  const store = await memoryStore(t);
  await store.writeFeedMark({ epoch: 'fee_of_another_database', seq: 999 });
  const { epoch, seq } = await manager.run('status.get');
  await using publisher = startStandingPublisher({ db: manager.context.db, stores: deskOf(store), logger: noLogger });
  await publisher.publish(seq, 1000);
  assert.equal((await store.readStandings()).length, 3);
  assert.deepEqual(await store.readFeedMark(), { epoch, seq });
});

test('a store that is away holds up a change for a bounded time, and gets everything when it is back', async (t) => {
  const manager = await openTestManager(t);
  await register(manager);
  const store = await memoryStore(t);
  let isAway = true;
  const away: TokenStore = {
    ...store,
    writeStandings: (standings) =>
      isAway ? Promise.reject(new UnavailableError('away')) : store.writeStandings(standings),
  };
  const { seq } = await manager.run('status.get');
  await using publisher = startStandingPublisher({ db: manager.context.db, stores: deskOf(away), logger: noLogger });
  const startedAt = performance.now();
  await publisher.publish(seq, 200);
  assert.ok(performance.now() - startedAt < 1000);
  assert.ok(publisher.published < seq);
  isAway = false;
  await publisher.publish(seq, 5000);
  assert.equal(publisher.published, seq);
  assert.equal((await store.readStandings()).length, 3);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import type { TokenStore } from '#core/token-store';
import { createGuardedTokenStore } from './token-store.ts';

const NOW = 1_700_000_000_000;

/** An engine that answers or not, and counts what it was asked. */
function engine() {
  const state = { isAway: false, asked: 0 };
  const answer = async () => {
    state.asked += 1;
    if (state.isAway)
      throw new UnavailableError('cut off', { cause: new Error('connect ECONNREFUSED 127.0.0.1:6379') });
    return true;
  };
  const store = { kind: 'far', revokeAccess: answer, changesSince: answer, [Symbol.asyncDispose]: async () => {} };
  return { state, store: store as unknown as TokenStore };
}

async function guard(isRemote: boolean) {
  const clock = new HandClock(NOW);
  const { state, store } = engine();
  const open = async () => store;
  const options = { name: 'far', kind: 'far', isRemote, clock, metrics: noMetrics, logger: noLogger };
  const guarded = createGuardedTokenStore({ ...options, open });
  await guarded.firstTry;
  const ask = () => guarded.revokeAccess('h', { by: 'p', at: NOW, reason: undefined });
  return { clock, state, guarded, ask };
}

test('after five failures in a row nothing is asked, until one after the pause may try', async () => {
  const { clock, state, guarded, ask } = await guard(true);
  await using _ = guarded;
  assert.equal(await ask(), true);
  state.isAway = true;
  for (let i = 0; i < 8; i += 1) await assert.rejects(ask(), UnavailableError);
  assert.equal(state.asked, 1 + 5);
  assert.equal(guarded.isAnswering, false);
  assert.match(guarded.problem ?? '', /cut off/);
  clock.advance(500);
  const two = await Promise.allSettled([ask(), ask()]);
  assert.deepEqual([two.map(({ status }) => status), state.asked], [['rejected', 'rejected'], 7]);
  clock.advance(500);
  await assert.rejects(ask(), UnavailableError);
  assert.equal(state.asked, 7, 'the pause doubled');
  clock.advance(500);
  state.isAway = false;
  assert.equal(await ask(), true);
  assert.deepEqual([guarded.isAnswering, guarded.problem], [true, undefined]);
  assert.equal(await ask(), true);
});

test('the feed is read while everything else is refused, and does not end the pause', async () => {
  const { clock, state, guarded, ask } = await guard(true);
  await using _ = guarded;
  state.isAway = true;
  for (let i = 0; i < 5; i += 1) await assert.rejects(ask(), UnavailableError);
  state.isAway = false;
  await guarded.changesSince(undefined, 1);
  await assert.rejects(ask(), UnavailableError);
  assert.equal(guarded.isAnswering, false);
  clock.advance(500);
  await guarded.changesSince(undefined, 1);
  assert.equal(guarded.isAnswering, true);
  assert.equal(await ask(), true);
});

test('failures between which it answers open nothing', async () => {
  const { state, guarded, ask } = await guard(true);
  await using _ = guarded;
  for (let i = 0; i < 20; i += 1) {
    state.isAway = i % 5 !== 4;
    await ask().catch(() => {});
  }
  assert.equal(state.asked, 20);
});

test('an engine of this machine is asked whatever it said before', async () => {
  const { state, guarded, ask } = await guard(false);
  await using _ = guarded;
  state.isAway = true;
  for (let i = 0; i < 20; i += 1) await assert.rejects(ask(), UnavailableError);
  assert.equal(state.asked, 20);
});

test('an engine without warnings has none, and what is wrong is said with what is behind it', async () => {
  const { state, guarded, ask } = await guard(true);
  await using _ = guarded;
  assert.deepEqual(await guarded.warnings?.(), []);
  state.isAway = true;
  await assert.rejects(ask());
  assert.equal(guarded.problem, 'cut off: connect ECONNREFUSED 127.0.0.1:6379');
});

test('an engine that cannot be opened is tried again, and is there when it can', async () => {
  const { store } = engine();
  let tries = 0;
  const open = async () => {
    tries += 1;
    if (tries < 3) throw new UnavailableError('no route');
    return store;
  };
  const options = { name: 'far', kind: 'far', isRemote: true, metrics: noMetrics, logger: noLogger };
  await using guarded = createGuardedTokenStore({ ...options, open, clock: new HandClock(NOW) });
  await guarded.firstTry;
  const ask = () => guarded.revokeAccess('h', { by: 'p', at: NOW, reason: undefined });
  await assert.rejects(ask(), /no route/);
  while (tries < 3) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await ask(), true);
});

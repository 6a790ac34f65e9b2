import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import type { StoreChange } from '#core/token-store';
import { createMemoryTokenStore } from '#stores/memory/token-store';
import { sampleToken } from '#test/contract/sample-token';
import { createRevocationWatch } from './revocation-watch.ts';

function createWatched() {
  const clock = new HandClock();
  const store = createMemoryTokenStore({ retentionMs: 0, random: systemRandom });
  const seen: (StoreChange | 'flush')[] = [];
  const state = { isBroken: false, isLost: false };
  const watch = createRevocationWatch({
    store: {
      async changesSince(cursor, limit) {
        if (state.isBroken) throw new UnavailableError('gone');
        const page = await store.changesSince(cursor, limit);
        const { isLost } = state;
        state.isLost = false;
        return isLost ? { ...page, flush: true } : page;
      },
    },
    clock,
    logger: noLogger,
    onChange: (change) => void seen.push(change),
    intervalMs: 1,
  });
  return { clock, store, seen, state, watch };
}

test('tells each change of the store once and in order, and a lost place as flush', async () => {
  const { store, seen, state, watch } = createWatched();
  watch.start();
  await sleep(5);
  const token = sampleToken('a');
  await store.saveAccess(token);
  await store.revokeAccess(token.hash, { by: 'priya', at: 1, reason: undefined });
  while (seen.length === 0) await sleep(1);
  assert.deepEqual(seen, [{ kind: 'token', hash: token.hash }]);
  state.isLost = true;
  while (seen.length === 1) await sleep(1);
  watch.close();
  assert.equal(seen[1], 'flush');
});

test('reads at once when the store hints, also when the hint comes while it reads, and once for many hints', async () => {
  const reads: PromiseWithResolvers<void>[] = [];
  let hint = () => {};
  let isListening = true;
  const watch = createRevocationWatch({
    store: {
      async changesSince() {
        const read = Promise.withResolvers<void>();
        reads.push(read);
        await read.promise;
        return { cursor: 'c', flush: false, changes: [] };
      },
      listen(told) {
        hint = told;
        const end = async () => {
          isListening = false;
        };
        return { [Symbol.asyncDispose]: end };
      },
    },
    ...{ clock: new HandClock(), logger: noLogger, onChange: () => {}, intervalMs: 60_000 },
  });
  const readsAre = async (n: number) => {
    for (let waited = 0; reads.length < n && waited < 1000; waited += 1) await sleep(1);
    await sleep(20);
    assert.equal(reads.length, n);
  };
  watch.start();
  await readsAre(1);
  for (let i = 0; i < 5; i += 1) hint();
  await readsAre(1);
  reads[0]?.resolve();
  await readsAre(2);
  reads[1]?.resolve();
  await readsAre(2);
  for (let i = 0; i < 5; i += 1) hint();
  await readsAre(3);
  watch.close();
  assert.equal(isListening, false);
  reads[2]?.resolve();
  hint();
  await readsAre(3);
});

test('is stale only when neither channel was heard for more than 5 s', async () => {
  const { clock, state, watch } = createWatched();
  state.isBroken = true;
  watch.start();
  await sleep(3);
  clock.advance(5000);
  assert.equal(watch.staleForMs(), undefined);
  clock.advance(1);
  assert.equal(watch.staleForMs(), 5001);
  assert.equal(watch.lagSeconds(), 5.001);
  watch.heardFromManager();
  assert.equal(watch.staleForMs(), undefined);
  clock.advance(6000);
  state.isBroken = false;
  while (watch.staleForMs() !== undefined) await sleep(1);
  watch.close();
});

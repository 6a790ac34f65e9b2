import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { problemWords } from '#stores/problem-words';
import { NOW, RETENTION_MS, sampleToken } from '../contract/sample-token.ts';

/** Opens a store as the contract suite does. */
export const openRedisStore = (url: string, logger = noLogger) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

/** Why a store cannot be opened, in words. */
export async function problemOf(url: string): Promise<string> {
  const opened = await openRedisStore(url).catch((error: Error) => error);
  if (opened instanceof Error) {
    assert.equal(opened.name, 'UnavailableError');
    return problemWords(opened);
  }
  await opened[Symbol.asyncDispose]();
  throw new Error('It was opened.');
}

/** Saves until it is told to stop; what is refused is only counted. */
export function saveMeanwhile(store: TokenStore, callers = 8) {
  const acknowledged: string[] = [];
  const refusals: Error[] = [];
  let isOver = false;
  const load = Array.from({ length: callers }, async (_, caller) => {
    for (let n = 0; !isOver; n += 1) {
      const seed = `${caller}-${n}`;
      try {
        await store.saveAccess(sampleToken(seed));
        acknowledged.push(seed);
      } catch (error) {
        refusals.push(error as Error);
        await sleep(10);
      }
      await sleep(1);
    }
  });
  return {
    acknowledged,
    refusals,
    async end() {
      isOver = true;
      await Promise.all(load);
      assert.ok(refusals.every(({ name }) => name === 'UnavailableError'));
    },
    /** Waits until more was acknowledged than now. */
    async goesOn(more: number, limitMs: number) {
      const wanted = acknowledged.length + more;
      const begin = performance.now();
      while (acknowledged.length < wanted && performance.now() - begin < limitMs) await sleep(20);
      assert.ok(
        acknowledged.length >= wanted,
        `it did not go on: ${refusals.at(-1)?.message}, ${refusals.at(-1)?.cause}`,
      );
      return Math.round(performance.now() - begin);
    },
  };
}

/** How many of them are not there any more. */
export async function countLost(store: TokenStore, seeds: readonly string[]): Promise<number> {
  const found = await Promise.all(seeds.map(async (seed) => store.findAccess(sampleToken(seed).hash, NOW)));
  return found.filter(({ state }) => state !== 'live').length;
}

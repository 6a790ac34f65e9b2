import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenStore } from '#core/token-store';
import { NOW, sampleToken } from './sample-token.ts';

const LOOKED_AT_ONCE = 100;

/** How an engine is killed under load, and how long its recovery is waited for. */
export interface Killing {
  /** Load before it is killed. */
  readonly beforeMs: number;
  /** Pause of a caller that was refused. */
  readonly pauseMs: number;
  /** So many tokens more show that it is back. */
  readonly more: number;
  readonly limitMs: number;
  killAndStart(): Promise<void>;
}

/** Kills an engine while 32 callers save: what was acknowledged is there afterwards, and it goes on by itself. Gives the counts in words. */
export async function loseNothingWhenKilled(store: TokenStore, killing: Killing): Promise<string> {
  const { beforeMs, pauseMs, more, limitMs } = killing;
  const acknowledged: string[] = [];
  let isOver = false;
  let refused = 0;
  const load = Array.from({ length: 32 }, async (_, caller) => {
    for (let n = 0; !isOver; n += 1) {
      const seed = `${caller}-${n}`;
      try {
        await store.saveAccess(sampleToken(seed));
        acknowledged.push(seed);
      } catch (error) {
        assert.equal((error as Error).name, 'UnavailableError');
        refused += 1;
        await sleep(pauseMs);
      }
    }
  });
  await sleep(beforeMs);
  const before = acknowledged.length;
  await killing.killAndStart();
  const atRestart = acknowledged.length;
  for (let waited = 0; waited < limitMs && acknowledged.length < atRestart + more; waited += 25) await sleep(25);
  isOver = true;
  await Promise.all(load);
  assert.ok(before > 0 && refused > 0 && acknowledged.length >= atRestart + more);
  let lost = 0;
  for (let i = 0; i < acknowledged.length; i += LOOKED_AT_ONCE) {
    const seeds = acknowledged.slice(i, i + LOOKED_AT_ONCE);
    const states = await Promise.all(seeds.map(async (seed) => store.findAccess(sampleToken(seed).hash, NOW)));
    lost += states.filter(({ state }) => state !== 'live').length;
  }
  assert.equal(lost, 0, `lost ${lost} of ${acknowledged.length}`);
  return `acknowledged ${acknowledged.length}, refused ${refused}, lost ${lost}`;
}

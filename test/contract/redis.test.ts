import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { HandClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { systemRandom } from '#core/random';
import { openTokenStore } from '#stores/open';
import { openTokenStoreDesk } from '#stores/several/desk';
import { startRedis } from '../support/redis.ts';
import { testCopy } from './copy.ts';
import { testHints } from './hints.ts';
import { loseNothingWhenKilled } from './killed-engine.ts';
import { startRacers } from './racers.ts';
import { NOW, RETENTION_MS, sampleToken } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const redis = await startRedis();
after(() => redis[Symbol.asyncDispose]());
let prefixes = 0;
const newUrl = () => {
  prefixes += 1;
  return `${redis.url}?prefix=test-${prefixes}`;
};
const open = (url: string) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

testTokenStore('redis', () => open(newUrl()));
testCopy('redis', () => open(newUrl()));

/** Ends the connections that listen, and only those. */
async function cutListeners(): Promise<void> {
  const admin = new Redis({ host: '127.0.0.1', port: redis.port });
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  admin.disconnect();
}
const [sharedUrl, deskUrl] = [newUrl(), newUrl()];
testHints('redis', () => open(sharedUrl), cutListeners);
// As a gateway has it: behind a breaker, as one of several.
testHints('redis at the desk', async () =>
  openTokenStoreDesk({
    ...{ clock: new HandClock(NOW), random: systemRandom, logger: noLogger, metrics: noMetrics },
    ...{ configured: { kind: 'redis', place: deskUrl }, open: () => open(deskUrl) },
  }),
);

test('redis: of several processes exactly one gets what is given once, and what it got by a code or refresh token is dead', async () => {
  const url = newUrl();
  await using store = await open(url);
  await using racers = await startRacers(url);
  await racers.race(store, 30);
});

test('redis: SIGKILL of the engine under load loses no token that was acknowledged, and the store recovers by itself', async (t) => {
  await using store = await open(newUrl());
  const killing = { beforeMs: 500, pauseMs: 5, more: 500, limitMs: 5000, killAndStart: () => redis.killAndStart() };
  t.diagnostic(await loseNothingWhenKilled(store, killing));
});

test('redis: an engine that hangs is said to be unavailable within a bound, and is used again afterwards', async () => {
  await using store = await open(newUrl());
  const token = sampleToken('hung');
  await store.saveAccess(token);
  redis.process.kill('SIGSTOP');
  try {
    const begin = performance.now();
    await assert.rejects(async () => store.findAccess(token.hash, NOW), { name: 'UnavailableError' });
    assert.ok(performance.now() - begin < 5000);
  } finally {
    redis.process.kill('SIGCONT');
  }
  let state = '';
  for (let tries = 0; tries < 100 && state !== 'live'; tries += 1) {
    await sleep(50);
    state = await Promise.resolve(store.findAccess(token.hash, NOW)).then(
      (found) => found.state,
      () => '',
    );
  }
  assert.equal(state, 'live');
});

test('redis: a URL that is wrong is refused, without its password', async () => {
  for (const url of ['redis://', 'redis://:hush@a,b', 'redis://:hush@a/1?cluster=true', 'redis://:hush@a?nonsense=1']) {
    await assert.rejects(
      open(url),
      (error: Error) => error instanceof ConfigurationError && !/hush/.test(error.message),
    );
  }
});

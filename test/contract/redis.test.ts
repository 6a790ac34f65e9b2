import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HandClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { startRedis } from '../support/redis.ts';
import { testCopy } from './copy.ts';
import {
  grantedToken,
  NOW,
  RETENTION_MS,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleToken,
} from './sample-token.ts';
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

/** What a process of racing-child.ts says of a round. */
interface Raced {
  readonly code: string;
  readonly refresh: string;
  readonly isFirst: boolean;
  readonly isTaken: boolean;
}

test('redis: of several processes exactly one gets what is given once, and what it got by a code or refresh token is dead', async () => {
  const url = newUrl();
  await using store = await open(url);
  const children = ['one', 'two', 'three'].map((name) =>
    fork(path.join(import.meta.dirname, 'racing-child.ts'), [url, name]),
  );
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map((child) => once(child, 'message')));
  for (let round = 0; round < 30; round += 1) {
    const [codeGrant, refreshGrant] = [sampleGrant(`C${round}`), sampleGrant(`R${round}`)];
    const access = grantedToken(`access ${round}`, refreshGrant.id);
    await Promise.all([
      store.saveIssue({ grant: codeGrant, code: sampleCode(`code ${round}`, codeGrant.id) }),
      store.saveIssue({ grant: refreshGrant, refresh: sampleRefresh(`refresh ${round}`, refreshGrant.id), access }),
      store.saveTransient({ kind: 'par', id: `par ${round}`, value: '{}', expiresAt: NOW + 60_000 }),
    ]);
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send(round);
    const raced = (await Promise.all(answers)).map(([answer]) => answer as Raced);
    assert.deepEqual(raced.map(({ code }) => code).sort(), ['consumed', 'replayed', 'replayed']);
    assert.deepEqual(raced.map(({ refresh }) => refresh).sort(), ['replayed', 'replayed', 'rotated']);
    assert.equal(raced.filter(({ isFirst }) => isFirst).length, 1);
    assert.equal(raced.filter(({ isTaken }) => isTaken).length, 1);
    assert.equal((await store.findAccess(access.hash, NOW + 2)).state, 'revoked');
  }
  for (const child of children) child.send('close');
  await Promise.all(ended);
});

test('redis: SIGKILL of the engine under load loses no token that was acknowledged, and the store recovers by itself', async (t) => {
  await using store = await open(newUrl());
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
        await sleep(5);
      }
    }
  });
  await sleep(500);
  const before = acknowledged.length;
  await redis.killAndStart();
  const atRestart = acknowledged.length;
  for (let tries = 0; tries < 200 && acknowledged.length < atRestart + 500; tries += 1) await sleep(25);
  isOver = true;
  await Promise.all(load);
  assert.ok(before > 0 && refused > 0 && acknowledged.length >= atRestart + 500);
  let lost = 0;
  for (const seed of acknowledged)
    if ((await store.findAccess(sampleToken(seed).hash, NOW)).state !== 'live') lost += 1;
  t.diagnostic(`acknowledged ${acknowledged.length}, refused ${refused}, lost ${lost}`);
  assert.equal(lost, 0);
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

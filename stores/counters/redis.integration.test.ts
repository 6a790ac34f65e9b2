import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '#core/clock';
import type { CounterRule } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { startRedis } from '#test/support/redis';
import { openRedisCounters } from './redis.ts';

const run = promisify(execFile);
const open = (url: string) => openRedisCounters(url, { clock: systemClock, logger: noLogger, metrics: noMetrics });

interface Counted {
  readonly allowed: number;
  readonly refused: number;
  readonly away: number;
  readonly longestMs: number;
}

async function takeFrom(url: string, calls: number, rule: CounterRule): Promise<Counted> {
  const script = path.join(import.meta.dirname, '../../test/support/taking-child.ts');
  const { stdout } = await run(process.execPath, [script, url, String(calls), '32', JSON.stringify(rule)]);
  return JSON.parse(stdout) as Counted;
}

test('8 processes, 100 000 calls of weights 1 to 3: exactly what is allowed', { timeout: 120_000 }, async () => {
  await using redis = await startRedis();
  const rule = { kind: 'window', allow: 100_000, endsAt: systemClock.now() + 600_000 } as const;
  const all = await Promise.all(Array.from({ length: 8 }, () => takeFrom(redis.url, 12_500, rule)));
  const sum = (of: (one: Counted) => number) => all.reduce((total, one) => total + of(one), 0);
  assert.equal(
    sum(({ away }) => away),
    0,
  );
  assert.equal(
    sum(({ allowed }) => allowed),
    100_000,
  );
  assert.ok(sum(({ refused }) => refused) > 10_000);
});

test('rolling: full again after the interval, and never more within it', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  await using counters = await open(redis.url);
  const rule = { kind: 'rolling', allow: 20, intervalMs: 1200 } as const;
  const taken: number[] = [];
  const until = systemClock.monotonic() + 4000;
  while (systemClock.monotonic() < until) {
    const before = systemClock.monotonic();
    const { isAllowed, retryAfterMs, remaining } = await counters.take({
      counter: 'r',
      identifier: 'a',
      rule,
      weight: 2,
    });
    if (isAllowed) {
      taken.push(before);
      // what was let through is taken to be early, what is compared late: the network lies between
      assert.ok(taken.filter((at) => systemClock.monotonic() - at < 1100).length <= 10);
    } else {
      assert.equal(remaining, 0);
      assert.ok(retryAfterMs > 0 && retryAfterMs <= 1300, String(retryAfterMs));
      await sleep(retryAfterMs + 5);
      const again = await counters.take({ counter: 'r', identifier: 'a', rule, weight: 2 });
      assert.equal(again.isAllowed, true, `after ${retryAfterMs} ms`);
      taken.push(systemClock.monotonic());
    }
    await sleep(3);
  }
  assert.ok(taken.length >= 30, String(taken.length));
});

test('what is given back can be taken again, and no more than was taken', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  await using counters = await open(redis.url);
  const window = { kind: 'window', allow: 2, endsAt: systemClock.now() + 60_000 } as const;
  for (const rule of [window, { kind: 'rolling', allow: 2, intervalMs: 60_000 }] as const) {
    const take = { counter: rule.kind, identifier: 'a', rule, weight: 1 };
    const takes = async (n: number) => {
      const answers = [];
      for (let i = 0; i < n; i += 1) answers.push((await counters.take(take)).isAllowed);
      return answers;
    };
    counters.giveBack(take);
    assert.deepEqual(await takes(3), [true, true, false], rule.kind);
    counters.giveBack(take);
    assert.deepEqual(await takes(2), [true, false], rule.kind);
    for (let i = 0; i < 5; i += 1) counters.giveBack(take);
    assert.deepEqual(await takes(3), [true, true, false], rule.kind);
  }
});

test('a rate: smoothed, with its burst', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  await using counters = await open(redis.url);
  const rule = { kind: 'rate', everyMs: 50, burst: 3 } as const;
  const take = () => counters.take({ counter: 's', identifier: 'a', rule, weight: 1 });
  const first = await Promise.all([take(), take(), take(), take()]);
  assert.deepEqual(
    first.map(({ isAllowed }) => isAllowed),
    [true, true, true, false],
  );
  assert.ok((first[3]?.retryAfterMs ?? 0) > 0 && (first[3]?.retryAfterMs ?? 99) <= 50);
  const beganAt = systemClock.monotonic();
  let taken = 0;
  while (systemClock.monotonic() - beganAt < 1000) {
    if ((await take()).isAllowed) taken += 1;
    await sleep(2);
  }
  assert.ok(taken >= 17 && taken <= 21, `${taken} in a second`);
});

test('keys go by themselves, and hold no more than a counter needs', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  await using counters = await open(`${redis.url}?prefix=shop`);
  await counters.take({
    counter: 'w',
    identifier: 'a',
    rule: { kind: 'window', allow: 5, endsAt: systemClock.now() + 200 },
    weight: 1,
  });
  await counters.take({
    counter: 'r',
    identifier: 'a',
    rule: { kind: 'rolling', allow: 5, intervalMs: 200 },
    weight: 1,
  });
  await counters.take({ counter: 's', identifier: 'a', rule: { kind: 'rate', everyMs: 10, burst: 1 }, weight: 1 });
  const { Redis } = await import('ioredis');
  const client = new Redis(redis.url);
  try {
    assert.deepEqual((await client.keys('*')).sort(), ['shop:counter:r:a', 'shop:counter:s:a', 'shop:counter:w:a']);
    await sleep(1600);
    assert.deepEqual(await client.keys('*'), []);
  } finally {
    client.disconnect();
  }
});

test('Redis that is killed or hangs: refused in bounded time, and counted again once it is back', {
  timeout: 60_000,
}, async () => {
  await using redis = await startRedis();
  await using counters = await open(redis.url);
  const rule = { kind: 'window', allow: 1_000_000, endsAt: systemClock.now() + 600_000 } as const;
  const take = () => counters.take({ counter: 'k', identifier: 'a', rule, weight: 1 });
  const first = await take();
  await redis.kill('SIGKILL');
  const longest = { ms: 0 };
  const timed = async () => {
    const startedAt = systemClock.monotonic();
    await assert.rejects(async () => take(), UnavailableError);
    longest.ms = Math.max(longest.ms, systemClock.monotonic() - startedAt);
  };
  for (let i = 0; i < 50; i += 1) await timed();
  assert.ok(longest.ms < 1500, `${longest.ms} ms`);
  await redis.killAndStart();
  const restarted = systemClock.monotonic();
  let answer: Awaited<ReturnType<typeof take>> | undefined;
  while (answer === undefined && systemClock.monotonic() - restarted < 5000) {
    answer = await Promise.resolve(take()).catch(() => undefined);
    await sleep(20);
  }
  assert.equal(answer?.remaining, first.remaining - 1); // it kept its counts, and nothing of what was refused was counted
  redis.process.kill('SIGSTOP');
  longest.ms = 0;
  const hungAt = systemClock.monotonic();
  for (let i = 0; i < 200; i += 1) await timed();
  assert.ok(longest.ms < 1500, `${longest.ms} ms`);
  assert.ok(systemClock.monotonic() - hungAt < 4000, 'most do not wait');
  redis.process.kill('SIGCONT');
  const awake = systemClock.monotonic();
  let back: unknown;
  while (back === undefined && systemClock.monotonic() - awake < 5000) {
    back = await Promise.resolve(take()).catch(() => undefined);
    await sleep(20);
  }
  assert.notEqual(back, undefined);
});

test('it opens while Redis is not there', async () => {
  await using counters = await open('redis://127.0.0.1:1');
  await assert.rejects(
    async () =>
      counters.take({ counter: 'c', identifier: 'i', rule: { kind: 'rate', everyMs: 1, burst: 1 }, weight: 1 }),
    UnavailableError,
  );
});

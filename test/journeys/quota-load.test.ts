import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addPolicy } from '../support/add-policy.ts';
import { sendPipelined } from '../support/pipelined-load.ts';
import { startRedis } from '../support/redis.ts';
import { startSystem } from '../support/system.ts';

// What a quota promises under load (docs/quota.md): 8 workers, and twice as many calls as are allowed, as fast as they go. Counters on Redis take
// 100 000 calls of 8 processes in stores/counters/redis.integration.test.ts.

interface Load {
  readonly env: NodeJS.ProcessEnv;
  readonly allowed: number;
}

/** Sends so many calls; gives how many were let through. */
type Send = (calls: number) => Promise<number>;

async function underLoad({ env, allowed }: Load, check: (send: Send) => Promise<void>): Promise<void> {
  await using system = await startSystem({ workers: 8, env });
  const project = { displayName: 'Busy', kind: 'http', contextPath: '/busy', targetUrl: 'echo:' };
  await system.must('POST', '/projects', project);
  const settings = [`allow=${allowed}`, 'timeUnit=month', 'countBy=everybody', 'whenUnavailable=refuse'];
  await addPolicy(system, 'busy', 'quota', ...settings);
  await check(async (calls) => {
    const counts = await sendPipelined(new URL(`${system.gateway}/busy/1`), { calls, connections: 64 });
    const { 200: through = 0, 429: refused = 0 } = counts;
    assert.equal(through + refused, calls, JSON.stringify(counts));
    return through;
  });
}

const rateOf = (calls: number, beganAt: number) => Math.round(calls / ((performance.now() - beganAt) / 1000));

test('embedded: never more than allowed, at most a hundredth too early, and that comes back', {
  timeout: 240_000,
}, async (t) => {
  const allowed = 50_000;
  await underLoad({ env: {}, allowed }, async (send) => {
    const beganAt = performance.now();
    const first = await send(100_000);
    t.diagnostic(`${first} of ${allowed} let through, ${rateOf(100_000, beganAt)} calls/s`);
    assert.ok(first <= allowed && first >= allowed * 0.99, String(first));
    await sleep(1000);
    let all = first;
    for (let i = 0; i < 20 && all < allowed; i += 1) all += await send(Math.min(allowed - all, 1000));
    assert.equal(all, allowed);
    assert.equal(await send(100), 0);
  });
});

test('Redis: exactly what is allowed', { timeout: 240_000 }, async (t) => {
  await using redis = await startRedis();
  const env = { GATEWRIGHT_COUNTER_STORE_URL: redis.url };
  await underLoad({ env, allowed: 10_000 }, async (send) => {
    const beganAt = performance.now();
    assert.equal(await send(20_000), 10_000);
    t.diagnostic(`${rateOf(20_000, beganAt)} calls/s`);
  });
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addPolicy } from '../support/add-policy.ts';
import { startLoneGateway } from '../support/lone-gateway.ts';
import { findVictims } from '../support/processes.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { startRedis } from '../support/redis.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// Quota and Spike Arrest in the whole program: set by the command line, over several workers, over restarts, with Redis and without it.

let system: System;
let made: Quickstart;

before(async () => {
  system = await startSystem({ workers: 2 });
  made = await quickstart(system, 'echo:');
});
after(() => system[Symbol.asyncDispose]());

async function statuses(n: number, call: () => Promise<Response>): Promise<Record<number, number>> {
  const found: Record<number, number> = {};
  for (let i = 0; i < n; i += 1) {
    const { status } = await call();
    found[status] = (found[status] ?? 0) + 1;
  }
  return found;
}

test('the plan of a product holds for a subscription over its APIs, is told, explained and changed at once', async () => {
  await system.run(0, 'product', 'set', 'shop', 'plan=5/day');
  await addPolicy(system, 'orders-api', 'quota', 'usePlan=true', 'allow=1');
  const { tokenUrl, apiUrl, consumerKey, consumerSecret } = made;
  const token = await getToken(tokenUrl, consumerKey, consumerSecret);
  const call = () => fetch(`${apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  const first = await call();
  assert.deepEqual([first.status, first.headers.get('ratelimit-policy')], [200, '"quota";q=5;w=86400']);
  assert.match(first.headers.get('ratelimit') ?? '', /^"quota";r=4;t=\d+$/);
  assert.deepEqual(await statuses(6, call), { 200: 4, 429: 2 });
  const refused = await call();
  const body = (await refused.json()) as { code: string };
  assert.deepEqual([refused.status, body.code], [429, 'quota_exceeded']);
  assert.match(refused.headers.get('ratelimit') ?? '', /^"quota";r=0;t=\d+$/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  const id = refused.headers.get('x-request-id') ?? '';
  const why = await eventually('the record', async () => {
    const answer = await system.api<{ code?: string; sentence: string }>('GET', `/requests/${id}/why`);
    return answer.status === 200 ? answer.body : undefined;
  });
  assert.equal(why.code, 'quota_exceeded');
  assert.match(why.sentence, /The plan of the caller's product allows 5 in 1 d; Mobile shop has 0 left/);
  await system.run(0, 'product', 'set', 'shop', 'plan.allow=7');
  await eventually('the new plan', async () => ((await call()).status === 200 ? true : undefined));
  assert.deepEqual(await statuses(3, call), { 200: 1, 429: 2 });
});

test('counts outlive the workers and the gateway, however it ends', { timeout: 90_000 }, async () => {
  await addPolicy(system, 'open-api', 'quota', 'allow=1000', 'timeUnit=month', 'countBy=everybody');
  const call = () => fetch(`${made.plainUrl}/1`).catch(() => new Response(undefined, { status: 502 }));
  const remaining = async () => Number(/r=(\d+)/.exec((await call()).headers.get('ratelimit') ?? '')?.[1]);
  assert.deepEqual(await statuses(100, call), { 200: 100 });
  for (const victim of ['worker', 'gateway'] as const) {
    const before = await eventually('an answer', async () => (await remaining()) || undefined);
    for (const pid of findVictims(system.process.pid ?? 0, victim)) process.kill(pid, 'SIGKILL');
    await sleep(300);
    const after = await eventually('it serves again', async () => (await remaining()) || undefined, 20_000);
    // what the killed workers held is lost: a slice of five each; the other calls of `eventually` count
    assert.ok(after < before && after >= before - 40, `${victim}: ${before}, then ${after}`);
  }
});

test('Spike Arrest smooths over all workers', async () => {
  await system.must('POST', '/projects', {
    ...{ displayName: 'Spiky', kind: 'http', contextPath: '/spiky', targetUrl: 'echo:' },
  });
  await addPolicy(system, 'spiky', 'spike-arrest', 'rate=20', 'per=second', 'burst=1');
  const call = () => fetch(`${system.gateway}/spiky/1`, { headers: { connection: 'close' } });
  const beganAt = performance.now();
  let through = 0;
  while (performance.now() - beganAt < 2000) {
    const found = await statuses(5, call);
    through += found[200] ?? 0;
  }
  const most = 1 + (performance.now() - beganAt) / 50;
  assert.ok(through <= most && through >= 25, `${through}, at most ${most}`);
  const refused = await eventually('a refusal', async () => {
    const answer = await call();
    return answer.status === 429 ? answer : undefined;
  });
  assert.equal(((await refused.json()) as { code: string }).code, 'spike_arrested');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.match(refused.headers.get('ratelimit') ?? '', /^"spike-arrest";r=0;t=1$/);
});

test('on Redis: two gateways count as one; while it is away calls go on or are refused as it is set', {
  timeout: 120_000,
}, async () => {
  await using redis = await startRedis();
  const env = { GATEWRIGHT_COUNTER_STORE_URL: redis.url };
  await using place = await startSystem({ workers: 2, env });
  const { plainUrl } = await quickstart(place, 'echo:');
  await addPolicy(place, 'open-api', 'quota', 'allow=20', 'timeUnit=day', 'countBy=everybody');
  await using second = await startLoneGateway(place.dataDir, env, ['--name', 'second']);
  const urls = [plainUrl, plainUrl.replace(place.gateway, second.address)];
  let calls = 0;
  const call = () => {
    calls += 1;
    return fetch(`${urls[calls % 2]}/1`);
  };
  assert.deepEqual(await statuses(30, call), { 200: 20, 429: 10 });
  await redis.kill('SIGKILL');
  const beganAt = performance.now();
  assert.deepEqual(await statuses(30, call), { 200: 30 }); // uncounted
  assert.ok(performance.now() - beganAt < 5000);
  await place.run(0, 'policy', 'set', 'open-api/quota', 'whenUnavailable=refuse');
  await deployAndWait(place, 'open-api');
  const refused = await call();
  const body = (await refused.json()) as { code: string };
  assert.deepEqual([refused.status, body.code, refused.headers.get('retry-after')], [503, 'counters_unavailable', '1']);
  await redis.killAndStart();
  await eventually('it is counted again', async () => ((await call()).status === 429 ? true : undefined), 15_000);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addLatency, latencyBucket } from '#core/latency-histogram';
import type { ExchangeCount } from '#core/model/exchange-count';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { effectOfDeployments } from './deployment-effect.ts';
import { streamTraffic } from './live.ts';
import { findNotices } from './notices.ts';
import { createStreamLimit } from './stream-limit.ts';
import { countsOfSecrets, requestsPerMinute, traffic30m, trafficOfClients, trafficOfProjects } from './traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Sent {
  readonly counts?: readonly Partial<ExchangeCount>[];
  readonly records?: readonly Partial<ExchangeRecord>[];
  readonly secretsUsed?: GatewayReport['secretsUsed'];
  readonly serverGroup?: string;
}

let batches = 0;

async function send({ context, clock }: TestManager, sent: Sent): Promise<void> {
  const { serverGroup = 'local' } = sent;
  const at = clock.now();
  batches += 1;
  const report: GatewayReport = {
    ...{ gatewayId: 'gtw_1', name: 'local-1', serverGroup, address: 'http://127.0.0.1:8000', workers: 2 },
    ...{ softwareVersion: '0.1.0', startedAt: at, epoch: '', seq: 0, state: 'ready', batchId: `bat_${batches}` },
    ...{ refused: [], dropped: [], secretsUsed: sent.secretsUsed ?? [] },
    counts: (sent.counts ?? []).map((one) => ({
      ...{ at: at - (at % 5000), project: 'orders-api', version: 1, status: 200, code: '', clientId: '', count: 1 },
      ...{ took: [], added: [], ...one },
    })),
    records: (sent.records ?? []).map((one, i) => ({
      ...{ id: `req_${batches}_${i}`, at, gatewayId: 'gtw_1', gateway: 'local-1', serverGroup, method: 'GET' },
      ...{ host: 'api.test', path: '/orders/1', queryNames: [], remoteAddress: '127.0.0.1', status: 200, tookMs: 1 },
      ...{ requestBytes: 0, responseBytes: 0, policies: [], project: 'orders-api', version: 1, ...one },
    })),
  };
  const taken = await context.services.exchanges.takeReport(JSON.stringify(report), at);
  assert.ok(taken.ok && taken.failure === undefined, JSON.stringify(taken));
}

async function withDeployment(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  const project = { kind: 'http', displayName: 'Orders API', contextPath: '/orders', targetUrl: 'echo:' };
  await manager.run('projects.create', { body: project });
  await deploy(manager);
  return manager;
}

async function deploy(manager: TestManager): Promise<void> {
  await manager.run('deployments.create', { body: { project: 'orders-api', serverGroup: 'local' } });
}

async function change(manager: TestManager): Promise<void> {
  const params = { project: 'orders-api', target: 'default' };
  const { timeoutMs } = await manager.run('targets.get', { params });
  await manager.run('targets.update', { params, body: { timeoutMs: timeoutMs + 1000 } });
}

/** So many buckets of 5 s, each with 100 requests of which so many are 502. */
async function pass(manager: TestManager, n: number, version: number, serverErrors = 0): Promise<void> {
  for (let i = 0; i < n; i += 1) {
    manager.clock.advance(5000);
    await send(manager, {
      counts: [
        { version, count: 100 - serverErrors },
        { version, count: serverErrors, status: 502, code: 'target_refused' },
      ].filter(({ count }) => count > 0),
    });
  }
}

test('a deployment after which 5xx rise is told within 15 s, with when it began, and no longer once it is rolled back', async (t) => {
  const manager = await withDeployment(t);
  const { context, clock } = manager;
  const notices = () => findNotices(context, { now: clock.now() });
  await pass(manager, 30, 1);
  assert.deepEqual(await notices(), []);
  await change(manager);
  await deploy(manager);
  const deployedAt = clock.now();
  clock.advance(4200);
  await send(manager, {
    records: [{ version: 2, status: 502, code: 'target_refused' }],
    counts: [{ version: 2, status: 502, code: 'target_refused' }],
  });
  await pass(manager, 2, 2, 48);
  const [notice, ...others] = await notices();
  assert.deepEqual(others, []);
  assert.match(
    notice?.sentence ?? '',
    /^5xx went from 0% to 48% at \d\d:\d\d UTC\. It began 4 s after Orders API v2 was deployed\.$/,
  );
  assert.deepEqual(
    [notice?.project, notice?.serverGroup, notice?.version, notice?.previousVersion, notice?.since],
    ['orders-api', 'local', 2, 1, deployedAt + 4200],
  );
  const monitor = await manager.run('metrics.monitor', { query: { project: 'orders-api', serverGroup: 'local' } });
  assert.deepEqual(monitor.notices, [notice]);
  const [first] = (await manager.run('status.get')).attention;
  assert.deepEqual(first, {
    text: notice?.sentence,
    command: 'gatewright rollback orders-api --on local',
    link: '/monitor?serverGroup=local&project=orders-api',
  });
  assert.equal((await manager.run('metrics.monitor', { query: { serverGroup: 'other' } })).notices.length, 0);
  await manager.run('deployments.rollback', { body: { project: 'orders-api', serverGroup: 'local' } });
  await pass(manager, 1, 1);
  assert.deepEqual(await notices(), []);
});

test('a notice ends by itself when the target is well again', async (t) => {
  const manager = await withDeployment(t);
  await pass(manager, 10, 1);
  await change(manager);
  await deploy(manager);
  await pass(manager, 3, 2, 60);
  const notices = () => findNotices(manager.context, { now: manager.clock.now() });
  assert.equal((await notices()).length, 1);
  await pass(manager, 4, 2);
  assert.equal((await notices()).length, 0);
});

test('the Monitor shows totals, the stretch before, series, statuses, reasons, clients by name and deployments', async (t) => {
  const manager = await withDeployment(t);
  const { clock } = manager;
  const { id } = await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  clock.advance(5000 - (clock.now() % 5000));
  const took: number[] = [];
  for (let ms = 1; ms <= 100; ms += 1) addLatency(took, latencyBucket(ms));
  const added: number[] = [];
  for (let i = 0; i < 100; i += 1) addLatency(added, latencyBucket(0.5));
  await send(manager, {
    counts: [
      { clientId: id, count: 100, took, added },
      { clientId: 'cli_gone', count: 4, status: 401, code: 'token_expired' },
      { count: 2, status: 502, code: 'target_refused' },
      { project: '', version: 0, count: 3, status: 404, code: 'route_unknown' },
      { at: clock.now() - (clock.now() % 5000) - 40 * MINUTE, count: 7 },
    ],
  });
  const shown = await manager.run('metrics.monitor');
  assert.deepEqual([shown.stepMs, shown.to - shown.from], [15_000, 30 * MINUTE]);
  const { requests, clientErrors, serverErrors, p50, p95, p99, gatewayP95 } = shown.totals;
  assert.deepEqual([requests, clientErrors, serverErrors], [109, 7, 2]);
  for (const [found, wanted] of [
    [p50, 50],
    [p95, 95],
    [p99, 99],
    [gatewayP95, 0.5],
  ] as const)
    assert.ok(Math.abs(found - wanted) <= wanted * 0.1, `${found} for ${wanted}`);
  assert.deepEqual(shown.before, { requests: 7, failed: 0, serverErrors: 0 });
  assert.equal(shown.series.length, 120);
  const last = shown.series.findLast(({ ok }: { ok: number }) => ok > 0);
  assert.deepEqual([last.ok, last.clientError, last.serverError, last.p95], [100, 7, 2, p95]);
  assert.deepEqual(shown.statuses[0], { status: 200, requests: 100 });
  assert.deepEqual(shown.reasons[0], { code: 'token_expired', title: 'The access token expired.', requests: 4 });
  const clients = shown.topClients.map(
    (one: { displayName: string; name?: string; requests: number; failed: number }) => [
      ...[one.displayName, one.name, one.requests, one.failed],
    ],
  );
  assert.deepEqual(clients, [
    ['Mobile shop', 'mobile-shop', 100, 0],
    ['Not known', undefined, 5, 5],
    ['Deleted client', undefined, 4, 4],
  ]);
  assert.deepEqual(
    shown.deployments.map(({ project, version, kind }: Record<string, unknown>) => [project, version, kind]),
    [['orders-api', 1, 'deploy']],
  );
  const other = await manager.run('metrics.monitor', { query: { project: 'nothing' } });
  assert.deepEqual([other.totals.requests, other.deployments.length], [0, 0]);
  await assert.rejects(manager.run('metrics.monitor', { query: { from: '10', to: '5' } }), /before the end/);
});

test('what other screens ask for is answered with one question', async (t) => {
  const manager = await withDeployment(t);
  const { context, clock } = manager;
  await pass(manager, 6, 1, 10);
  await send(manager, {
    counts: [{ project: 'shop-api', clientId: 'cli_1', count: 5 }],
    secretsUsed: [{ secretId: 'sec_1', at: clock.now(), address: '10.0.0.1', uses: 3 }],
  });
  const traffic = await trafficOfProjects(context, ['orders-api', 'shop-api', 'none'], clock.now() - 24 * HOUR);
  assert.deepEqual(
    [...(traffic ?? [])],
    [
      ['orders-api', { requests: 600, failed: 60 }],
      ['shop-api', { requests: 5, failed: 0 }],
    ],
  );
  const perMinute = await requestsPerMinute(context, ['orders-api']);
  assert.equal(perMinute?.get('orders-api')?.get('local'), 600);
  assert.deepEqual(
    [...((await trafficOfClients(context, ['cli_1', 'cli_2'], clock.now() - MINUTE)) ?? [])],
    [['cli_1', { requests: 5, failed: 0 }]],
  );
  assert.deepEqual([...((await countsOfSecrets(context, ['sec_1', 'sec_2'])) ?? [])], [['sec_1', 3]]);
  const now = await traffic30m(context);
  assert.deepEqual([now?.perMinute, now?.series.length, now?.failedShare], [605, 60, 60 / 605]);
});

test('a deployment shows 15 minutes before and after it, split by version in the bucket in which it lies', async (t) => {
  const manager = await withDeployment(t);
  const { context, clock } = manager;
  clock.advance(5000 - (clock.now() % 5000));
  const place = { project: 'orders-api', serverGroup: 'local', version: 2 };
  await send(manager, {
    counts: [
      { version: 1, count: 30 },
      { version: 2, count: 8, status: 500, code: 'policy_error' },
    ],
  });
  const createdAt = clock.now() + 2000;
  await pass(manager, 2, 2, 50);
  clock.advance(20 * MINUTE);
  await pass(manager, 1, 2);
  const old = { ...place, id: 'dep_old', createdAt: clock.now() - 5 * 24 * HOUR };
  const effects = await effectOfDeployments(context, [{ ...place, id: 'dep_1', createdAt }, old]);
  assert.deepEqual(effects.get('dep_1'), {
    before: { requests: 30, failed: 0 },
    after: { requests: 208, failed: 108 },
  });
  assert.equal(effects.get('dep_old'), undefined, 'of so long ago only hours are kept');
});

test('the live stream says at once what is, then what arrives, and ends with the manager', async (t) => {
  const manager = await withDeployment(t);
  const { context } = manager;
  const stream = streamTraffic(context, {}, { principal: undefined, signal: new AbortController().signal });
  const next = async () => JSON.parse(/data: (.*)\n/.exec(String((await stream.next()).value))?.[1] ?? '');
  const first = await next();
  assert.deepEqual([first.recorded, first.points.length, first.stepMs], [0, 4, 5000]);
  const startedAt = performance.now();
  const second = next();
  await send(manager, { counts: [{ count: 9 }], records: [{}] });
  const news = await second;
  assert.ok(performance.now() - startedAt < 3000, 'it does not wait for the heartbeat');
  assert.deepEqual([news.recorded, news.points.at(-1).ok, news.newestAt], [1, 9, manager.clock.now()]);
  context.services.endStreams();
  assert.equal((await stream.next()).done, true);
});

test('a live stream ends when its key does', async (t) => {
  const manager = await openTestManager(t);
  const key = { name: 'ci', via: 'api', grants: [{ role: 'viewer' }], keyId: 'key_gone' } as const;
  const stream = streamTraffic(manager.context, {}, { principal: key, signal: new AbortController().signal });
  assert.match(String((await stream.next()).value), /^event: ended/);
  assert.equal((await stream.next()).done, true);
});

test('each principal has so many streams at a time, and one that ends makes room', async () => {
  const limit = createStreamLimit(2);
  const signal = new AbortController().signal;
  const stream = async function* () {
    yield 'x';
  };
  const first = limit.hold('ann', stream(), signal);
  const leaving = new AbortController();
  limit.hold('ann', stream(), leaving.signal);
  assert.throws(() => limit.hold('ann', stream(), signal), /2 live streams are open/);
  limit.hold('bob', stream(), signal);
  leaving.abort();
  limit.hold('ann', stream(), signal);
  assert.throws(() => limit.hold('ann', stream(), signal));
  for await (const _ of first);
  limit.hold('ann', stream(), signal);
});

test('a week of busy traffic is answered within 200 ms', async (t) => {
  const manager = await withDeployment(t);
  const { clock } = manager;
  const now = clock.now();
  for (let hour = 0; hour < 168; hour += 1)
    await send(manager, {
      counts: Array.from({ length: 150 }, (_, i) => ({
        ...{ at: now - (now % 5000) - hour * HOUR, project: `project-${i % 40}`, clientId: `cli_${i}` },
        ...{ status: i % 5 === 0 ? 401 : 200, code: i % 5 === 0 ? 'token_expired' : '', count: 50 },
        ...{ took: [40 + (i % 30), 50], added: [10, 50] },
      })),
    });
  // with the hour that has begun
  const query = { from: String(now - 168 * HOUR), to: String(now) };
  await manager.run('metrics.monitor', { query });
  const startedAt = performance.now();
  const { totals } = await manager.run('metrics.monitor', { query });
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 200, `took ${Math.round(tookMs)} ms`);
  assert.equal(totals.requests, 168 * 150 * 50);
});

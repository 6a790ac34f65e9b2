import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { addLatency, addPairs, emptyLatencies, latencyBucket, mergePairs, percentile } from '#core/latency-histogram';
import type { ExchangeCount } from '#core/model/exchange-count';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { countSteps, evenBuckets } from './count-steps.ts';
import { openCountTables } from './count-tables.ts';
import { createCountWriter } from './count-writer.ts';
import { type ExchangeStore, openExchangeStore } from './exchange-store.ts';
import { addBlob, latencyBlob } from './latency-blob.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(1_700_000_000_000 / HOUR) * HOUR + 20 * 60_000;
const keepAll = { maxAgeMs: 7 * 24 * HOUR, limitBytes: 2 ** 31 };

function openStore(t: TestContext, retention = keepAll): ExchangeStore {
  const store = openExchangeStore(tempFile(t), retention, () => 0);
  t.after(() => store.close());
  return store;
}

function tempFile(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-counts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'exchanges.db');
}

function counted(rest: Partial<ExchangeCount> = {}): ExchangeCount {
  return {
    ...{
      at: NOW - (NOW % 5000),
      project: 'orders-api',
      version: 1,
      status: 200,
      code: '',
      clientId: 'cli_1',
      count: 1,
    },
    ...{ took: [], added: [], ...rest },
  };
}

let batches = 0;
function write(
  store: ExchangeStore,
  counts: readonly ExchangeCount[],
  serverGroup = 'local',
  batchId?: string,
): boolean {
  batches += 1;
  const rest = { records: [], dropped: [], secretsUsed: [] };
  return store.write(
    { gatewayId: 'g', serverGroup, batchId: batchId ?? `b${batches}`, counts: [...counts], ...rest },
    NOW,
  );
}

const arbitraryCount: fc.Arbitrary<ExchangeCount> = fc.record({
  at: fc.integer({ min: 0, max: 23 }).map((n) => NOW - (NOW % 5000) - n * 295_000),
  project: fc.constantFrom('', 'orders-api', 'shop-api'),
  version: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom(200, 404, 401, 502),
  code: fc.constantFrom('', 'token_expired'),
  clientId: fc.constantFrom('', 'cli_1', 'cli_2', 'cli_3'),
  count: fc.integer({ min: 1, max: 9 }),
  took: fc.double({ min: 0.1, max: 1e5, noNaN: true }).map((ms) => [latencyBucket(ms), 1]),
  added: fc.constant([3, 1]),
});

test('every width of buckets tells the same total, whatever is asked for', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(arbitraryCount, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      (parts) => {
        const store = openStore(t);
        for (const part of parts) write(store, part);
        const counts = parts.flat();
        const sum = (isWanted: (one: ExchangeCount) => boolean) =>
          counts.filter(isWanted).reduce((total, { count }) => total + count, 0);
        for (const baseMs of [5000, 60_000, HOUR]) {
          const range = { buckets: evenBuckets(NOW - 3 * HOUR, NOW + HOUR, baseMs) };
          const numbers = store.numbers(range, { from: NOW - 4 * HOUR, to: NOW + HOUR, stepMs: HOUR });
          assert.equal(
            numbers.totals.requests,
            sum(() => true),
          );
          assert.equal(
            numbers.series.reduce((total, { requests }) => total + requests, 0),
            sum(() => true),
          );
          assert.equal(
            numbers.totals.serverErrors,
            sum(({ status }) => status >= 500),
          );
          assert.equal(
            store.classes({ ...range, project: 'shop-api' }).requests,
            sum(({ project }) => project === 'shop-api'),
          );
          const expired = numbers.reasons.find(({ code }) => code === 'token_expired')?.requests ?? 0;
          assert.equal(
            expired,
            sum(({ code }) => code === 'token_expired'),
          );
          const first = numbers.callers.find(({ clientId }) => clientId === 'cli_1');
          assert.equal(
            first?.requests ?? 0,
            sum(({ clientId }) => clientId === 'cli_1'),
          );
          const together = emptyLatencies();
          for (const { took } of counts) addPairs(together, took);
          assert.equal(numbers.totals.p95, percentile(together, 0.95));
        }
        const matching = store.count({ client: 'cli_2', status: '4xx', project: 'orders-api' }, NOW);
        assert.equal(
          matching,
          sum(
            (one) => one.clientId === 'cli_2' && one.project === 'orders-api' && one.status >= 400 && one.status < 500,
          ),
        );
        assert.equal(
          store.count({ version: 2 }, NOW),
          sum(({ version }) => version === 2),
        );
        assert.equal(
          store.count({ client: 'cli_3' }, NOW),
          sum(({ clientId }) => clientId === 'cli_3'),
        );
        assert.equal(
          store.count({ code: 'ok', since: NOW - 3 * HOUR }, NOW),
          sum(({ code }) => code === ''),
        );
      },
    ),
    { numRuns: 15 },
  );
});

test('a batch that comes twice counts once in every width', (t) => {
  const store = openStore(t);
  assert.equal(write(store, [counted({ count: 3 })], 'local', 'same'), true);
  assert.equal(write(store, [counted({ count: 3 })], 'local', 'same'), false);
  for (const baseMs of [5000, 60_000, HOUR])
    assert.equal(store.classes({ buckets: evenBuckets(NOW - HOUR, NOW + HOUR, baseMs) }).requests, 3);
});

test('server groups are told apart and add up', (t) => {
  const store = openStore(t);
  write(store, [counted({ count: 3 })], 'local');
  write(store, [counted({ count: 4 })], 'staging');
  assert.equal(store.count({ serverGroups: ['local'] }, NOW), 3);
  assert.equal(store.count({ serverGroups: ['local', 'staging'] }, NOW), 7);
  assert.equal(store.count({ serverGroups: [] }, NOW), 0);
  const range = { buckets: evenBuckets(NOW, NOW + 5000, 5000) };
  assert.deepEqual(
    store.places(['orders-api', 'other'], range).map(({ serverGroup, requests }) => [serverGroup, requests]),
    [
      ['local', 3],
      ['staging', 4],
    ],
  );
  assert.equal(store.clients(['cli_1'], range)?.get('cli_1')?.requests, 7);
});

test('counts that do not tell it apart say nothing rather than something near', (t) => {
  const store = openStore(t);
  write(store, [counted()]);
  for (const asked of [{ q: '/x' }, { gateway: 'gw-1' }, { address: '10.' }, { minMs: 5 }, { subscription: 'sub_1' }])
    assert.equal(store.count(asked, NOW), undefined);
});

test('clients beyond the limit of a bucket are counted together, and nothing is said of one of them', (t) => {
  const db = new DatabaseSync(tempFile(t));
  t.after(() => db.close());
  openCountTables(db);
  const writer = createCountWriter(() => db, countSteps(keepAll.maxAgeMs), 2);
  writer.add(
    'local',
    ['cli_1', 'cli_2', 'cli_3', 'cli_1', 'cli_4'].map((clientId) => counted({ clientId })),
  );
  const callers = db
    .prepare("SELECT client_id, requests FROM count_callers WHERE step = 5000 AND project = '*' ORDER BY 1")
    .all()
    .map((row) => [row.client_id, row.requests]);
  assert.deepEqual(callers, [
    ['cli_1', 2],
    ['cli_2', 1],
    ['other', 2],
  ]);
  writer.forget();
  writer.add('local', [counted({ clientId: 'cli_5' })]);
  const others = db
    .prepare("SELECT sum(requests) AS n FROM count_cells WHERE step = 3600000 AND client_id = 'other'")
    .get();
  assert.equal(others?.n, 3, 'the limit holds for what the file has, not for what is remembered');
});

test('when clients were counted together, a client cannot be counted', (t) => {
  const store = openStore(t);
  write(store, [counted(), counted({ clientId: 'other' })]);
  assert.equal(store.count({ client: 'cli_1' }, NOW), undefined);
  assert.equal(store.count({ client: 'cli_1', status: '2xx', project: 'orders-api' }, NOW), undefined);
  assert.equal(store.count({}, NOW), 2);
});

test('each width is kept for its time only, and a long backlog goes bit by bit', (t) => {
  const store = openStore(t);
  const ages = [0, 3 * HOUR, 60 * HOUR, 8 * 24 * HOUR];
  for (const age of ages) write(store, [counted({ at: NOW - (NOW % 5000) - age })]);
  for (let n = 0; n < 5; n += 1) store.retain(NOW);
  const left = (baseMs: number) =>
    store.classes({ buckets: evenBuckets(NOW - 10 * 24 * HOUR, NOW + HOUR, baseMs) }).requests;
  assert.deepEqual([left(5000), left(60_000), left(HOUR)], [1, 2, 3]);
});

test('how often secrets were used in the last hour adds up', (t) => {
  const store = openStore(t);
  const use = (secretId: string, at: number, uses: number) => ({ secretId, at, address: '10.0.0.1', uses });
  const head = { gatewayId: 'g', serverGroup: 'local', records: [], counts: [], dropped: [] };
  store.write({ ...head, batchId: 'x', secretsUsed: [use('sec_1', NOW, 3), use('sec_2', NOW, 1)] }, NOW);
  store.write({ ...head, batchId: 'y', secretsUsed: [use('sec_1', NOW - 30 * 60_000, 4)] }, NOW);
  store.write({ ...head, batchId: 'z', secretsUsed: [use('sec_1', NOW - 90 * 60_000, 50)] }, NOW);
  assert.deepEqual([...store.secretUses(['sec_1', 'sec_2', 'sec_3'], NOW - HOUR)].sort(), [
    ['sec_1', 7],
    ['sec_2', 1],
  ]);
});

test('histograms as bytes are what they were', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 100 }), (values) => {
      const pairs: number[] = [];
      for (const value of values) addLatency(pairs, latencyBucket(value));
      const many = pairs.map((n, i) => (i % 2 === 1 ? n * 100_003 : n));
      const counts = emptyLatencies();
      addBlob(counts, latencyBlob(many));
      const wanted = emptyLatencies();
      addPairs(wanted, mergePairs(many, []));
      assert.deepEqual(counts, wanted);
    }),
  );
});

test('a file of before there were histograms is taken over: its records are found by the new filters, its counts stay exact', (t) => {
  const file = tempFile(t);
  const hour = Math.floor(NOW / HOUR);
  const minute = Math.floor(NOW / 60_000) * 60_000;
  const earlier = new DatabaseSync(file);
  earlier.exec(`
    CREATE TABLE counts (
      minute INTEGER NOT NULL, project TEXT NOT NULL, version INTEGER NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,
      client_id TEXT NOT NULL, count INTEGER NOT NULL, took_ms_sum REAL NOT NULL,
      PRIMARY KEY (minute, project, version, status, code, client_id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO counts VALUES (${minute}, 'orders-api', 1, 200, '', 'cli_1', 5, 9.5), (${minute - 120_000}, 'orders-api', 1, 401, 'token_expired', 'cli_1', 2, 1),
      (${minute}, '', 0, 404, 'route_unknown', '', 4, 1);
    CREATE TABLE exchanges_${hour} (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, status INTEGER NOT NULL, code TEXT, project TEXT, client_id TEXT, client_name TEXT,
      path TEXT NOT NULL, record TEXT NOT NULL
    ) STRICT;
  `);
  const one: ExchangeRecord = {
    ...{ id: 'req_A', at: NOW, gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local', method: 'GET', host: 'h' },
    ...{ path: '/orders', queryNames: [], remoteAddress: '10.1.2.3', status: 200, tookMs: 12.5, requestBytes: 0 },
    ...{ responseBytes: 0, policies: [], project: 'orders-api', version: 1, subscriptionId: 'sub_1' },
  };
  earlier
    .prepare(
      `INSERT INTO exchanges_${hour} VALUES (?, ?, 200, NULL, 'orders-api', 'cli_1', 'mobile-shop', '/orders', ?)`,
    )
    .run(one.id, one.at, JSON.stringify(one));
  earlier.close();

  const store = openExchangeStore(file, keepAll, () => 0);
  t.after(() => store.close());
  assert.deepEqual(store.takeWarnings(), []);
  assert.equal(store.count({}, NOW), 11);
  assert.equal(store.count({ client: 'cli_1', code: 'token_expired', project: 'orders-api' }, NOW), 2);
  assert.equal(
    store.classes({ buckets: evenBuckets(minute - 600_000, NOW + 60_000, 60_000), project: 'orders-api' }).clientErrors,
    2,
  );
  const found = (filter: object) => store.list(filter, { limit: 10 }).records.length;
  const fits = {
    gateway: 'local-1',
    serverGroups: ['local'],
    address: '10.1.',
    minMs: 12,
    version: 1,
    subscription: 'sub_1',
  };
  assert.equal(found(fits), 1);
  for (const other of [
    { gateway: 'x' },
    { serverGroups: ['x'] },
    { address: '10.2' },
    { minMs: 13 },
    { version: 2 },
    { subscription: 's' },
  ])
    assert.equal(found({ ...fits, ...other }), 0);
  const next = { ...one, id: 'req_B', gateway: 'gw-2', at: NOW + 1 };
  store.write(
    { gatewayId: 'g', serverGroup: 'local', batchId: 'n', records: [next], counts: [], dropped: [], secretsUsed: [] },
    NOW,
  );
  assert.equal(found({ gateway: 'gw-2', until: NOW + 2 }), 1, 'the hour goes on in its old table');
  assert.equal(found({ until: NOW + 1 }), 1);
});

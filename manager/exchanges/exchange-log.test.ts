import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { noLogger } from '#core/logger';
import type { ExchangeCount } from '#core/model/exchange-count';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import { openExchangeLog } from './exchange-log.ts';
import { type ExchangeBatch, openExchangeStore } from './exchange-store.ts';
import { HOUR_MS } from './partitions.ts';

const NOW = 1_700_000_000_000;
const keepAll = { maxAgeMs: 7 * 86_400_000, limitBytes: 2 ** 31 };

function tempFile(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-exchanges-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'exchanges.db');
}

function record(id: string, rest: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    id,
    at: NOW,
    gatewayId: 'gtw_1',
    gateway: 'local-1',
    serverGroup: 'local',
    method: 'GET',
    host: 'api.test',
    path: '/orders/1',
    queryNames: [],
    remoteAddress: '127.0.0.1',
    status: 200,
    tookMs: 3,
    requestBytes: 0,
    responseBytes: 2,
    policies: [],
    ...rest,
  };
}

const counted = (rest: Partial<ExchangeCount>): ExchangeCount => ({
  at: Math.floor(NOW / 5000) * 5000,
  project: 'orders-api',
  version: 1,
  status: 401,
  code: 'token_expired',
  clientId: 'cli_1',
  count: 1,
  took: [20, 1],
  added: [5, 1],
  ...rest,
});

const batch = (rest: Partial<ExchangeBatch>): ExchangeBatch => ({
  ...{ gatewayId: 'g', serverGroup: 'local', batchId: 'b', records: [], counts: [], dropped: [], secretsUsed: [] },
  ...rest,
});

function report(rest: Partial<GatewayReport>): string {
  const whole: GatewayReport = {
    gatewayId: 'gtw_1',
    name: 'local-1',
    serverGroup: 'local',
    address: 'http://127.0.0.1:8000',
    softwareVersion: '0.1.0',
    startedAt: NOW,
    epoch: 'e',
    seq: 1,
    state: 'ready',
    workers: 1,
    refused: [],
    batchId: 'b1',
    records: [],
    counts: [],
    dropped: [],
    secretsUsed: [],
    ...rest,
  };
  return JSON.stringify(whole);
}

test('a report sent twice counts once, also after a restart', async (t) => {
  const file = tempFile(t);
  const text = report({
    records: [record('req_A')],
    counts: [counted({ count: 7 })],
    dropped: [{ code: 'token_unknown', project: 'orders-api', count: 40 }],
  });
  {
    await using log = openExchangeLog(file, noLogger, keepAll);
    const first = await log.takeReport(text, NOW);
    assert.deepEqual([first.ok, first.ok && first.stored], [true, true]);
    const again = await log.takeReport(text, NOW);
    assert.deepEqual([again.ok, again.ok && again.stored], [true, false]);
  }
  await using log = openExchangeLog(file, noLogger, keepAll);
  const again = await log.takeReport(text, NOW);
  assert.equal(again.ok && again.stored, false);
  assert.equal(await log.count({ code: 'token_expired', client: 'cli_1', since: NOW }, NOW), 7);
  assert.deepEqual(await log.countedOnly(NOW - 60_000), [{ code: 'token_unknown', project: 'orders-api', count: 40 }]);
  assert.equal((await log.find('req_A'))?.path, '/orders/1');
  assert.equal(await log.find('req_B'), undefined);
});

test('a report that is no report is refused with the place', async (t) => {
  await using log = openExchangeLog(tempFile(t), noLogger, keepAll);
  assert.deepEqual(await log.takeReport('{', NOW), { ok: false, problem: 'The report is not JSON.' });
  const wrong = await log.takeReport(report({ seq: 'x' as never }), NOW);
  assert.match(wrong.ok ? '' : wrong.problem, /\/seq/);
});

test('lists are newest first, filtered, and go on across the hours without gap or repeat', (t) => {
  const store = openExchangeStore(tempFile(t), keepAll, () => 0);
  t.after(() => store.close());
  const records = Array.from({ length: 25 }, (_, i) =>
    record(`req_${String(i).padStart(2, '0')}`, {
      at: NOW + Math.floor(i / 2) * 600_000, // two at each instant, over two hours
      status: i % 5 === 0 ? 401 : 200,
      ...(i % 5 === 0 && { code: 'token_expired' }),
      clientId: 'cli_1',
      clientName: 'mobile-shop',
      path: `/orders/${i}`,
    }),
  );
  store.write(batch({ records }), NOW);
  const seen: string[] = [];
  let before: { at: number; id: string } | undefined;
  do {
    const page = store.list({}, { before, limit: 4 });
    seen.push(...page.records.map((text) => JSON.parse(text).id));
    before = page.next;
  } while (before !== undefined);
  assert.deepEqual(seen, records.map(({ id }) => id).reverse());
  const ids = (filter: object) => store.list(filter, { limit: 100 }).records.map((text) => JSON.parse(text).id);
  assert.deepEqual(ids({ status: '4xx' }), ['req_20', 'req_15', 'req_10', 'req_05', 'req_00']);
  assert.deepEqual(ids({ code: 'ok', q: '/orders/2', since: NOW + 3_000_000 }), [
    'req_24',
    'req_23',
    'req_22',
    'req_21',
  ]);
  assert.deepEqual(ids({ q: 'req_07', client: 'mobile-shop' }), ['req_07']);
  assert.deepEqual(ids({ client: 'other' }), []);
});

test('old hours are dropped by age, and the oldest by size', (t) => {
  const file = tempFile(t);
  const store = openExchangeStore(file, { maxAgeMs: 2 * HOUR_MS, limitBytes: 1_000_000 }, () => 0);
  t.after(() => store.close());
  const fill = (prefix: string, at: number, n: number) =>
    store.write(
      batch({
        batchId: prefix,
        records: Array.from({ length: n }, (_, i) => record(`${prefix}${i}`, { at })),
        counts: [counted({ at })],
      }),
      at,
    );
  fill('a', NOW - 5 * HOUR_MS, 10);
  fill('b', NOW - HOUR_MS, 1500);
  store.retain(NOW);
  assert.equal(store.find('a1'), undefined);
  assert.ok(store.find('b1'));
  assert.equal(store.count({}, NOW), 1);
  fill('c', NOW, 1500);
  store.retain(NOW);
  assert.equal(store.find('b1'), undefined, 'the oldest hour made room');
  assert.ok(store.find('c1'));
  fill('d', NOW + 1, 6000);
  store.retain(NOW);
  assert.equal(store.find('c1'), undefined, 'even within one hour the oldest make room');
  assert.ok(store.list({}, { limit: 200 }).records.length === 200, 'and the newest stay');
});

test('a damaged file is set aside and never stops the store', (t) => {
  const file = tempFile(t);
  writeFileSync(file, 'this is no database'.repeat(1000));
  const store = openExchangeStore(file, keepAll, () => 0);
  t.after(() => store.close());
  assert.match(store.takeWarnings().join(), /set aside/);
  assert.equal(store.write(batch({ records: [record('req_A')] }), NOW), true);
  assert.ok(store.find('req_A'));
});

test('where no file can be made, records are kept in memory', (t) => {
  const file = path.join(tempFile(t), 'not', 'there', 'exchanges.db');
  const store = openExchangeStore(file, keepAll, () => 0);
  t.after(() => store.close());
  assert.match(store.takeWarnings().join(), /in memory/);
  store.write(batch({ records: [record('req_A')] }), NOW);
  assert.ok(store.find('req_A'));
});

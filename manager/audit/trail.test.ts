import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { CHAIN_START, entryHash } from '#core/audit-chain';
import type { AuditVerification } from '#core/model/audit-checkpoint';
import { writeEntries } from '#test/support/audit';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { changeByHand } from '#test/support/manager-database';
import { makeCheckpoint } from './checkpoints.ts';
import { readEntries } from './export.ts';
import { readCheckpointFile } from './outside.ts';
import { forgetOld } from './retention.ts';
import { verifyDatabase } from './verify.ts';

const DAY_MS = 86_400_000;

const byHand = ({ dataDir }: TestManager, ...statements: readonly string[]) => changeByHand(dataDir, ...statements);

const verify = (manager: TestManager, checkpointFile?: string): Promise<AuditVerification> =>
  verifyDatabase(manager.context.db.read, { checkpoints: [], checkpointFile });

async function openWritten(t: TestContext, count = 20): Promise<TestManager> {
  const manager = await openTestManager(t);
  await writeEntries(manager, count);
  return manager;
}

test('every entry is chained to the one before, in commit order, as the API answers it', async (t) => {
  const manager = await openWritten(t);
  await Promise.all(Array.from({ length: 10 }, (_, i) => writeEntries(manager, 2, `p${i}-`)));
  const entries = await Array.fromAsync(readEntries(manager.context.db.read));
  let prevHash = CHAIN_START;
  for (const [i, entry] of entries.entries()) {
    assert.equal(entry.seq, i + 1);
    assert.equal(entry.prevHash, prevHash);
    assert.equal(entry.hash, entryHash(entry));
    prevHash = entry.hash;
  }
  assert.equal((await verify(manager)).entries, entries.length);
});

const tampering: readonly (readonly [what: string, statements: readonly string[], kind: string, seq: number])[] = [
  [
    'an entry that was rewritten',
    ["update audit set sentence = 'Nothing happened.' where seq = 7"],
    'entry_changed',
    7,
  ],
  ['a state that was rewritten', [`update audit set after_json = '{"i":7}' where seq = 7`], 'entry_changed', 7],
  ['a state that is no JSON any more', ["update audit set after_json = '{' where seq = 7"], 'entry_changed', 7],
  ['another actor', ["update audit set actor = 'somebody' where seq = 3"], 'entry_changed', 3],
  ['a hash that was taken away', ['update audit set hash = null where seq = 5'], 'entry_changed', 5],
  ['a removed entry', ['delete from audit where seq = 9'], 'entry_missing', 9],
  ['removed first entries', ['delete from audit where seq < 5'], 'entry_missing', 1],
  ['a cut tail', ['delete from audit where seq > 15'], 'tail_missing', 16],
  [
    'exchanged entries',
    [
      ...['update audit set seq = 1000 where seq = 4', 'update audit set seq = 4 where seq = 5'],
      'update audit set seq = 5 where seq = 1000',
    ],
    'entry_changed',
    4,
  ],
  [
    'an inserted entry',
    [
      `insert into audit select seq + 1000, id || 'x', at, actor, via, operation, object_kind, object_id, object_name,
       sentence, before_json, after_json, request_id, prev_hash, hash from audit where seq = 8`,
    ],
    'entry_missing',
    22,
  ],
];

for (const [what, statements, kind, seq] of tampering)
  test(`the check finds ${what} in the database file, and says the first wrong entry`, async (t) => {
    const manager = await openWritten(t);
    assert.equal((await verify(manager)).ok, true);
    await byHand(manager, ...statements);
    const { ok, fault } = await verify(manager);
    assert.deepEqual({ ok, kind: fault?.kind, seq: fault?.seq }, { ok: false, kind, seq });
  });

test('a tail that was cut together with the trail’s own end and checkpoints is found by the file outside', async (t) => {
  const manager = await openWritten(t);
  await makeCheckpoint(manager.context);
  const file = path.join(manager.dataDir, 'outside.jsonl');
  const mark = await manager.context.db.read.selectFrom('audit_checkpoints').selectAll().executeTakeFirstOrThrow();
  const { seq, hash, at, key_id: keyId, signature } = mark;
  writeFileSync(file, `${JSON.stringify({ seq, hash, at, keyId, signature })}\n`);
  assert.deepEqual((await verify(manager, file)).outside, 1);
  await byHand(
    manager,
    'delete from audit where seq > 15',
    'delete from audit_checkpoints',
    'update audit_chain set seq = 15, hash = (select hash from audit where seq = 15)',
  );
  assert.equal((await verify(manager)).ok, true, 'the database alone does not show it');
  const { fault } = await verify(manager, file);
  assert.deepEqual([fault?.kind, fault?.seq], ['tail_missing', 16]);
});

test('a checkpoint is signed after a minute with new entries, after a thousand entries, and never without new ones', async (t) => {
  const manager = await openWritten(t, 3);
  const { context, clock } = manager;
  assert.equal((await makeCheckpoint(context))?.seq, 4);
  clock.advance(120_000);
  assert.equal(await makeCheckpoint(context), undefined);
  await writeEntries(manager, 2, 'a');
  assert.equal((await makeCheckpoint(context))?.seq, 6);
  await writeEntries(manager, 999, 'b');
  assert.equal(await makeCheckpoint(context), undefined);
  await writeEntries(manager, 1, 'c');
  assert.equal((await makeCheckpoint(context))?.seq, 1006);
  await writeEntries(manager, 1, 'd');
  assert.equal((await makeCheckpoint(context, true))?.seq, 1007);
  const result = await verify(manager);
  assert.deepEqual([result.ok, result.checkpoints], [true, 4]);
});

test('retention forgets the oldest entries only, behind a signed anchor, and what is left is still checked', async (t) => {
  const manager = await openWritten(t, 5);
  const { context, clock } = manager;
  await makeCheckpoint(context);
  assert.equal(await forgetOld(context, 30), 0);
  clock.advance(31 * DAY_MS);
  await writeEntries(manager, 4, 'new');
  assert.equal(await forgetOld(context, 0), 0, '0: for ever');
  assert.equal(await forgetOld(context, 30), 6);
  assert.equal(await forgetOld(context, 30), 0);
  const { items } = await manager.run('audit.list', { query: { limit: '1' } });
  assert.match(items[0].sentence, /^6 entries of the audit trail older than 30 days were forgotten\.$/);
  const result = await verify(manager);
  assert.deepEqual([result.ok, result.firstSeq, result.lastSeq], [true, 7, 11]);
  const state = await manager.run('audit.state');
  assert.deepEqual([state.anchor.seq, state.head.seq, state.retentionDays], [6, 11, 365]);
  await byHand(manager, 'delete from audit where seq = 7');
  assert.equal((await verify(manager)).fault?.seq, 7);
});

test('an anchor that was written by hand excuses nothing', async (t) => {
  const manager = await openWritten(t);
  const { context } = manager;
  const mark = await makeCheckpoint(context);
  const anchor = JSON.stringify({ ...mark, seq: 10 });
  await byHand(manager, 'delete from audit where seq <= 10', `update audit_chain set anchor = '${anchor}'`);
  assert.equal((await verify(manager)).fault?.kind, 'signature_wrong');
});

test('the newest entry is never forgotten', async (t) => {
  const manager = await openWritten(t, 3);
  manager.clock.advance(400 * DAY_MS);
  assert.equal(await forgetOld(manager.context, 30), 3);
  const result = await verify(manager);
  assert.deepEqual([result.ok, result.firstSeq, result.lastSeq], [true, 4, 5]);
});

test('checkpoints are appended to the file outside, what failed before too', async (t) => {
  const manager = await openWritten(t, 3);
  const { context, dataDir, clock } = manager;
  const folder = path.join(dataDir, 'not-there-yet');
  const file = path.join(folder, 'checkpoints.jsonl');
  const { createOutside } = await import('./outside.ts');
  const outside = createOutside({ checkpointFile: file, checkpointUrl: undefined }, context);
  await makeCheckpoint(context);
  await outside.deliver(clock.now());
  const [failed] = await outside.list();
  assert.equal(failed?.seq, 0);
  assert.match(failed?.problem ?? '', /ENOENT/);
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder);
  clock.advance(60_000);
  await writeEntries(manager, 2, 'b');
  await makeCheckpoint(context);
  await outside.deliver(clock.now());
  assert.deepEqual(await outside.list(), [{ kind: 'file', seq: 6 }]);
  const seqs = (await Array.fromAsync(readCheckpointFile(file))).map(({ seq }) => seq);
  assert.deepEqual(seqs, [4, 6]);
  assert.equal((await verify(manager, file)).outside, 2);
  writeFileSync(file, 'rubbish\n');
  await assert.rejects(Array.fromAsync(readCheckpointFile(file)), /Line 1 is no checkpoint/);
  rmSync(folder, { recursive: true });
});

test('entries hold no secret, though somebody hands one in', async (t) => {
  const manager = await openTestManager(t);
  const actor = { name: 'tester', via: 'api', operation: 'test.do', keyId: undefined, requestId: undefined } as const;
  const { change } = await import('../unit-of-work.ts');
  await change(manager.context, actor, async (unit) =>
    unit.audit({
      ...{ objectKind: 'x', objectId: 'x', objectName: 'x', sentence: 'x' },
      after: { clientSecret: 'do-not-keep', url: 'https://a:do-not-keep@example.com/' },
    }),
  );
  const rows = await manager.context.db.read.selectFrom('audit').selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes('do-not-keep'));
});

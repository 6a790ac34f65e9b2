import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHAIN_START, entryHash, keyIdOf, signMark } from './audit-chain.ts';
import { type Trail, verifyTrail } from './audit-verify.ts';
import type { AuditEntry } from './model/audit-entry.ts';

const pair = generateKeyPairSync('ed25519');
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keyId = keyIdOf(pem);
const keys = new Map([[keyId, createPublicKey(pem)]]);

function chain(count: number, from: { seq: number; hash: string } = { seq: 0, hash: CHAIN_START }): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let prevHash = from.hash;
  for (let seq = from.seq + 1; seq <= from.seq + count; seq += 1) {
    const entry = {
      ...{ id: `aud_${seq}`, seq, at: seq * 10, actor: 'ann', via: 'api' as const, operation: 'x.y' },
      ...{ objectKind: 'client', objectId: 'c', objectName: 'c', sentence: `Did ${seq}.`, after: { seq }, prevHash },
    };
    prevHash = entryHash(entry);
    entries.push({ ...entry, hash: prevHash });
  }
  return entries;
}

const rehash = (entry: AuditEntry): AuditEntry => ({ ...entry, hash: entryHash(entry) });
/** All hashes made anew from an entry on, as whoever rewrites the database could. */
function rechain(entries: readonly AuditEntry[], from: number): AuditEntry[] {
  const result = entries.slice(0, from);
  let prevHash = result.at(-1)?.hash ?? CHAIN_START;
  for (const entry of entries.slice(from)) {
    const next = rehash({ ...entry, prevHash });
    prevHash = next.hash;
    result.push(next);
  }
  return result;
}
const mark = (entry: AuditEntry) =>
  signMark('checkpoint', { seq: entry.seq, hash: entry.hash, at: 5, keyId }, pair.privateKey);
const at = (entries: readonly AuditEntry[], index: number): AuditEntry => {
  const entry = entries[index];
  assert.ok(entry);
  return entry;
};
async function* stream(entries: readonly AuditEntry[]) {
  yield* entries;
}
const check = (entries: readonly AuditEntry[], more: Partial<Trail> = {}) =>
  verifyTrail({ entries: stream(entries), anchor: undefined, head: undefined, sources: [], keys, ...more });
const outside = (...entries: readonly AuditEntry[]) => [{ isOutside: true, checkpoints: entries.map(mark) }];

test('a trail as it was written is good, with checkpoints, and from an anchor on', async () => {
  const entries = chain(30);
  const sources = outside(at(entries, 9), at(entries, 9), at(entries, 29));
  assert.deepEqual(await check(entries, { sources }), {
    ...{ ok: true, entries: 30, checkpoints: 3, outside: 3, firstSeq: 1, lastSeq: 30 },
  });
  const { seq, hash } = at(entries, 11);
  const anchor = signMark('anchor', { seq, hash, at: 1, keyId }, pair.privateKey);
  const result = await check(entries.slice(12), { anchor, sources });
  assert.deepEqual([result.ok, result.firstSeq, result.checkpoints], [true, 13, 1]);
  assert.equal((await check([])).ok, true);
});

test('whatever one field of one entry is changed to, that entry is the first wrong one', async () => {
  const entries = chain(12);
  const fields = ['id', 'at', 'actor', 'operation', 'objectId', 'sentence', 'after', 'requestId', 'prevHash'] as const;
  await fc.assert(
    fc.asyncProperty(fc.nat(11), fc.constantFrom(...fields), fc.jsonValue(), async (index, field, value) => {
      const was = at(entries, index);
      const spoiled = { ...was, [field]: value };
      fc.pre(entryHash(spoiled as AuditEntry) !== was.hash);
      const { fault } = await check(entries.with(index, spoiled as AuditEntry));
      assert.deepEqual([fault?.kind, fault?.seq], ['entry_changed', was.seq]);
    }),
  );
});

test('an entry that was rewritten with a hash made anew is found by the one behind it', async () => {
  const entries = chain(10);
  const { fault } = await check(entries.with(4, rehash({ ...at(entries, 4), actor: 'eve' })));
  assert.deepEqual([fault?.kind, fault?.seq], ['entry_changed', 5]);
});

test('removed, inserted and exchanged entries are found, and the first wrong one is told', async () => {
  const entries = chain(10);
  const removed = await check(entries.toSpliced(3, 2));
  assert.deepEqual([removed.fault?.kind, removed.fault?.seq], ['entry_missing', 4]);
  assert.match(removed.fault?.message ?? '', /Entries 4 to 5 are missing/);
  const renumbered = entries.toSpliced(3, 1).map((entry, i) => ({ ...entry, seq: i + 1 }));
  assert.equal((await check(renumbered)).fault?.seq, 4);
  const twice = await check(entries.toSpliced(3, 0, at(entries, 3)));
  assert.equal(twice.fault?.seq, 4);
  const exchanged = entries.with(3, { ...at(entries, 4), seq: 4 }).with(4, { ...at(entries, 3), seq: 5 });
  assert.equal((await check(exchanged)).fault?.seq, 4);
  assert.equal((await check(entries.slice(1))).fault?.seq, 1);
});

test('a trail whose hashes were all made anew behind a change is found by a checkpoint, between the last good one and it', async () => {
  const entries = chain(20);
  const sources = outside(at(entries, 4), at(entries, 14));
  const forged = rechain(entries.with(9, { ...at(entries, 9), actor: 'eve' }), 9);
  assert.equal((await check(forged)).ok, true, 'without a checkpoint nothing shows it');
  const { fault } = await check(forged, { sources });
  assert.deepEqual([fault?.kind, fault?.seq], ['checkpoint_mismatch', 6]);
  assert.match(fault?.message ?? '', /between 6 and 15 were rewritten/);
});

test('an end that was cut off is found by a checkpoint kept outside, or by the trail’s own word', async () => {
  const entries = chain(20);
  const cut = entries.slice(0, 15);
  assert.equal((await check(cut)).ok, true, 'without a checkpoint nothing shows it');
  const byMark = await check(cut, { sources: outside(at(entries, 4), at(entries, 19)) });
  assert.deepEqual([byMark.fault?.kind, byMark.fault?.seq], ['tail_missing', 16]);
  const byHead = await check(cut, { head: at(entries, 19) });
  assert.deepEqual([byHead.fault?.kind, byHead.fault?.seq], ['tail_missing', 16]);
  const emptied = await check([], { sources: outside(at(entries, 4)) });
  assert.deepEqual([emptied.fault?.kind, emptied.fault?.seq], ['tail_missing', 1]);
});

test('checkpoints and anchors that no known key signed are not believed', async () => {
  const entries = chain(10);
  const other = generateKeyPairSync('ed25519');
  const { seq, hash } = at(entries, 4);
  const forged = signMark('checkpoint', { seq, hash, at: 5, keyId }, other.privateKey);
  const faultOf = async (more: Partial<Trail>) => (await check(entries.slice(5), more)).fault?.kind;
  assert.equal(await faultOf({ sources: [{ isOutside: true, checkpoints: [forged] }] }), 'signature_wrong');
  const anchor = signMark('anchor', { seq, hash, at: 1, keyId }, other.privateKey);
  assert.equal(await faultOf({ anchor }), 'signature_wrong');
  // A checkpoint is no anchor: who removed the beginning cannot excuse it with one.
  assert.equal(await faultOf({ anchor: mark(at(entries, 4)) }), 'signature_wrong');
  assert.equal(await faultOf({}), 'entry_missing');
});

test('checkpoints that go back tell of data restored from an older copy', async () => {
  const entries = chain(10);
  const { fault } = await check(entries, { sources: outside(at(entries, 8), at(entries, 4)) });
  assert.equal(fault?.kind, 'checkpoint_mismatch');
  assert.match(fault?.message ?? '', /restored from an older copy/);
});

import { signMark } from '#core/audit-chain';
import { type AuditAnchor, auditCheckpoint } from '#core/model/audit-checkpoint';
import type { Reader } from '../database.ts';
import { readSettings } from '../people/settings.ts';
import type { Actor } from '../unit-of-work.ts';
import type { CheckpointParts } from './checkpoints.ts';
import { openSigningKey } from './signing-key.ts';
import { CHAIN_ID, recordAudits } from './trail.ts';

const DAY_MS = 86_400_000;
/** So many entries go in one transaction: nobody waits long for the writing connection. */
const AT_ONCE = 2000;
const actor: Actor = {
  name: 'system',
  via: 'system',
  operation: 'audit.retain',
  keyId: undefined,
  requestId: undefined,
};

/**
 * Forgets entries older than so many days, always from the oldest on, never the newest one. What is left begins behind a signed anchor, and
 * says in an entry what was forgotten.
 * @returns how many were forgotten
 */
export async function forgetOld(parts: CheckpointParts, retentionDays: number): Promise<number> {
  if (retentionDays === 0) return 0;
  const { db, clock } = parts;
  const limit = clock.now() - retentionDays * DAY_MS;
  let forgotten = 0;
  for (;;) {
    const through = await lastOld(db.read, limit);
    if (through === undefined) break;
    const removed = await forgetThrough(parts, through);
    forgotten += removed;
    if (removed < AT_ONCE) break;
  }
  if (forgotten > 0) await noteForgotten(parts, forgotten, retentionDays);
  return forgotten;
}

/** How many days entries are kept, 0: for ever: as whoever runs the manager set it, else as Settings say. */
export async function readRetentionDays(reader: Reader, fixed: number | undefined): Promise<number> {
  return fixed ?? (await readSettings(reader)).auditRetentionDays;
}

/** Where the trail begins, when something was forgotten. */
export async function readAnchor(reader: Reader): Promise<AuditAnchor | undefined> {
  const row = await reader
    .selectFrom('audit_chain')
    .select('anchor')
    .where('id', '=', CHAIN_ID)
    .executeTakeFirstOrThrow();
  return row.anchor === null ? undefined : auditCheckpoint.parse(JSON.parse(row.anchor));
}

/** The last of the oldest entries that are all too old, at most a batch further; undefined: there is none, or only the newest. */
async function lastOld(reader: Reader, limit: number): Promise<{ seq: number; hash: string } | undefined> {
  const rows = await reader
    .selectFrom('audit')
    .select(['seq', 'hash', 'at'])
    .orderBy('seq')
    .limit(AT_ONCE + 1)
    .execute();
  const young = rows.findIndex((row) => Number(row.at) >= limit);
  const end = young === -1 ? rows.length - 1 : young;
  const last = rows[Math.min(end, AT_ONCE) - 1];
  return last === undefined ? undefined : { seq: Number(last.seq), hash: last.hash ?? '' };
}

async function forgetThrough(
  { db, clock, random, masterKeys }: CheckpointParts,
  through: { readonly seq: number; readonly hash: string },
): Promise<number> {
  const now = clock.now();
  return db.transaction(async (tx) => {
    const { keyId, privateKey } = await openSigningKey(tx, { box: masterKeys.secretBox(), random, now });
    const anchor = signMark('anchor', { ...through, at: now, keyId }, privateKey);
    await tx
      .updateTable('audit_chain')
      .set({ anchor: JSON.stringify(anchor) })
      .where('id', '=', CHAIN_ID)
      .execute();
    const { numDeletedRows } = await tx.deleteFrom('audit').where('seq', '<=', through.seq).executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}

async function noteForgotten({ db, clock, random }: CheckpointParts, count: number, days: number): Promise<void> {
  const sentence = `${count} ${count === 1 ? 'entry' : 'entries'} of the audit trail older than ${days} days ${count === 1 ? 'was' : 'were'} forgotten.`;
  const note = { objectKind: 'audit', objectId: 'audit', objectName: 'audit', sentence };
  await db.transaction((tx) => recordAudits(tx, [note], { actor, now: clock.now(), random }));
}

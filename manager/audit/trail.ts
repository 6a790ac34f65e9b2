import { entryHash } from '#core/audit-chain';
import { newId } from '#core/id';
import type { Random } from '#core/random';
import type { Reader, Tx } from '../database.ts';
import type { AuditTable } from '../tables.ts';
import type { Actor, AuditNote } from '../unit-of-work.ts';
import { entryOf } from './entry.ts';
import { maskSecrets } from './mask.ts';

/** Id of the one row that holds the trail's end. */
export const CHAIN_ID = 1;

/** Who writes, when. */
export interface Writing {
  readonly actor: Actor;
  readonly now: number;
  readonly random: Random;
}

/**
 * Writes lines of the audit trail, in the transaction of the change that they tell of. The row of the trail's end is taken first and stays
 * locked until the transaction ends: numbers and hashes are in commit order, on any database.
 */
export async function recordAudits(tx: Tx, notes: readonly AuditNote[], writing: Writing): Promise<void> {
  const end = await tx
    .updateTable('audit_chain')
    .set((row) => ({ seq: row('seq', '+', notes.length) }))
    .where('id', '=', CHAIN_ID)
    .returning(['seq', 'hash'])
    .executeTakeFirstOrThrow();
  const first = Number(end.seq) - notes.length + 1;
  let prevHash = end.hash;
  for (const [i, note] of notes.entries()) {
    const row = rowOf(note, { ...writing, seq: first + i, prevHash });
    await tx.insertInto('audit').values(row).execute();
    prevHash = row.hash;
  }
  await tx.updateTable('audit_chain').set({ hash: prevHash }).where('id', '=', CHAIN_ID).execute();
}

/** The newest entry's number and hash, as the trail itself says; number 0: there is none. */
export async function readHead(reader: Reader): Promise<{ seq: number; hash: string }> {
  const { seq, hash } = await reader
    .selectFrom('audit_chain')
    .select(['seq', 'hash'])
    .where('id', '=', CHAIN_ID)
    .executeTakeFirstOrThrow();
  return { seq: Number(seq), hash };
}

function rowOf(
  note: AuditNote,
  { actor, now, random, seq, prevHash }: Writing & { readonly seq: number; readonly prevHash: string },
): AuditTable & { hash: string } {
  const row = {
    seq,
    id: newId('aud', random),
    at: now,
    actor: actor.name,
    via: actor.via,
    operation: actor.operation,
    object_kind: note.objectKind,
    object_id: note.objectId,
    object_name: note.objectName,
    sentence: note.sentence,
    before_json: stateJson(note.before),
    after_json: stateJson(note.after),
    request_id: actor.requestId ?? null,
    prev_hash: prevHash,
  };
  // Hashed as it will be read again.
  return { ...row, hash: entryHash(entryOf({ ...row, hash: null })) };
}

function stateJson(state: unknown): string | null {
  return state === undefined ? null : (JSON.stringify(maskSecrets(state)) ?? null);
}

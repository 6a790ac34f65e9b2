import { newId } from '#core/id';
import type { Random } from '#core/random';
import { takeNumber } from './counter.ts';
import type { Tx } from './database.ts';
import type { Actor, AuditNote } from './unit-of-work.ts';

/** Writes one line of the audit trail, in the transaction of the change that it tells of. */
export async function recordAudit(
  tx: Tx,
  entry: { readonly note: AuditNote; readonly actor: Actor; readonly now: number; readonly random: Random },
): Promise<void> {
  const { note, actor, now, random } = entry;
  await tx
    .insertInto('audit')
    .values({
      seq: await takeNumber(tx, 'audit'),
      id: newId('aud', random),
      at: now,
      actor: actor.name,
      via: actor.via,
      operation: actor.operation,
      object_kind: note.objectKind,
      object_id: note.objectId,
      object_name: note.objectName,
      sentence: note.sentence,
      before_json: note.before === undefined ? null : JSON.stringify(note.before),
      after_json: note.after === undefined ? null : JSON.stringify(note.after),
      request_id: actor.requestId ?? null,
    })
    .execute();
}

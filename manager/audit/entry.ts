import { type AuditEntry, auditEntry } from '#core/model/audit-entry';
import type { AuditTable } from '../tables.ts';

/** A row of the trail as the entry that it is: what is answered, exported and hashed. @throws ZodError for a row that was spoiled by hand */
export function parseEntry(row: AuditTable): AuditEntry {
  return auditEntry.parse(entryOf(row));
}

/** The same without a look at it, for checking a trail that may have been tampered with. */
export function entryOf(row: AuditTable): AuditEntry {
  return {
    id: row.id,
    seq: Number(row.seq),
    at: Number(row.at),
    actor: row.actor,
    via: row.via as AuditEntry['via'],
    operation: row.operation,
    objectKind: row.object_kind,
    objectId: row.object_id,
    objectName: row.object_name,
    sentence: row.sentence,
    ...(row.before_json === null ? {} : { before: parseState(row.before_json) }),
    ...(row.after_json === null ? {} : { after: parseState(row.after_json) }),
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
    prevHash: row.prev_hash ?? '',
    hash: row.hash ?? '',
  };
}

/** What is no JSON any more stays as text: its hash will not fit. */
function parseState(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

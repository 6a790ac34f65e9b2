import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import { type AuditEntry, auditEntry } from '#core/model/audit-entry';
import { decodeCursor, encodeCursor, pageFields, pageOf, where } from '../list.ts';
import { operation } from '../operation.ts';
import type { AuditTable } from '../tables.ts';

/** The audit trail: who changed what. Newest first. */
export const auditOperations = [
  operation({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    permission: 'audit:read',
    summary: 'Read the audit trail, newest first.',
    query: z.strictObject({
      objectKind: z.string().max(64).optional().describe('Only changes of this kind of object, e.g. client.'),
      objectId: z.string().max(128).optional().describe('Only changes of this object.'),
      actor: z.string().max(128).optional().describe('Only changes by this one.'),
      ...pageFields,
    }),
    response: pageOf(auditEntry),
    handler: async ({ context, query }) => {
      const conditions: RawBuilder<unknown>[] = [];
      if (query.objectKind !== undefined) conditions.push(sql`object_kind = ${query.objectKind}`);
      if (query.objectId !== undefined) conditions.push(sql`object_id = ${query.objectId}`);
      if (query.actor !== undefined) conditions.push(sql`actor = ${query.actor}`);
      const before =
        query.cursor === undefined
          ? []
          : [sql`seq < ${decodeCursor(query.cursor, z.tuple([z.literal('audit'), z.int()]))[1]}`];
      const { rows } = await sql<AuditTable>`select * from audit ${where([...conditions, ...before])}
        order by seq desc limit ${query.limit + 1}`.execute(context.db.read);
      const counted = await sql<{ n: number }>`select count(*) as n from audit ${where(conditions)}`.execute(
        context.db.read,
      );
      const items = rows.slice(0, query.limit).map(parseEntry);
      const last = items.at(-1);
      const hasMore = rows.length > query.limit && last !== undefined;
      const next = hasMore ? { next: encodeCursor(['audit', last.seq]) } : {};
      return { body: { items, ...next, total: Number(counted.rows[0]?.n ?? 0) } };
    },
  }),
];

function parseEntry(row: AuditTable): AuditEntry {
  return auditEntry.parse({
    id: row.id,
    seq: Number(row.seq),
    at: Number(row.at),
    actor: row.actor,
    via: row.via,
    operation: row.operation,
    objectKind: row.object_kind,
    objectId: row.object_id,
    objectName: row.object_name,
    sentence: row.sentence,
    ...(row.before_json === null ? {} : { before: JSON.parse(row.before_json) }),
    ...(row.after_json === null ? {} : { after: JSON.parse(row.after_json) }),
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
  });
}

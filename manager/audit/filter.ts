import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import { AUDIT_WAYS } from '#core/model/audit-entry';

/** What the trail can be narrowed by. */
export const auditFilterFields = {
  actor: z.string().max(128).optional().describe('Only changes by this one.'),
  objectKind: z.string().max(64).optional().describe('Only changes of this kind of object, e.g. client.'),
  objectId: z.string().max(128).optional().describe('Only changes of this object, by its id.'),
  objectName: z.string().max(128).optional().describe('Only changes of objects of this name.'),
  operation: z.string().max(64).optional().describe('Only this operation, e.g. projects.create.'),
  via: z.enum(AUDIT_WAYS).optional().describe('Only changes made this way.'),
  from: z.coerce.number().int().min(0).optional().describe('Only changes at or after this time (epoch ms).'),
  to: z.coerce.number().int().min(0).optional().describe('Only changes before this time (epoch ms).'),
  q: z.string().max(200).optional().describe('Only changes with this in sentence, actor or object.'),
};

const auditFilter = z.strictObject(auditFilterFields);
export type AuditFilter = z.output<typeof auditFilter>;

/** A filter as SQL: what an index finds, and what must be looked at in each row found so. */
export interface Conditions {
  readonly indexed: readonly RawBuilder<unknown>[];
  readonly rest: readonly RawBuilder<unknown>[];
}

/** Columns with an index, the one that narrows most first. */
const COLUMNS = [
  ['objectId', 'object_id'],
  ['objectName', 'object_name'],
  ['operation', 'operation'],
  ['actor', 'actor'],
  ['objectKind', 'object_kind'],
  ['via', 'via'],
] as const;

/** Splits a filter: one column's index is used, with the time range; everything else is sifted. */
export function conditionsOf(filter: AuditFilter): Conditions {
  const equal = COLUMNS.flatMap(([field, column]) => {
    const value = filter[field];
    return value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`];
  });
  const indexed = equal.slice(0, 1);
  if (filter.from !== undefined) indexed.push(sql`at >= ${filter.from}`);
  if (filter.to !== undefined) indexed.push(sql`at < ${filter.to}`);
  const rest = equal.slice(1);
  const q = filter.q?.trim().toLowerCase();
  if (q !== undefined && q !== '') rest.push(contains(q));
  return { indexed, rest };
}

function contains(q: string): RawBuilder<unknown> {
  if (q.includes('\0')) return sql`1 = 0`;
  const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  const fields = ['sentence', 'actor', 'object_name', 'object_id', 'request_id'] as const;
  return sql`(${sql.join(
    fields.map((field) => sql`lower(${sql.ref(field)}) like ${pattern} escape '\\'`),
    sql` or `,
  )})`;
}

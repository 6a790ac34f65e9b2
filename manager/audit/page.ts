import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import { type AuditEntry, auditEntry } from '#core/model/audit-entry';
import type { Reader } from '../database.ts';
import { decodeCursor, encodeCursor, where } from '../list.ts';
import type { AuditTable } from '../tables.ts';
import { parseEntry } from './entry.ts';
import { type AuditFilter, conditionsOf } from './filter.ts';
import { readAnchor } from './retention.ts';
import { readHead } from './trail.ts';

/** A page of the trail. */
export const auditPage = z.strictObject({
  items: z.array(auditEntry),
  next: z
    .string()
    .optional()
    .describe('Cursor of the next page; left out on the last one. A page may be short, or empty, and have a next one.'),
  total: z.int().optional().describe('How many there are on all pages; left out when counting would take long.'),
});
type AuditPage = z.output<typeof auditPage>;

/** Where a page goes on: behind this entry. */
type Place = readonly [at: number, seq: number];

/** So many rows are sifted for a page; then the caller goes on with the cursor. 50 000 take about 60 ms. */
const SIFTED = 50_000;
const COUNTED = 10_000;

/**
 * A page of the trail, newest first (by time, entries of one instant by number). Every filter but the text has an index; text and further
 * filters are sifted, a bounded number of rows for each page.
 * @throws ProblemError `validation_failed` when the cursor is not one of this list
 */
export async function listEntries(
  reader: Reader,
  request: AuditFilter & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<AuditPage> {
  const { indexed, rest } = conditionsOf(request);
  const place = request.cursor === undefined ? undefined : parsePlace(request.cursor);
  const inner = place === undefined ? indexed : [...indexed, sql`(at, seq) < (${place[0]}, ${place[1]})`];
  const wanted = { inner, rest, limit: request.limit + 1 };
  const { rows } = await sql<AuditTable>`${rest.length === 0 ? walk(wanted) : sift(wanted)}`.execute(reader);
  const items = rows.slice(0, request.limit).map(parseEntry);
  const total = place === undefined ? await count(reader, indexed, rest) : undefined;
  const next = await nextPlace(reader, { ...wanted, rows, last: items.at(-1) });
  return {
    items,
    ...(next !== undefined && { next: encodeCursor(['audit', ...next]) }),
    ...(total !== undefined && { total }),
  };
}

interface Wanted {
  readonly inner: readonly RawBuilder<unknown>[];
  readonly rest: readonly RawBuilder<unknown>[];
  readonly limit: number;
}

function walk({ inner, limit }: Wanted): RawBuilder<unknown> {
  return sql`select * from audit ${where(inner)} order by at desc, seq desc limit ${limit}`;
}

/** Only what is looked at is read of the sifted rows; whole rows of the few that are wanted. */
function sift({ inner, rest, limit }: Wanted): RawBuilder<unknown> {
  return sql`select audit.* from (
      select seq from (
        select seq, at, actor, via, operation, object_kind, object_id, object_name, sentence, request_id
        from audit ${where(inner)} order by at desc, seq desc limit ${SIFTED}
      ) as sifted ${where(rest)} order by at desc, seq desc limit ${limit}
    ) as page join audit on audit.seq = page.seq order by audit.at desc, audit.seq desc`;
}

async function nextPlace(
  reader: Reader,
  {
    inner,
    rest,
    limit,
    rows,
    last,
  }: Wanted & { readonly rows: readonly unknown[]; readonly last: AuditEntry | undefined },
): Promise<Place | undefined> {
  if (rows.length === limit && last !== undefined) return [last.at, last.seq];
  if (rest.length === 0) return undefined;
  const { rows: end } = await sql<{ at: number; seq: number }>`select at, seq from audit ${where(inner)}
    order by at desc, seq desc limit 1 offset ${SIFTED - 1}`.execute(reader);
  return end[0] === undefined ? undefined : [Number(end[0].at), Number(end[0].seq)];
}

async function count(
  reader: Reader,
  indexed: readonly RawBuilder<unknown>[],
  rest: readonly RawBuilder<unknown>[],
): Promise<number | undefined> {
  if (rest.length > 0) return undefined;
  if (indexed.length === 0) return (await readHead(reader)).seq - ((await readAnchor(reader))?.seq ?? 0);
  const { rows } = await sql<{ n: number }>`select count(*) as n from (
    select 1 from audit ${where(indexed)} limit ${COUNTED + 1}) as counted`.execute(reader);
  const n = Number(rows[0]?.n ?? 0);
  return n > COUNTED ? undefined : n;
}

function parsePlace(cursor: string): Place {
  const [, at, seq] = decodeCursor(cursor, z.tuple([z.literal('audit'), z.number(), z.int()]));
  return [at, seq];
}

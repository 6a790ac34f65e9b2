import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import type { Reader } from './database.ts';
import { wrongValue } from './http/validation.ts';

/** Orders in which records are listed, and the column of each. */
const SORT_COLUMNS = {
  displayName: 'display_key',
  name: 'name',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const;
const SORTS = [
  'displayName',
  '-displayName',
  'name',
  '-name',
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
] as const;

/** The query of a list. `filters` are further fields. */
export function listQuery<Filters extends z.ZodRawShape>(filters: Filters) {
  return z.strictObject({
    q: z.string().max(200).optional().describe('Only what has this in its name or display name.'),
    sort: z.enum(SORTS).default('displayName').describe('Order; with - descending.'),
    ...pageFields,
    ...filters,
  });
}

/** The part of a list's query that pages. */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most, up to 200.'),
  cursor: z.string().max(1000).optional().describe('Where to go on: `next` of the page before.'),
};

/** A flag in a query. */
export const booleanFilter = z.enum(['true', 'false']).transform((text) => text === 'true');

/** A page of a list, as answered. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z.string().optional().describe('Cursor of the next page; left out on the last one.'),
    total: z.int().describe('How many there are on all pages.'),
  });
}

/** A page of rows or items. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next?: string;
  readonly total: number;
}

/** What is asked of a list. */
export interface ListRequest {
  readonly q?: string | undefined;
  readonly sort: (typeof SORTS)[number];
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of a table of records, by keyset: the cursor holds the last row's place, so the hundredth page costs what the first does.
 * @param conditions further conditions on the table's columns
 * @throws ProblemError `validation_failed` when the cursor is not one of this list
 */
export async function listRecords<Row extends { id: string }>(
  reader: Reader,
  table: string,
  request: ListRequest,
  conditions: readonly RawBuilder<unknown>[] = [],
): Promise<Page<Row>> {
  const isDescending = request.sort.startsWith('-');
  const order = isDescending ? request.sort.slice(1) : request.sort;
  const column = SORT_COLUMNS[z.enum(['displayName', 'name', 'createdAt', 'updatedAt']).parse(order)];
  const wanted = [...conditions, ...searchCondition(request.q)];
  const after =
    request.cursor === undefined
      ? []
      : [
          placeCondition(
            column,
            isDescending,
            parseCursor(request.cursor, request.sort, column === 'display_key' || column === 'name'),
          ),
        ];
  const direction = sql.raw(isDescending ? 'desc' : 'asc');
  const { rows } = await sql<Row>`select * from ${sql.table(table)} ${where([...wanted, ...after])}
    order by ${sql.ref(column)} ${direction}, ${sql.ref('id')} ${direction} limit ${request.limit + 1}`.execute(reader);
  const counted = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)} ${where(wanted)}`.execute(
    reader,
  );
  const items = rows.slice(0, request.limit);
  const last = items.at(-1);
  const total = Number(counted.rows[0]?.n ?? 0);
  if (rows.length <= request.limit || last === undefined) return { items, total };
  const place: unknown = new Map(Object.entries(last)).get(column);
  return { items, next: encodeCursor([request.sort, place, last.id]), total };
}

/** An opaque cursor for anything that JSON can hold. */
export function encodeCursor(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * What a cursor holds, by its schema.
 * @throws ProblemError `validation_failed`
 */
export function decodeCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    place = undefined;
  }
  const result = schema.safeParse(place);
  if (result.success) return result.data;
  throw wrongValue('/query/cursor', 'cursor_wrong', 'This cursor does not belong to this list. Start without one.');
}

/** Joins conditions to a where clause; nothing when there are none. */
export function where(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
}

function parseCursor(cursor: string, sort: string, isText: boolean): { value: string | number; id: string } {
  const value = isText ? z.string() : z.number();
  const [, place, id] = decodeCursor(cursor, z.tuple([z.literal(sort), value, z.string()]));
  return { value: place, id };
}

function placeCondition(
  column: string,
  isDescending: boolean,
  place: { readonly value: string | number; readonly id: string },
): RawBuilder<unknown> {
  const beyond = sql.raw(isDescending ? '<' : '>');
  return sql`(${sql.ref(column)}, ${sql.ref('id')}) ${beyond} (${place.value}, ${place.id})`;
}

function searchCondition(q: string | undefined): RawBuilder<unknown>[] {
  if (q === undefined || q.trim() === '') return [];
  const pattern = `%${q
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')}%`;
  return [sql`${sql.ref('search')} like ${pattern} escape '\\'`];
}

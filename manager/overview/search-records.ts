import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../database.ts';
import { hasInside } from '../list.ts';

/** A record that was found. */
export interface FoundRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
}

/** A record and how well it fits: 0 begins with what was typed, 1 has it inside. */
export interface RankedRow {
  readonly rank: 0 | 1;
  readonly row: FoundRow;
}

/**
 * Records of one table whose name or display name begins with `q` (lower case), then those that have it inside. The first are two looks into
 * the indexes of the names; only when they do not fill the limit, the index that lists are sifted by is gone through (6 ms for 100 000).
 */
export async function searchRecords(
  reader: Reader,
  asked: { readonly table: string; readonly q: string; readonly limit: number },
): Promise<RankedRow[]> {
  const { table, q, limit } = asked;
  const first = await found(reader, {
    table,
    limit,
    matches: sql`select id from (select id from ${sql.table(table)} where ${beginsWith('display_key', q)} order by display_key, id limit ${limit}) as titled
      union select id from (select id from ${sql.table(table)} where ${beginsWith('name', q)} order by name limit ${limit}) as named`,
  });
  const ranked = first.map((row): RankedRow => ({ rank: 0, row }));
  if (ranked.length >= limit) return ranked.slice(0, limit);
  const inside = await found(reader, {
    table,
    limit,
    matches: sql`select id from ${sql.table(table)} where ${hasInside('search', q)} limit ${limit + first.length}`,
  });
  const known = new Set(first.map(({ id }) => id));
  const others = inside.filter(({ id }) => !known.has(id)).map((row): RankedRow => ({ rank: 1, row }));
  return [...ranked, ...others].slice(0, limit);
}

/** A column that begins with a text, as a range: an index finds it whatever the text's signs are. Nothing has NUL. */
export function beginsWith(column: string | RawBuilder<unknown>, text: string): RawBuilder<unknown> {
  if (text.includes('\0')) return sql`1 = 0`;
  const place = typeof column === 'string' ? sql.ref(column) : column;
  return sql`(${place} >= ${text} and ${place} < ${`${text}\u{10ffff}`})`;
}

async function found(
  reader: Reader,
  asked: { readonly table: string; readonly limit: number; readonly matches: RawBuilder<unknown> },
): Promise<FoundRow[]> {
  const { rows } = await sql<FoundRow>`select id, name, display_name from ${sql.table(asked.table)}
    where id in (${asked.matches}) order by display_key, id`.execute(reader);
  return rows;
}

import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

/** What the manager's data lie in. */
export type Engine = 'sqlite' | 'postgres';

/** Which engine a connection or transaction speaks to: for the few statements in which the two differ. */
export function engineOf<Tables>(db: Kysely<Tables>): Engine {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}

/** True for the URL of a PostgreSQL database; anything else is the name of an SQLite file. */
export function isPostgresUrl(place: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(place);
}

/** What a JSON text may hold that PostgreSQL cannot keep as text: NUL, and half of a surrogate pair (JSON.stringify writes both as \u…). */
const NO_TEXT = '\\\\u(0000|d[89a-f])';
/** An index entry of PostgreSQL has at most 2704 bytes. */
const INDEXED_CHARACTERS = 600;

/**
 * A field of a column that holds a JSON object, as text; null when it is not there. The very same expression is indexed (0007-lists), so that
 * a range of it is found by the index. On PostgreSQL it is cut after 600 characters, and null where the object holds what is no text there.
 */
export function jsonField(engine: Engine, column: string, field: string): RawBuilder<string> {
  const place = sql.ref(column);
  if (engine === 'sqlite') return sql<string>`json_extract(${place}, ${sql.lit(`$.${field}`)})`;
  const value = sql`${place}::jsonb ->> ${sql.lit(field)}`;
  return sql<string>`(case when ${place} ~ ${sql.lit(NO_TEXT)} then null else left(${value}, ${sql.lit(INDEXED_CHARACTERS)}) end collate "C")`;
}

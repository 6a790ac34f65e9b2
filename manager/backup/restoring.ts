import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { ConfigurationError } from '#core/errors';
import type { Database } from '../database.ts';
import { migrate, migrateTo } from '../migrate.ts';
import type { TableRow } from './snapshot.ts';
import { BACKED_UP_TABLES } from './tables.ts';

/** A database beside the present one, that takes its place when it is whole. */
export interface NewDatabase {
  /** Schema of a PostgreSQL database that it is in until then. */
  readonly schema: string | undefined;
  readonly db: Kysely<Database>;
  /** Puts it in the place of the present one, which is kept; gives where, or undefined when there was none. */
  putInPlace(): Promise<string | undefined>;
  /** Removes it, unless it is in place; the present data stay as they are. */
  discard(): Promise<void>;
}

/** A page of rows of a table. */
export interface TablePage {
  readonly table: string;
  readonly rows: readonly TableRow[];
}

/**
 * Fills a new database with the rows of a backup, in one transaction, and brings it up to this version.
 * @param migrations those that the data had when they were backed up
 * @throws ConfigurationError for a table or column that there is not; nothing is in place then
 */
export async function fillDatabase(
  { db, schema }: Pick<NewDatabase, 'db' | 'schema'>,
  migrations: readonly string[],
  pages: AsyncIterable<TablePage>,
): Promise<void> {
  await migrateTo(db, migrations.at(-1) ?? '', schema);
  const tables = (await db.introspection.getTables()).filter(
    (table) => schema === undefined || table.schema === schema,
  );
  const columns = new Map(tables.map((table) => [table.name, new Set(table.columns.map(({ name }) => name))]));
  await db.transaction().execute(async (tx) => {
    // What the migrations themselves have written.
    for (const { name } of BACKED_UP_TABLES.toReversed())
      if (columns.has(name)) await sql`delete from ${sql.table(name)}`.execute(tx);
    for await (const { table, rows } of pages) {
      const known = columns.get(table);
      if (known === undefined || !BACKED_UP_TABLES.some(({ name }) => name === table))
        throw new ConfigurationError(`The backup has rows of an unknown table "${table.slice(0, 80)}".`);
      await insert(tx, table, rows, known);
    }
  });
  await migrate(db, schema);
}

async function insert(
  db: Kysely<Database>,
  table: string,
  rows: readonly TableRow[],
  known: ReadonlySet<string>,
): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const isAlike = (row: TableRow) =>
    Object.keys(row).length === names.length && names.every((name) => row[name] !== undefined);
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined || !rows.every(isAlike))
    throw new ConfigurationError(
      `The backup has rows of the table ${table} with ${unknown === undefined ? 'other columns than its first' : `an unknown column "${unknown.slice(0, 80)}"`}.`,
    );
  if (rows.length === 0) return;
  const values = rows.map((row) => sql`(${sql.join(names.map((name) => row[name] ?? null))})`);
  const columns = sql.join(names.map((name) => sql.ref(name)));
  await sql`insert into ${sql.table(table)} (${columns}) values ${sql.join(values)}`.execute(db);
}

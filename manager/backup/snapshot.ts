import { existsSync } from 'node:fs';
import { Kysely, sql } from 'kysely';
import { ConfigurationError } from '#core/errors';
import type { Database, Reader } from '../database.ts';
import { engineOf, isPostgresUrl } from '../engine.ts';
import { type FeedHead, readHead } from '../feed/append.ts';
import { checkMigrations } from '../migrate.ts';
import { postgresDialect } from '../postgres.ts';
import { sqliteDialect } from '../sqlite.ts';
import { BACKED_UP_TABLES } from './tables.ts';

/** Rows and characters of a page. */
const [FEWEST_ROWS, MOST_ROWS] = [8, 512];
const [SMALL_PAGE, LARGE_PAGE] = [256 * 1024, 4 * 1024 * 1024];

/** A value of a column: the tables have no others. */
export type ColumnValue = string | number | null;
/** A row as it stands in the database. */
export type TableRow = Readonly<Record<string, ColumnValue>>;

/** The manager's data as they were at one instant, at one number of the change feed. */
export interface Snapshot {
  readonly feed: FeedHead;
  /** Names of the migrations that the data have had, in order. */
  readonly migrations: readonly string[];
  /** Tables that there are: earlier versions have fewer. */
  readonly tables: ReadonlySet<string>;
  /** For what is read typed. */
  readonly reader: Reader;
  /** The rows of every table of a backup, page by page. */
  pages(): AsyncGenerator<{ readonly table: string; readonly rows: readonly TableRow[] }>;
}

/**
 * Reads the manager's data in one transaction, while managers may work on them; changes and migrates nothing.
 * @param place name of an SQLite file, or URL of a PostgreSQL database
 * @throws ConfigurationError when there are no data, or newer ones than this program knows
 */
export async function withSnapshot<Result>(
  place: string,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  const isShared = isPostgresUrl(place);
  if (!isShared && !existsSync(place)) throw new ConfigurationError(`There are no data: ${place} does not exist.`);
  const db = new Kysely<Database>({
    dialect: isShared ? postgresDialect(place, 'migrate') : sqliteDialect(place, 'read'),
  });
  try {
    return await db.connection().execute(async (reader) => {
      await sql.raw(isShared ? 'begin isolation level repeatable read read only' : 'begin deferred').execute(reader);
      // Writing to a slow disk may take longer than a manager may be idle.
      if (isShared) await sql`set local idle_in_transaction_session_timeout = '10min'`.execute(reader);
      try {
        return await work(await read(reader, isShared ? 'the database' : place));
      } finally {
        await sql.raw('rollback').execute(reader);
      }
    });
  } finally {
    await db.destroy();
  }
}

async function read(reader: Reader, place: string): Promise<Snapshot> {
  const tables = await reader.introspection.getTables({ withInternalKyselyTables: true });
  const schema = engineOf(reader) === 'postgres' ? await currentSchema(reader) : undefined;
  const present = new Set(
    tables.filter((table) => schema === undefined || table.schema === schema).map(({ name }) => name),
  );
  if (!present.has('kysely_migration')) throw new ConfigurationError(`There are no data of Gatewright in ${place}.`);
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(reader);
  const migrations = rows.map(({ name }) => name);
  checkMigrations(migrations, place);
  return {
    migrations,
    feed: await readHead(reader),
    reader,
    tables: present,
    async *pages() {
      for (const table of BACKED_UP_TABLES) {
        if (!present.has(table.name)) continue;
        let after: readonly ColumnValue[] | undefined;
        let limit = FEWEST_ROWS;
        for (;;) {
          const found: readonly TableRow[] = await readPage(reader, table, { after, limit });
          if (found.length > 0) yield { table: table.name, rows: found };
          const last = found.at(-1);
          if (last === undefined || found.length < limit) break;
          after = table.key.map((column) => last[column] ?? null);
          limit = nextLimit(limit, found);
        }
      }
    },
  };
}

/** A page has many small rows, or a few with a whole project or document in them. */
function nextLimit(limit: number, rows: readonly TableRow[]): number {
  let characters = 0;
  for (const row of rows)
    for (const value of Object.values(row)) characters += typeof value === 'string' ? value.length : 8;
  if (characters > LARGE_PAGE) return Math.max(FEWEST_ROWS, limit / 2);
  return characters < SMALL_PAGE ? Math.min(MOST_ROWS, limit * 2) : limit;
}

async function currentSchema(reader: Reader): Promise<string | undefined> {
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(reader);
  return rows[0]?.name ?? undefined;
}

async function readPage(
  reader: Reader,
  { name, key }: (typeof BACKED_UP_TABLES)[number],
  { after, limit }: { readonly after: readonly ColumnValue[] | undefined; readonly limit: number },
): Promise<readonly TableRow[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const behind = after === undefined ? sql`` : sql`where (${columns}) > (${sql.join([...after])})`;
  const query = sql<TableRow>`select * from ${sql.table(name)} ${behind} order by ${columns} limit ${sql.lit(limit)}`;
  return (await query.execute(reader)).rows;
}

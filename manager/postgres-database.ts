import { hostname } from 'node:os';
import { Kysely, sql } from 'kysely';
import { ConfigurationError } from '#core/errors';
import { base62 } from '#core/id';
import { systemRandom } from '#core/random';
import type { Database, ManagerDatabase } from './database.ts';
import { checkMigrations, migrate } from './migrate.ts';
import { alone, CHANNEL, PUBLISHING, postgresDialect } from './postgres.ts';
import { columnsOfSqlite } from './postgres-columns.ts';

/**
 * Opens a PostgreSQL database for the manager's data, making or migrating the tables while no other manager starts (decision 37). The tables lie
 * in the first schema of the user's `search_path`.
 * @throws ConfigurationError when the data were written by a newer Gatewright, or the database cannot be reached or used
 */
export async function openPostgres(url: string): Promise<ManagerDatabase> {
  await explained(url, () => alone(url, () => prepare(url)));
  const write = new Kysely<Database>({ dialect: postgresDialect(url, 'write') });
  const read = new Kysely<Database>({ dialect: postgresDialect(url, 'read') });
  const name = newName();
  return {
    read,
    write,
    sharedUrl: url,
    name,
    transaction: (work) => write.transaction().execute(work),
    async announce(tx) {
      await sql`select pg_notify(${CHANNEL}, ${name})`.execute(tx);
    },
    publishing: (store, work) =>
      read.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(PUBLISHING)}, hashtext(${store}))`.execute(tx);
        return work(tx);
      }),
    alone: (work) => alone(url, work),
    async [Symbol.asyncDispose]() {
      await read.destroy();
      await write.destroy();
    },
  };
}

/** Tells managers apart, also those of one host; no secret. */
function newName(): string {
  return `${hostname()}-${process.pid}-${base62(systemRandom, 8)}`;
}

async function prepare(url: string): Promise<void> {
  const db = new Kysely<unknown>({ dialect: postgresDialect(url, 'migrate'), plugins: [columnsOfSqlite] });
  try {
    await checkEncoding(db);
    checkMigrations(await migrationsIn(db), placeOf(url));
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

async function checkEncoding(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(db);
  if (rows[0]?.encoding === 'UTF8') return;
  throw new ConfigurationError(
    `The database has the encoding ${rows[0]?.encoding}, which cannot hold every name. Make one with: create database gatewright encoding 'UTF8' template template0`,
    '/database/url',
  );
}

async function migrationsIn(db: Kysely<unknown>): Promise<string[]> {
  const { rows: found } = await sql<{
    there: number;
  }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (found[0]?.there !== 1) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

async function explained<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new ConfigurationError(
      `The manager's database ${placeOf(url)} cannot be used: ${cause instanceof Error ? cause.message : cause}. Check GATEWRIGHT_DATABASE_URL.`,
      '/database/url',
    );
  }
}

/** Where a database is, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'in GATEWRIGHT_DATABASE_URL';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

import { copyFileSync, existsSync, statSync } from 'node:fs';
import { Kysely, type Transaction } from 'kysely';
import { isPostgresUrl } from './engine.ts';
import type { FeedTables } from './feed/tables.ts';
import type { GatewayTables } from './gateways/tables.ts';
import type { ImportTables } from './import/tables.ts';
import { checkMigrations, migrate } from './migrate.ts';
import { migrations } from './migrations/list.ts';
import type { OwnerTables } from './owners/tables.ts';
import type { PeopleTables } from './people/tables.ts';
import { openPostgres } from './postgres-database.ts';
import type { SigningKeyTables } from './signing-keys/tables.ts';
import { openSqlite, sqliteDialect } from './sqlite.ts';
import type { ConfigurationTables } from './tables.ts';
import type { TokenStoreTables } from './token-stores/tables.ts';

/** Every table of the manager's database. */
export interface Database
  extends ConfigurationTables,
    FeedTables,
    GatewayTables,
    ImportTables,
    OwnerTables,
    PeopleTables,
    SigningKeyTables,
    TokenStoreTables {}

/** A transaction of the manager's database. */
export type Tx = Transaction<Database>;

/** What reads: a transaction or the reading connection. */
export type Reader = Kysely<Database>;

/** The manager's database: connections that read what is committed, one that changes (through `change` in unit-of-work.ts). */
export interface ManagerDatabase extends AsyncDisposable {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
  /** URL of the PostgreSQL database, which other managers may work on too; undefined: an SQLite file, which is this manager's alone. */
  readonly sharedUrl: string | undefined;
  /** Name of this manager among those of the database, made anew with each start. */
  readonly name: string;
  /** Runs a change: everything in it is committed together, or nothing. Changes come one after the other, also those of other managers. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Tells the other managers, when the transaction is committed, that something was changed: a hint only. */
  announce(tx: Tx): Promise<void>;
  /**
   * Writes to a token store as the only manager that does, so that an older standing never comes after a newer one.
   * @param store name of the store
   * @param work reads what is committed by then
   */
  publishing<Result>(store: string, work: (reader: Reader) => Promise<Result>): Promise<Result>;
  /** Runs what only one manager at a time may do, e.g. making what a first start needs. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Opens the database, making or migrating its tables. An SQLite file that must be migrated is copied first, to
 * `<file>.before-<last migration it had>`.
 * @param place name of an SQLite file, or URL of a PostgreSQL database (`postgres://…`)
 * @throws ConfigurationError when the data were written by a newer Gatewright (decision 37), or the database cannot be reached
 */
export function openDatabase(place: string): Promise<ManagerDatabase> {
  return isPostgresUrl(place) ? openPostgres(place) : openFile(place);
}

async function openFile(file: string): Promise<ManagerDatabase> {
  copyBeforeMigrating(file);
  const write = new Kysely<Database>({ dialect: sqliteDialect(file, 'write') });
  const read = new Kysely<Database>({ dialect: sqliteDialect(file, 'read') });
  const close = async () => {
    await read.destroy();
    await write.destroy();
  };
  try {
    await migrate(write);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    read,
    write,
    sharedUrl: undefined,
    name: 'manager',
    transaction: (work) => write.transaction().execute(work),
    announce: async () => {},
    publishing: (_, work) => work(read),
    alone: (work) => work(),
    [Symbol.asyncDispose]: close,
  };
}

/** Looks at an existing file: refuses data newer than this program, copies it when migrations are due. */
function copyBeforeMigrating(file: string): void {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const done = migrationsIn(file);
  checkMigrations(done, file);
  const last = done.at(-1);
  const due = Object.keys(migrations).some((name) => !done.includes(name));
  if (due && last !== undefined) copyFileSync(file, `${file}.before-${last}`);
}

/** Names of the migrations that a file has had, in order. The log is emptied into the file so that a copy of it is whole. */
function migrationsIn(file: string): string[] {
  using database = openSqlite(file, 'write');
  database.exec('pragma wal_checkpoint(truncate);');
  const table = database.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get();
  if (table === undefined) return [];
  return database
    .prepare('select name from kysely_migration order by name')
    .all()
    .map(({ name }) => String(name));
}

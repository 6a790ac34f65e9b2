import { copyFileSync, existsSync, statSync } from 'node:fs';
import { Kysely, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ConfigurationError } from '#core/errors';
import type { FeedTables } from './feed/tables.ts';
import type { GatewayTables } from './gateways/tables.ts';
import type { ImportTables } from './import/tables.ts';
import { migrations } from './migrations/list.ts';
import type { OwnerTables } from './owners/tables.ts';
import type { PeopleTables } from './people/tables.ts';
import type { SigningKeyTables } from './signing-keys/tables.ts';
import { openSqlite, sqliteDialect } from './sqlite.ts';
import type { ConfigurationTables } from './tables.ts';

/** Every table of the manager's database. */
export interface Database
  extends ConfigurationTables,
    FeedTables,
    GatewayTables,
    ImportTables,
    OwnerTables,
    PeopleTables,
    SigningKeyTables {}

/** A transaction of the manager's database. */
export type Tx = Transaction<Database>;

/** What reads: a transaction or the reading connection. */
export type Reader = Kysely<Database>;

/** The manager's database: one connection that reads what is committed, one that changes (through `change` in unit-of-work.ts). */
export interface ManagerDatabase extends AsyncDisposable {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
}

/**
 * Opens the database file, making or migrating it. A file that must be migrated is copied first, to `<file>.before-<last migration it had>`.
 * @throws ConfigurationError when the data were written by a newer Gatewright (decision 37)
 */
export async function openDatabase(file: string): Promise<ManagerDatabase> {
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
  return { read, write, [Symbol.asyncDispose]: close };
}

async function migrate(db: Kysely<Database>): Promise<void> {
  const provider = { getMigrations: async () => migrations };
  const { error } = await new Migrator({ db, provider, nameComparator: compare }).migrateToLatest();
  if (error !== undefined) throw error;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Looks at an existing file: refuses data newer than this program, copies it when migrations are due. */
function copyBeforeMigrating(file: string): void {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const done = migrationsIn(file);
  const unknown = done.filter((name) => !(name in migrations));
  if (unknown.length > 0)
    throw new ConfigurationError(
      `The data in ${file} were written by a newer Gatewright (it has the migration ${unknown.join(', ')}, which this version does not know). Run that version or newer, or restore a backup made by this one.`,
    );
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

import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ConfigurationError } from '#core/errors';
import { migrations } from './migrations/list.ts';

/**
 * Brings the tables up to this version, all in one transaction.
 * @param schema of a PostgreSQL database: where they are, when that is not the only place where such tables are
 */
export async function migrate<Tables>(db: Kysely<Tables>, schema?: string): Promise<void> {
  const { error } = await migratorOf(db, schema).migrateToLatest();
  if (error !== undefined) throw error;
}

/** As {@link migrate}, up to the migration of that name: for rows that an earlier version has written. */
export async function migrateTo<Tables>(db: Kysely<Tables>, name: string, schema?: string): Promise<void> {
  const { error } = await migratorOf(db, schema).migrateTo(name);
  if (error !== undefined) throw error;
}

function migratorOf<Tables>(db: Kysely<Tables>, schema: string | undefined): Migrator {
  const provider = { getMigrations: async () => migrations };
  const place = schema === undefined ? {} : { migrationTableSchema: schema };
  return new Migrator({ db, provider, nameComparator: compare, ...place });
}

/**
 * Refuses data that a newer version has migrated (decision 37).
 * @param done names of the migrations that the data have had
 * @param place where they are, without a password
 */
export function checkMigrations(done: readonly string[], place: string): void {
  const unknown = done.filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new ConfigurationError(
    `The data in ${place} were written by a newer Gatewright (it has the migration ${unknown.join(', ')}, which this version does not know). Run that version or newer, or restore a backup made by this one.`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

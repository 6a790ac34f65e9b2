import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ConfigurationError } from '#core/errors';
import { migrations } from './migrations/list.ts';

/** Brings the tables up to this version, all in one transaction. */
export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const provider = { getMigrations: async () => migrations };
  const { error } = await new Migrator({ db, provider, nameComparator: compare }).migrateToLatest();
  if (error !== undefined) throw error;
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

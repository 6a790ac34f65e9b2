import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Consumer secrets that gateways have to read again, for client_secret_jwt (decision 3): sealed with the master key. Null: only the hash is kept. */
export const readableSecrets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('secrets').addColumn('sealed', 'text').execute();
  },
};

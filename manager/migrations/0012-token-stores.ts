import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Token stores. */
export const tokenStores: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('token_stores')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('display_key', 'text', (column) => column.notNull())
      .addColumn('search', 'text', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_by', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('credentials', 'text')
      .addColumn('is_default', 'integer', (column) => column.notNull())
      .addColumn('default_until', 'bigint')
      .addUniqueConstraint('token_stores_name', ['name'])
      .execute();
    await db.schema.createIndex('token_stores_display').on('token_stores').columns(['display_key', 'id']).execute();
  },
};

import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { engineOf } from '../engine.ts';
import { createTrigrams } from './0007-lists.ts';

/** Directories of resource owners, and the owners. */
export const resourceOwners: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await withRecordColumns(db.schema.createTable('directories'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('active', 'integer', (column) => column.notNull())
      .addColumn('credentials', 'text')
      .addUniqueConstraint('directories_name', ['name'])
      .execute();
    await db.schema.createIndex('directories_display').on('directories').columns(['display_key', 'id']).execute();
    await withRecordColumns(db.schema.createTable('resource_owners'))
      .addColumn('directory_id', 'text', (column) => column.notNull().references('directories.id'))
      .addColumn('active', 'integer', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('state_changed_at', 'bigint')
      .addColumn('state_changed_by', 'text')
      .addColumn('state_reason', 'text')
      .addColumn('external_id', 'text')
      .addColumn('password_hash', 'text')
      .addColumn('last_signed_in_at', 'bigint')
      .addUniqueConstraint('resource_owners_unique_name', ['directory_id', 'name'])
      .addUniqueConstraint('resource_owners_external', ['directory_id', 'external_id'])
      .execute();
    await createOwnerIndexes(db);
  },
};

/** One for each order of the list, and one that holds all that it is sifted by. */
async function createOwnerIndexes(db: Kysely<unknown>): Promise<void> {
  for (const column of ['display_key', 'name', 'created_at', 'updated_at'])
    await db.schema.createIndex(`resource_owners_${column}`).on('resource_owners').columns([column, 'id']).execute();
  if (engineOf(db) === 'postgres') return createTrigrams(db, ['resource_owners']);
  await db.schema
    .createIndex('resource_owners_search')
    .on('resource_owners')
    .columns([
      ...['search', 'display_key', 'name', 'created_at', 'updated_at', 'id'],
      ...['directory_id', 'active', 'external_id'],
    ])
    .execute();
}

function withRecordColumns<Table extends string>(table: CreateTableBuilder<Table, never>) {
  return table
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
    .addColumn('data', 'text', (column) => column.notNull());
}

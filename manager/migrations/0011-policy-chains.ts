import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Policy chains of projects. */
export const policyChains: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('policy_chains')
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
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addUniqueConstraint('policy_chains_name', ['project_id', 'name'])
      .execute();
    for (const order of ['display_key', 'created_at', 'updated_at'])
      await db.schema
        .createIndex(`policy_chains_${order}`)
        .on('policy_chains')
        .columns(['project_id', order, 'id'])
        .execute();
  },
};

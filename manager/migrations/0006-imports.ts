import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The tables of imports (import/tables.ts). */
export const imports: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('project_imports')
      .addColumn('project_id', 'text', (column) => column.primaryKey().references('projects.id').onDelete('cascade'))
      .addColumn('format', 'text', (column) => column.notNull())
      .addColumn('imported_at', 'bigint', (column) => column.notNull())
      .addColumn('imported_by', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('text', 'text')
      .execute();
    await db.schema
      .createTable('resource_origins')
      .addColumn('resource_id', 'text', (column) => column.primaryKey().references('resources.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('resource_origins_project')
      .on('resource_origins')
      .columns(['project_id', 'key'])
      .execute();
  },
};

import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The tables of the change feed, versions, deployments and gateways (feed/tables.ts). */
export const changeFeed: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createFeed(db);
    await createVersions(db);
    await createDeployments(db);
    await db.schema
      .createTable('gateways')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('server_group', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('head', 'text', (column) => column.notNull())
      .execute();
  },
};

async function createFeed(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('feed')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('server_group_id', 'text')
    .addColumn('payload', 'text')
    .addColumn('deleted_at', 'bigint')
    .addPrimaryKeyConstraint('feed_key', ['kind', 'id'])
    .execute();
  await db.schema.createIndex('feed_seq').on('feed').column('seq').execute();
  await db.schema
    .createTable('feed_meta')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('horizon', 'bigint', (column) => column.notNull())
    .execute();
}

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('versions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id').onDelete('cascade'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('draft_revision', 'integer', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('context_path', 'text', (column) => column.notNull())
    .addColumn('hosts', 'text', (column) => column.notNull())
    .addColumn('snapshot', 'text', (column) => column.notNull())
    .addUniqueConstraint('versions_number', ['project_id', 'number'])
    .execute();
}

async function createDeployments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id').onDelete('cascade'))
    .addColumn('server_group_id', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('previous_version', 'integer')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('deployments_place')
    .on('deployments')
    .columns(['project_id', 'server_group_id', 'seq'])
    .execute();
  await db.schema.createIndex('deployments_group').on('deployments').columns(['server_group_id', 'state']).execute();
  await db.schema.createIndex('deployments_seq').on('deployments').column('seq').execute();
}

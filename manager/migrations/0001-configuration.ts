import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The tables of the configuration (tables.ts). */
export const configuration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createProjects(db);
    await createRegistry(db);
    await createHousekeeping(db);
  },
};

type AnyTable = CreateTableBuilder<string, string>;

function record(table: AnyTable): AnyTable {
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

function standing(table: AnyTable): AnyTable {
  return table
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('state_changed_at', 'bigint', (column) => column.notNull())
    .addColumn('state_changed_by', 'text', (column) => column.notNull())
    .addColumn('state_reason', 'text');
}

/** One index for each order in which a table is listed; `within` is the column that a list is always narrowed by. */
async function indexRecord(db: Kysely<unknown>, table: string, within: readonly string[] = []): Promise<void> {
  await db.schema
    .createIndex(`${table}_name`)
    .on(table)
    .columns([...within, 'name'])
    .unique()
    .execute();
  for (const order of ['display_key', 'created_at', 'updated_at'])
    await db.schema
      .createIndex(`${table}_${order}`)
      .on(table)
      .columns([...within, order, 'id'])
      .execute();
}

async function createProjects(db: Kysely<unknown>): Promise<void> {
  await record(db.schema.createTable('projects'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('context_path', 'text', (column) => column.notNull())
    .addColumn('draft_revision', 'integer', (column) => column.notNull())
    .execute();
  await indexRecord(db, 'projects');
  for (const table of ['policies', 'resources', 'targets']) {
    const part = record(db.schema.createTable(table)).addColumn('project_id', 'text', (column) =>
      column.notNull().references('projects.id').onDelete('cascade'),
    );
    await (table === 'policies' ? part.addColumn('type', 'text', (column) => column.notNull()) : part).execute();
    await indexRecord(db, table, ['project_id']);
  }
}

async function createRegistry(db: Kysely<unknown>): Promise<void> {
  await record(db.schema.createTable('server_groups')).execute();
  await indexRecord(db, 'server_groups');
  await record(db.schema.createTable('products'))
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await indexRecord(db, 'products');
  await db.schema
    .createTable('product_projects')
    .addColumn('product_id', 'text', (column) => column.notNull().references('products.id').onDelete('cascade'))
    .addColumn('project_id', 'text', (column) => column.notNull().references('projects.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('product_projects_key', ['product_id', 'project_id'])
    .execute();
  await db.schema.createIndex('product_projects_project').on('product_projects').column('project_id').execute();
  await standing(record(db.schema.createTable('clients')))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('auth_method', 'text', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .execute();
  await indexRecord(db, 'clients');
  await createSubscriptions(db);
}

async function createSubscriptions(db: Kysely<unknown>): Promise<void> {
  await standing(record(db.schema.createTable('subscriptions')))
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id'))
    .addColumn('product_id', 'text', (column) => column.notNull().references('products.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('starts_at', 'bigint')
    .addColumn('ends_at', 'bigint')
    .addColumn('consumer_key', 'text', (column) => column.unique())
    .execute();
  await indexRecord(db, 'subscriptions');
  await db.schema.createIndex('subscriptions_client').on('subscriptions').columns(['client_id', 'id']).execute();
  await db.schema.createIndex('subscriptions_product').on('subscriptions').columns(['product_id', 'id']).execute();
  await db.schema
    .createTable('secrets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('subscription_id', 'text', (column) =>
      column.notNull().references('subscriptions.id').onDelete('cascade'),
    )
    .addColumn('consumer_key', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('tokens_revoked', 'integer', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('changed_reason', 'text')
    .addColumn('last_used_at', 'bigint')
    .addColumn('last_used_gateway', 'text')
    .addColumn('last_used_address', 'text')
    .execute();
  await db.schema
    .createIndex('secrets_subscription')
    .on('secrets')
    .columns(['subscription_id', 'created_at'])
    .execute();
  await db.schema
    .createTable('standing_tombstones')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('feed_kind', 'text', (column) => column.notNull())
    .addColumn('feed_id', 'text', (column) => column.notNull())
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('changed_reason', 'text')
    .addPrimaryKeyConstraint('standing_tombstones_key', ['kind', 'id'])
    .execute();
  await db.schema
    .createIndex('standing_tombstones_feed')
    .on('standing_tombstones')
    .columns(['feed_kind', 'feed_id'])
    .execute();
}

async function createHousekeeping(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('management_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('display_key', 'text', (column) => column.notNull())
    .addColumn('search', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .execute();
  await db.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('via', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('object_kind', 'text', (column) => column.notNull())
    .addColumn('object_id', 'text', (column) => column.notNull())
    .addColumn('object_name', 'text', (column) => column.notNull())
    .addColumn('sentence', 'text', (column) => column.notNull())
    .addColumn('before_json', 'text')
    .addColumn('after_json', 'text')
    .addColumn('request_id', 'text')
    .execute();
  await db.schema.createIndex('audit_object').on('audit').columns(['object_id', 'seq']).execute();
  await db.schema.createIndex('audit_kind').on('audit').columns(['object_kind', 'seq']).execute();
  await db.schema.createIndex('audit_actor').on('audit').columns(['actor', 'seq']).execute();
  await db.schema
    .createTable('token_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('current', 'text', (column) => column.notNull())
    .addColumn('previous', 'text')
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
}

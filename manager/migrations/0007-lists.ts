import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Indexes for 10 000 projects and 100 000 clients: what a list sifts by, a screen counts or the search looks in is read out of an index, never
 * out of the tables' rows with their JSON. PostgreSQL would take a trigram index on `search` in place of the `…_search` ones.
 */
export const lists: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createSearchIndexes(db);
    await createRegistryIndexes(db);
    await createDeploymentIndexes(db);
  },
};

/** What every order of a list needs, so that a sifted page is made without a look at the rows. */
const ORDERS = ['display_key', 'name', 'created_at', 'updated_at', 'id'] as const;

/** By table: the columns that its list can be narrowed by. */
const SIFTED = {
  projects: ['kind'],
  products: ['state'],
  clients: ['active'],
  subscriptions: ['client_id', 'product_id', 'state', 'ends_at'],
} as const;

async function createSearchIndexes(db: Kysely<unknown>): Promise<void> {
  for (const [table, columns] of Object.entries(SIFTED))
    await index(db, `${table}_search`, table, ['search', ...ORDERS, ...columns]);
  await index(db, 'projects_kind', 'projects', ['kind', 'display_key', 'id']);
  await index(db, 'projects_context_path', 'projects', ['context_path']);
  await index(db, 'policies_type', 'policies', ['type', 'project_id']);
  await index(db, 'resources_path', 'resources', [sql`json_extract(data, '$.path')`]);
}

async function createRegistryIndexes(db: Kysely<unknown>): Promise<void> {
  await index(db, 'subscriptions_of_product', 'subscriptions', [
    ...['product_id', 'state', 'ends_at', 'search'],
    ...ORDERS,
  ]);
  await index(db, 'secrets_ends_at', 'secrets', ['ends_at', 'active']);
  await index(db, 'secrets_last_used', 'secrets', ['subscription_id', 'last_used_at']);
}

async function createDeploymentIndexes(db: Kysely<unknown>): Promise<void> {
  await index(db, 'deployments_project_state', 'deployments', [
    'project_id',
    'state',
    'seq',
    'server_group_id',
    'version',
  ]);
  await index(db, 'deployments_project_seq', 'deployments', ['project_id', 'seq']);
  await index(db, 'deployments_group_seq', 'deployments', ['server_group_id', 'seq']);
  await index(db, 'deployments_state_seq', 'deployments', ['state', 'seq']);
  await index(db, 'deployments_created', 'deployments', ['created_at']);
  await index(db, 'versions_draft', 'versions', ['project_id', 'number', 'draft_revision', 'content_hash']);
  await index(db, 'versions_path', 'versions', ['context_path', 'project_id', 'number']);
}

async function index(
  db: Kysely<unknown>,
  name: string,
  table: string,
  columns: readonly (string | RawBuilder<unknown>)[],
): Promise<void> {
  const places = columns.map((column) => (typeof column === 'string' ? sql.ref(column) : column));
  await sql`create index ${sql.ref(name)} on ${sql.table(table)} (${sql.join(places)})`.execute(db);
}

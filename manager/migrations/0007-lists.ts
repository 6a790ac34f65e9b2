import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Engine, engineOf, jsonField } from '../engine.ts';

/**
 * Indexes for 10 000 projects and 100 000 clients: what a list sifts by, a screen counts or the search looks in is read out of an index, never
 * out of the tables' rows with their JSON. On PostgreSQL an index entry has at most 2704 bytes, so that none can hold all texts of a row: there
 * the `…_search` ones are trigrams of `search` alone (extension pg_trgm, left out where it cannot be had).
 */
export const lists: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const engine = engineOf(db);
    await createSearchIndexes(db, engine);
    await createRegistryIndexes(db, engine);
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

async function createSearchIndexes(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === 'postgres') await createTrigrams(db, Object.keys(SIFTED));
  else
    for (const [table, columns] of Object.entries(SIFTED))
      await index(db, `${table}_search`, table, ['search', ...ORDERS, ...columns]);
  await index(db, 'projects_kind', 'projects', ['kind', 'display_key', 'id']);
  await index(db, 'projects_context_path', 'projects', ['context_path']);
  await index(db, 'policies_type', 'policies', ['type', 'project_id']);
  await index(db, 'resources_path', 'resources', [jsonField(engine, 'data', 'path')]);
}

async function createRegistryIndexes(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const texts = engine === 'postgres' ? ['id'] : ['search', ...ORDERS];
  await index(db, 'subscriptions_of_product', 'subscriptions', [...['product_id', 'state', 'ends_at'], ...texts]);
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

/** With the extension when it is there or may be made; a search without it reads the table (100 000 rows: a tenth of a second). */
export async function createTrigrams(db: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  const statements = tables.map((table) => `create index ${table}_search on ${table} using gin (search gin_trgm_ops);`);
  await sql`do ${sql.lit(`begin
    create extension if not exists pg_trgm;
    ${statements.join('\n    ')}
  exception when others then
    raise notice 'No index for searching: %', sqlerrm;
  end`)}`.execute(db);
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

import type { Database } from '../database.ts';

/** A table of a backup. */
export interface BackedUpTable {
  readonly name: keyof Database;
  /** Its primary key: what it is paged by. */
  readonly key: readonly string[];
}

const by = (name: keyof Database, ...key: readonly string[]): BackedUpTable => ({ name, key });

/** Every table of a backup, what others refer to before them. */
export const BACKED_UP_TABLES: readonly BackedUpTable[] = [
  by('settings', 'name'),
  by('counters', 'name'),
  by('server_groups', 'id'),
  by('group_variables', 'server_group_id', 'name'),
  by('projects', 'id'),
  by('policies', 'id'),
  by('resources', 'id'),
  by('targets', 'id'),
  by('policy_chains', 'id'),
  by('project_imports', 'project_id'),
  by('resource_origins', 'resource_id'),
  by('versions', 'id'),
  by('deployments', 'id'),
  by('products', 'id'),
  by('product_projects', 'product_id', 'project_id'),
  by('clients', 'id'),
  by('subscriptions', 'id'),
  by('secrets', 'id'),
  by('standing_tombstones', 'kind', 'id'),
  by('users', 'id'),
  by('identity_providers', 'id'),
  by('management_keys', 'id'),
  by('directories', 'id'),
  by('resource_owners', 'id'),
  by('token_keys', 'id'),
  by('signing_keys', 'kid'),
  by('token_stores', 'id'),
  by('joined_gateways', 'id'),
  by('gateway_orders', 'gateway_id'),
  by('feed', 'kind', 'id'),
  by('feed_meta', 'id'),
  by('audit_keys', 'id'),
  by('audit_checkpoints', 'seq'),
  by('audit_chain', 'id'),
  by('audit', 'seq'),
];

/** What must not come back, or is of the moment: sessions, links and tokens that work once, leases, and when gateways were seen. */
export const LEFT_OUT_TABLES: readonly (keyof Database)[] = [
  'sessions',
  'password_links',
  'join_tokens',
  'leases',
  'gateways',
];

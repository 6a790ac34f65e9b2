// The tables that hold the configuration. Portable column types only: text, and numbers as bigint or integer (flags are 0 or 1, times epoch
// milliseconds). What is neither searched, sorted nor joined stands as JSON in `data`. The change feed, versions, deployments and gateways
// have theirs in feed/tables.ts.

/** What every record has. `display_key` sorts (lower case), `search` is what `q` looks in (name and display name, lower case). */
export interface RecordColumns {
  id: string;
  name: string;
  display_name: string;
  display_key: string;
  search: string;
  revision: number;
  created_at: number;
  created_by: string;
  updated_at: number;
  updated_by: string;
  data: string;
}

/** Standing of a client or subscription, and who changed it last. */
export interface StandingColumns {
  generation: number;
  state_changed_at: number;
  state_changed_by: string;
  state_reason: string | null;
}

export interface ProjectTable extends RecordColumns {
  kind: string;
  context_path: string;
  /** Grows with every change of the project or of anything in it: the draft's own revision, for "changed since version N". */
  draft_revision: number;
}

/** Policies, resources and targets of a project: all alike. Unique by (project_id, name). */
export interface ProjectPartTable extends RecordColumns {
  project_id: string;
}

export interface PolicyTable extends ProjectPartTable {
  type: string;
}

export type ServerGroupTable = RecordColumns;

export interface ProductTable extends RecordColumns {
  state: string;
}

export interface ProductProjectTable {
  product_id: string;
  project_id: string;
  position: number;
}

export interface ClientTable extends RecordColumns, StandingColumns {
  kind: string;
  auth_method: string;
  active: number;
}

export interface SubscriptionTable extends RecordColumns, StandingColumns {
  client_id: string;
  product_id: string;
  /** pending, active, suspended or ended; that `ends_at` has passed is computed when read. */
  state: string;
  starts_at: number | null;
  ends_at: number | null;
  consumer_key: string | null;
}

export interface SecretTable {
  id: string;
  subscription_id: string;
  consumer_key: string;
  name: string;
  hash: string;
  /** The secret, sealed with the master key; null: only its hash is kept. */
  sealed: string | null;
  hint: string;
  created_at: number;
  created_by: string;
  ends_at: number | null;
  generation: number;
  /** 0: ended by hand. */
  active: number;
  tokens_revoked: number;
  changed_at: number;
  changed_by: string;
  changed_reason: string | null;
  last_used_at: number | null;
  last_used_gateway: string | null;
  last_used_address: string | null;
}

/**
 * The last standing of what was deleted: generation raised, never active again. The feed entry of a deleted object has no payload, so whoever
 * writes standings to token stores finds them here by (feed_kind, feed_id); a deleted consumer key has one row a secret.
 */
export interface StandingTombstoneTable {
  kind: string;
  id: string;
  feed_kind: string;
  feed_id: string;
  generation: number;
  changed_at: number;
  changed_by: string;
  changed_reason: string | null;
}

export interface ManagementKeyTable {
  id: string;
  name: string;
  display_name: string;
  display_key: string;
  search: string;
  /** The first of `roles`: what the version before knew. */
  role: string;
  /** JSON list of role grants. */
  roles: string;
  /** The person whose it is; null: a machine's. */
  owner_id: string | null;
  hash: string;
  hint: string;
  created_at: number;
  created_by: string;
  /** As created: a key does not change; there so that it is listed like a record. */
  updated_at: number;
  ends_at: number | null;
  last_used_at: number | null;
}

export interface AuditTable {
  seq: number;
  id: string;
  at: number;
  actor: string;
  via: string;
  operation: string;
  object_kind: string;
  object_id: string;
  object_name: string;
  sentence: string;
  before_json: string | null;
  after_json: string | null;
  request_id: string | null;
  /** Hash of the entry before (core/audit-chain.ts). */
  prev_hash: string | null;
  hash: string | null;
}

/** The end of the audit trail, one row (id 1): taken first by whoever writes, so that numbers and hashes are in commit order. */
export interface AuditChainTable {
  id: number;
  seq: number;
  hash: string;
  /** Signed mark up to which retention has removed entries, as JSON. */
  anchor: string | null;
}

/** Signed checkpoints of the audit trail, the newest ten thousand. */
export interface AuditCheckpointTable {
  seq: number;
  hash: string;
  at: number;
  key_id: string;
  signature: string;
}

/** Keys that sign checkpoints; the private one (PKCS #8, DER) sealed (context: table "audit_keys", row id, column "private_key"). */
export interface AuditKeyTable {
  id: string;
  public_key: string;
  private_key: string;
  created_at: number;
}

/** Keys that tag opaque tokens, sealed (context: table "token_keys", row id, column "current" or "previous"). One row, id "tags". */
export interface TokenKeyTable {
  id: string;
  current: string;
  previous: string | null;
  updated_at: number;
}

/** Single values: the feed's epoch, the key check, the open setup. */
export interface SettingTable {
  name: string;
  value: string;
}

/** Numbers that only grow, e.g. `audit`. Taken with `update … returning` so that they are in commit order. */
export interface CounterTable {
  name: string;
  value: number;
}

/** The lease of the leader, and one row a manager that is at work (lease.ts). */
export interface LeaseTable {
  /** `leader`, or `manager <its name>`. */
  name: string;
  /** The manager's name (ManagerDatabase). */
  holder: string;
  /** Grows with each new leader. */
  term: number;
  /** Epoch ms of the database's clock. */
  ends_at: number;
}

/** The tables of the configuration. */
export interface ConfigurationTables {
  projects: ProjectTable;
  policies: PolicyTable;
  resources: ProjectPartTable;
  targets: ProjectPartTable;
  policy_chains: ProjectPartTable;
  server_groups: ServerGroupTable;
  products: ProductTable;
  product_projects: ProductProjectTable;
  clients: ClientTable;
  subscriptions: SubscriptionTable;
  secrets: SecretTable;
  standing_tombstones: StandingTombstoneTable;
  management_keys: ManagementKeyTable;
  audit: AuditTable;
  audit_chain: AuditChainTable;
  audit_checkpoints: AuditCheckpointTable;
  audit_keys: AuditKeyTable;
  token_keys: TokenKeyTable;
  settings: SettingTable;
  counters: CounterTable;
  leases: LeaseTable;
}

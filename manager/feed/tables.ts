/** An immutable, numbered snapshot of a project. */
export interface VersionTable {
  id: string;
  project_id: string;
  number: number;
  note: string;
  created_at: number;
  created_by: string;
  /** The draft's revision of which it was made: equal means unchanged without comparing. */
  draft_revision: number;
  /** SHA-256 of the snapshot without ids: equal means the same content. */
  content_hash: string;
  context_path: string;
  /** JSON list of host names. */
  hosts: string;
  /** JSON of a ProjectSnapshot. */
  snapshot: string;
}

/** A version of a project on a server group. */
export interface DeploymentTable {
  id: string;
  project_id: string;
  server_group_id: string;
  version: number;
  /** live, replaced, rolled-back or undeployed. */
  state: string;
  previous_version: number | null;
  /** deploy, rollback or undeploy. */
  kind: string;
  note: string;
  created_at: number;
  created_by: string;
  /** Its number in the change feed. */
  seq: number;
}

/** The newest state of each object: the feed is compacted by its key. */
export interface FeedTable {
  kind: string;
  id: string;
  seq: number;
  server_group_id: string | null;
  /** JSON; null: the object is gone (tombstone). */
  payload: string | null;
  deleted_at: number | null;
}

/** One row: which feed this is, how far it has come, and from where it can be read on. */
export interface FeedMetaTable {
  id: number;
  /** New after a restore: readers of another epoch begin anew. */
  epoch: string;
  seq: number;
  /** Tombstones up to here are gone: who has read less takes a whole snapshot. */
  horizon: number;
}

/** Gateways as they were seen last; the manager's memory is newer by up to 10 s. */
export interface GatewayTable {
  id: string;
  server_group: string;
  last_seen_at: number;
  /** JSON of its last report's head. */
  head: string;
}

/** The tables of the change feed, versions, deployments and gateways. */
export interface FeedTables {
  versions: VersionTable;
  deployments: DeploymentTable;
  feed: FeedTable;
  feed_meta: FeedMetaTable;
  gateways: GatewayTable;
}

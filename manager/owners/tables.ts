import type { RecordColumns } from '../tables.ts';

// The tables of resource owners and their directories. Conventions: tables.ts.

export interface DirectoryTable extends RecordColumns {
  kind: string;
  active: number;
  /** Bind password or client secret, sealed (context: table "directories", row id, column "credentials"); null: none. */
  credentials: string | null;
}

export interface ResourceOwnerTable extends RecordColumns {
  directory_id: string;
  active: number;
  /** 0 until it is raised: a gateway that knows nothing of a subject takes it for 0. */
  generation: number;
  /** When, by whom and why the standing changed last; null until it does. */
  state_changed_at: number | null;
  state_changed_by: string | null;
  state_reason: string | null;
  /** What the directory knows them by: entryUUID, `sub`; null in a local directory, and until they signed in once. */
  external_id: string | null;
  /** argon2id in PHC form; null until one is set, and in directories that check passwords themselves. */
  password_hash: string | null;
  last_signed_in_at: number | null;
}

/** The tables of resource owners. */
export interface OwnerTables {
  directories: DirectoryTable;
  resource_owners: ResourceOwnerTable;
}

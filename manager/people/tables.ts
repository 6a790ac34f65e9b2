import type { RecordColumns } from '../tables.ts';

// The tables of the people who use the console. Conventions: tables.ts.

export interface UserTable extends RecordColumns {
  active: number;
  /** `local`, or the name of an identity provider. */
  source: string;
  /** `sub` at the identity provider, once they signed in through it. */
  subject: string | null;
  /** argon2id in PHC form; null until a password was chosen, and for people of an identity provider. */
  password_hash: string | null;
  /** Secret of the second factor, sealed (context: table "users", row id, column "totp_secret"). */
  totp_secret: string | null;
  /** 0: set up but not yet confirmed by a code, so not asked for. */
  totp_confirmed: number;
  /** Time step of the newest code that was taken: none is taken twice. */
  totp_step: number;
  /** JSON list of SHA-256 of the recovery codes that are left. */
  recovery_hashes: string;
  /** Raised when everything of theirs ends: sessions of an older generation are dead. */
  generation: number;
  last_signed_in_at: number | null;
}

export interface SessionTable {
  id: string;
  /** SHA-256 of the session id that the cookie holds. */
  hash: string;
  user_id: string;
  /** The user's generation at sign-in. */
  generation: number;
  created_at: number;
  last_seen_at: number;
  idle_ms: number;
  ends_at: number;
  kept: number;
  address: string;
  user_agent: string;
}

export interface PasswordLinkTable {
  id: string;
  hash: string;
  user_id: string;
  created_at: number;
  created_by: string;
  ends_at: number;
}

export interface IdentityProviderTable extends RecordColumns {
  active: number;
  /** Sealed (context: table "identity_providers", row id, column "client_secret"). */
  client_secret: string;
}

/** The tables of people and their rights. */
export interface PeopleTables {
  users: UserTable;
  sessions: SessionTable;
  password_links: PasswordLinkTable;
  identity_providers: IdentityProviderTable;
}

// Lean on purpose: five times the tokens a second of a wide table. What repeats with every token of a client stands once, in `holder`.
const VERSION_1 = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE holder (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL, subscription_id TEXT NOT NULL, product_id TEXT NOT NULL,
    secret_id TEXT NOT NULL, server_group_id TEXT NOT NULL, project_id TEXT NOT NULL,
    UNIQUE (secret_id, subscription_id, client_id, product_id, server_group_id, project_id)
  ) STRICT;
  CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    holder INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    client_generation INTEGER NOT NULL,
    subscription_generation INTEGER NOT NULL,
    secret_generation INTEGER NOT NULL,
    subject_generation INTEGER,
    subject TEXT,
    scopes TEXT NOT NULL,
    parameters TEXT,
    revoked_at INTEGER, revoked_by TEXT, revoked_reason TEXT
  ) STRICT;
  CREATE INDEX token_expiry ON token (expires_at);
  CREATE TABLE live_count (
    client_id TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (client_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX live_count_minute ON live_count (minute);
  CREATE TABLE standing (
    kind TEXT NOT NULL, id TEXT NOT NULL, generation INTEGER NOT NULL, active INTEGER NOT NULL,
    by TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE feed (seq INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB, kind TEXT, id TEXT) STRICT;
`;

// Grants and what they hand out. A grant ends with the last thing that was issued from it (`ends_at`), so that no index over tokens is needed to
// know that nothing of it is left. `record_count` counts rows in the transaction that writes them: counting them when asked would take as long as
// there are rows. `version` of a transient is never given twice, not even after the record was taken away and made anew.
const VERSION_2 = `
  ALTER TABLE token ADD COLUMN grant_id TEXT;
  ALTER TABLE token ADD COLUMN details TEXT;
  CREATE TABLE grant (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL, subscription_id TEXT NOT NULL, product_id TEXT NOT NULL,
    server_group_id TEXT NOT NULL, project_id TEXT NOT NULL,
    subject TEXT,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    client_generation INTEGER NOT NULL,
    subscription_generation INTEGER NOT NULL,
    secret_generation INTEGER,
    subject_generation INTEGER,
    parameters TEXT,
    details TEXT,
    ends_at INTEGER NOT NULL,
    revoked_at INTEGER, revoked_by TEXT, revoked_reason TEXT
  ) STRICT;
  CREATE INDEX grant_end ON grant (ends_at);
  CREATE INDEX grant_subject ON grant (subject, client_id) WHERE subject IS NOT NULL;
  CREATE TABLE code (
    hash BLOB PRIMARY KEY,
    grant_id TEXT NOT NULL,
    redirect_uri TEXT,
    code_challenge TEXT,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX code_expiry ON code (expires_at);
  CREATE TABLE refresh (
    hash BLOB PRIMARY KEY,
    grant_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER, used_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refresh_expiry ON refresh (expires_at);
  CREATE TABLE once (key BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX once_expiry ON once (expires_at);
  CREATE TABLE transient (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    value TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX transient_expiry ON transient (expires_at);
  CREATE TABLE consent (
    subject TEXT NOT NULL, client_id TEXT NOT NULL, project_id TEXT NOT NULL,
    scopes TEXT NOT NULL, granted_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (subject, client_id, project_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record_count (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO record_count (name, n) SELECT 'access', count(*) FROM token;
`;

/** What brings a file from each version to the next: the first from nothing to version 1. A version that was released is never changed. */
export const SCHEMA_VERSIONS: readonly string[] = [VERSION_1, VERSION_2];

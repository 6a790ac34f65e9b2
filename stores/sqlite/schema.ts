import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#core/errors';
import { useWriteAheadLog } from '#core/sqlite';

const SCHEMA_VERSION = 1;
/** How long opening waits for other processes that open, migrate or write. */
const BUSY_MS = 10_000;
/** Readers wait only while a log is recovered after a crash; they stand on an event loop. */
const READ_BUSY_MS = 1000;
/** Pages in the write-ahead log (64 MiB) from which it is copied back into the file: rarely, because that stalls the writer for 60–100 ms. */
const CHECKPOINT_PAGES = 16_384;

// Lean on purpose: five times the tokens a second of a wide table. What repeats with every token of a client stands once, in `holder`.
const TABLES = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS holder (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL, subscription_id TEXT NOT NULL, product_id TEXT NOT NULL,
    secret_id TEXT NOT NULL, server_group_id TEXT NOT NULL, project_id TEXT NOT NULL,
    UNIQUE (secret_id, subscription_id, client_id, product_id, server_group_id, project_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS token (
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
  CREATE INDEX IF NOT EXISTS token_expiry ON token (expires_at);
  CREATE TABLE IF NOT EXISTS live_count (
    client_id TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (client_id, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS live_count_minute ON live_count (minute);
  CREATE TABLE IF NOT EXISTS standing (
    kind TEXT NOT NULL, id TEXT NOT NULL, generation INTEGER NOT NULL, active INTEGER NOT NULL,
    by TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS feed (seq INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB, kind TEXT, id TEXT) STRICT;
`;

/**
 * Opens the file for the one writer of this process and brings its schema up to date. Durable: a commit is in the write-ahead log and the log
 * is synced when it returns.
 * @param epoch the id of the feed, for a file that has none yet
 * @throws ConfigurationError when the file was written by a newer version
 */
export function openForWriting(file: string, epoch: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600)); // made readable for its owner only, before SQLite makes it
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    useWriteAheadLog(database);
    database.exec('PRAGMA synchronous = FULL');
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.exec('PRAGMA journal_size_limit = 67108864');
    database.exec('PRAGMA cache_size = -16384');
    migrate(database, epoch);
    database.exec('PRAGMA busy_timeout = 0'); // from here on the batch writer waits by itself
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens the file for look-ups on the calling thread. It never waits for the writer: it sees what was committed last. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: READ_BUSY_MS });
  database.exec('PRAGMA cache_size = -4096');
  return database;
}

/** Copies the write-ahead log back, as far as readers allow. */
export function checkpoint(database: DatabaseSync): void {
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

function migrate(database: DatabaseSync, epoch: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version > SCHEMA_VERSION) {
      throw new ConfigurationError(
        `The token store has the format ${version} of a newer Gatewright; this one reads up to ${SCHEMA_VERSION}.`,
      );
    }
    if (version < SCHEMA_VERSION) {
      database.exec(TABLES);
      database.prepare(`INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING`).run(epoch);
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#core/errors';
import { useWriteAheadLog } from '#core/sqlite';
import { SCHEMA_VERSIONS } from './schema-versions.ts';

const SCHEMA_VERSION = SCHEMA_VERSIONS.length;
/** How long opening waits for other processes that open, migrate or write. */
const BUSY_MS = 10_000;
/** Readers wait only while a log is recovered after a crash; they stand on an event loop. */
const READ_BUSY_MS = 1000;
/** Pages in the write-ahead log (64 MiB) from which it is copied back into the file: rarely, because that stalls the writer for 60–100 ms. */
const CHECKPOINT_PAGES = 16_384;

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
    migrate(database, file, epoch);
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

function migrate(database: DatabaseSync, file: string, epoch: string): void {
  const before = versionOf(database);
  if (before > 0 && before < SCHEMA_VERSION) copyBeforeMigrating(database, `${file}.before-${before + 1}`, before);
  database.exec('BEGIN IMMEDIATE'); // of several processes that start at once one migrates, the others find it done
  try {
    const version = versionOf(database);
    if (version > SCHEMA_VERSION) {
      throw new ConfigurationError(
        `The token store has the format ${version} of a newer Gatewright; this one reads up to ${SCHEMA_VERSION}.`,
      );
    }
    for (const step of SCHEMA_VERSIONS.slice(version)) database.exec(step);
    if (version === 0) database.prepare(`INSERT INTO meta (key, value) VALUES ('epoch', ?)`).run(epoch);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Leaves the file as it was beside the migrated one (decision 37). Whole when it has its name: it is written under another one first. */
function copyBeforeMigrating(database: DatabaseSync, copy: string, version: number): void {
  const unfinished = `${copy}.${process.pid}`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, 'wx', 0o600));
  database.prepare('VACUUM INTO ?').run(unfinished);
  // Another process may have migrated meanwhile; then its copy is the one.
  if (versionIn(unfinished) === version) renameSync(unfinished, copy);
  else rmSync(unfinished);
}

function versionIn(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return versionOf(database);
}

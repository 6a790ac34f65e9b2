import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { useWriteAheadLog } from '#core/sqlite';
import { openCountTables } from './count-tables.ts';
import { openPartitions, type Partitions } from './partitions.ts';

const BUSY_MS = 2000;

/** An opened file of exchanges. */
export interface ExchangeFile {
  readonly db: DatabaseSync;
  readonly partitions: Partitions;
  /** Bytes in use, without free pages. */
  usedBytes(): number;
}

/** A file of exchanges and what had to be done to get it. */
export interface OpenedFile {
  readonly file: ExchangeFile;
  /** Why an older file was set aside, or why records are only kept in memory; undefined when all was well. */
  readonly warning: string | undefined;
}

/**
 * Opens the file of exchanges. Records are worth having but not worth stopping for: a damaged file is set aside as `….damaged` and a new one
 * made, and where none can be made (no room, no right) they are kept in memory.
 */
export function openExchangeFile(path: string): OpenedFile {
  try {
    return { file: open(path), warning: undefined };
  } catch (error) {
    return renewExchangeFile(path, error);
  }
}

/** Sets a damaged file aside and begins a new one. */
export function renewExchangeFile(path: string, why: unknown): OpenedFile {
  try {
    setAside(path);
    return {
      file: open(path),
      warning: `The file could not be read (${text(why)}); it was set aside, a new one begun.`,
    };
  } catch (error) {
    return { file: open(':memory:'), warning: `No file can be written (${text(error)}); records are kept in memory.` };
  }
}

/** True for the errors of SQLite that mean that the file's content is broken: SQLITE_CORRUPT, SQLITE_NOTADB. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  return [11, 26].includes(error.errcode & 0xff);
}

function open(path: string): ExchangeFile {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    db.exec('PRAGMA auto_vacuum = INCREMENTAL'); // before the first page is written
    useWriteAheadLog(db);
    db.exec(`
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS batches (
        gateway_id TEXT NOT NULL, n INTEGER NOT NULL, batch_id TEXT NOT NULL, PRIMARY KEY (gateway_id, batch_id)
      ) STRICT, WITHOUT ROWID;
    `);
    openCountTables(db);
    const partitions = openPartitions(db);
    // Touches every table's root page: damage there shows now and not at the first question.
    for (const hour of partitions.hours()) db.prepare(`SELECT id FROM exchanges_${hour} LIMIT 1`).get();
    return { db, partitions, usedBytes: () => usedBytes(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function usedBytes(db: DatabaseSync): number {
  const value = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
  return (value('page_count') - value('freelist_count')) * value('page_size');
}

/** One damaged file is kept for whoever wants to look; the one before it makes room. */
function setAside(path: string): void {
  rmSync(`${path}.damaged`, { force: true });
  renameSync(path, `${path}.damaged`);
  for (const tail of ['-wal', '-shm']) rmSync(`${path}${tail}`, { force: true });
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

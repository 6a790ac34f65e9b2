import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import {
  BUSY_MS,
  isDamage,
  openDatabase,
  parseRow,
  ReplicaDamaged,
  type ReplicaMeta,
  readMeta,
} from './replica-database.ts';
import { DIGEST_BYTES, digestOf, mix } from './replica-row.ts';

/** What became of a check. */
export type ReplicaVerdict =
  | { readonly state: 'good'; readonly meta: ReplicaMeta }
  | { readonly state: 'missing' }
  | { readonly state: 'damaged'; readonly problem: string };

/**
 * Checks a replica's file from end to end: SQLite's own check, every row's digest and the digest of all of them. `use`: the file will be
 * written (what its log holds is taken in first); `look`: it stays as it is.
 */
export function checkReplica(file: string, purpose: 'use' | 'look'): ReplicaVerdict {
  if (!existsSync(file)) return { state: 'missing' };
  if (statSync(file).size === 0) return { state: 'damaged', problem: 'it is empty' };
  let database: DatabaseSync | undefined;
  try {
    database = purpose === 'use' ? openDatabase(file) : new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    return { state: 'good', meta: verify(database) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { state: 'damaged', problem: error instanceof Error ? error.message : String(error) };
  } finally {
    closeQuietly(database);
  }
}

/** Reads everything and compares. @throws ReplicaDamaged and errors of SQLite */
function verify(database: DatabaseSync): ReplicaMeta {
  const complaint = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
  if (complaint !== 'ok') throw new ReplicaDamaged(`SQLite says: ${complaint}`);
  const meta = readMeta(database);
  const sum = Buffer.alloc(DIGEST_BYTES);
  for (const raw of database.prepare('SELECT * FROM objects').iterate()) {
    const { row, digest } = parseRow(raw);
    if (!digestOf(row).equals(digest)) throw new ReplicaDamaged(`${row.kind} ${row.id} was changed`);
    mix(sum, digest);
  }
  if (!sum.equals(meta.digest)) throw new ReplicaDamaged('rows are missing or too many');
  return meta;
}

function closeQuietly(database: DatabaseSync | undefined): void {
  try {
    database?.close();
  } catch {
    // a damaged file may not even close well; it is set aside next
  }
}

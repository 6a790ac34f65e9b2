import type { DatabaseSync } from 'node:sqlite';
import { parseRow } from './replica-database.ts';
import { digestOf, mix, type ReplicaRow } from './replica-row.ts';

/** One of the replica's two tables of objects, with the digest of its rows. Used inside the caller's transaction. */
export interface ReplicaTable {
  find(kind: string, id: string): ReplicaRow | undefined;
  list(kind: string): ReplicaRow[];
  /** Inserts or replaces. */
  put(row: ReplicaRow): void;
  remove(kind: string, id: string): void;
  /** Digest of all rows, as it is after the last put or remove. */
  readonly digest: Uint8Array;
}

/** Opens a table whose rows have this digest; the array is taken over and changed. */
export function openReplicaTable(
  database: DatabaseSync,
  table: 'objects' | 'incoming',
  digest: Uint8Array,
): ReplicaTable {
  const find = database.prepare(`SELECT * FROM ${table} WHERE kind = ? AND id = ?`);
  const list = database.prepare(`SELECT * FROM ${table} WHERE kind = ? ORDER BY id`);
  const put = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`);
  const remove = database.prepare(`DELETE FROM ${table} WHERE kind = ? AND id = ?`);

  const takeOut = (kind: string, id: string): boolean => {
    const old = find.get(kind, id);
    if (old !== undefined) mix(digest, parseRow(old).digest);
    return old !== undefined;
  };
  return {
    digest,
    find: (kind, id) => {
      const row = find.get(kind, id);
      return row === undefined ? undefined : parseRow(row).row;
    },
    list: (kind) => list.all(kind).map((row) => parseRow(row).row),
    put(row) {
      takeOut(row.kind, row.id);
      const own = digestOf(row);
      put.run(row.kind, row.id, row.seq, row.serverGroupId ?? null, own, row.payload ?? null);
      mix(digest, own);
    },
    remove(kind, id) {
      if (takeOut(kind, id)) remove.run(kind, id);
    },
  };
}

import type { DatabaseSync } from 'node:sqlite';

/** Length of a partition. */
export const HOUR_MS = 3_600_000;

/** The hour (since the epoch) of an instant: a partition's number. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

/** Name of an hour's table. Hours are integers of ours, never text from outside. */
export function tableOf(hour: number): string {
  return `exchanges_${hour}`;
}

/**
 * The hourly tables of a file. An old hour is dropped whole: that costs a moment, where deleting its rows would cost as much as writing them.
 */
export interface Partitions {
  /** Hours there are, newest first. */
  hours(): readonly number[];
  /** Looks anew which there are: after a rollback. */
  look(): void;
  /** Makes the table of an hour unless it exists. */
  make(hour: number): void;
  /** Drops the table of an hour and gives its pages back to the file system bit by bit. */
  drop(hour: number): void;
}

/** Columns by which is filtered too: taken out of the record, so that hours written before they were thought of have them as well. */
const FURTHER = [
  ['server_group', 'TEXT', 'serverGroup'],
  ['gateway', 'TEXT', 'gateway'],
  ['gateway_id', 'TEXT', 'gatewayId'],
  ['address', 'TEXT', 'remoteAddress'],
  ['subscription_id', 'TEXT', 'subscriptionId'],
  ['version', 'INTEGER', 'version'],
  ['took_ms', 'REAL', 'tookMs'],
].map(([name, type, field]) => `${name} ${type} GENERATED ALWAYS AS (record ->> '$.${field}')`);

/** An hour of an earlier program: its columns are worked out when they are asked for. */
function addFurther(db: DatabaseSync, table: string): void {
  const has = db.prepare('SELECT name FROM pragma_table_xinfo(?)').all(table);
  if (has.some(({ name }) => name === 'took_ms')) return;
  for (const column of FURTHER) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} VIRTUAL`);
}

/** Finds the partitions of an opened file. */
export function openPartitions(db: DatabaseSync): Partitions {
  let known = new Set<number>();
  let sorted: readonly number[] = [];
  const look = () => {
    const tables = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'exchanges_[0-9]*'")
      .all();
    known = new Set(tables.map(({ name }) => Number(String(name).slice('exchanges_'.length))));
    sorted = newestFirst(known);
  };
  look();
  for (const hour of known) addFurther(db, tableOf(hour));
  return {
    hours: () => sorted,
    look,
    make(hour) {
      if (known.has(hour)) return;
      const table = tableOf(hour);
      db.exec(`
        CREATE TABLE IF NOT EXISTS ${table} (
          id TEXT PRIMARY KEY, at INTEGER NOT NULL, status INTEGER NOT NULL, code TEXT, project TEXT, client_id TEXT, client_name TEXT,
          path TEXT NOT NULL, record TEXT NOT NULL, ${FURTHER.map((column) => `${column} STORED`).join(', ')}
        ) STRICT;
        CREATE INDEX IF NOT EXISTS ${table}_at ON ${table} (at, id);
        CREATE INDEX IF NOT EXISTS ${table}_code ON ${table} (code, at, id) WHERE code IS NOT NULL;
      `);
      known.add(hour);
      sorted = newestFirst(known);
    },
    drop(hour) {
      db.exec(`DROP TABLE IF EXISTS ${tableOf(hour)}`);
      db.exec('PRAGMA incremental_vacuum');
      known.delete(hour);
      sorted = newestFirst(known);
    },
  };
}

function newestFirst(hours: ReadonlySet<number>): number[] {
  return [...hours].sort((a, b) => b - a);
}

import type { DatabaseSync } from 'node:sqlite';
import { grantsEndedBefore } from '../grant-state.ts';
import type { RecordKind } from '../record-kind.ts';
import { minuteOf } from '../token-state.ts';
import type { Input } from './operation.ts';
import type { CountRecords } from './record-count.ts';

/** Entries that the store's own feed keeps; a reader that is further behind must forget everything it has cached. */
const FEED_ENTRIES = 50_000;
const MINUTES_A_PURGE = 1000;

/** Removes what is over, in bounded batches. */
export interface Purge {
  /** True when nothing is over: then no lock is needed. Every process of the machine asks again and again. */
  isIdle(purge: Input<'purge'>): boolean;
  /** Removes at most `limit` rows, within a transaction of the caller; gives how many. */
  run(purge: Input<'purge'>): number;
}

interface Table {
  readonly name: RecordKind;
  readonly table: string;
  readonly key: string;
  readonly column: string;
  /** Before when its rows must have ended to be removed. */
  readonly endedBefore: (purge: Input<'purge'>) => number;
}

const atItsEnd: Table['endedBefore'] = ({ now }) => now;
/** Stays for the retention, so that *explain* knows it and a replay is noticed. */
const retained: Table['endedBefore'] = ({ before }) => before;
const grantEnded: Table['endedBefore'] = ({ before, now }) => grantsEndedBefore(before, now);

/**
 * What is purged, in this order. Grants come last and only when nothing else was left to purge: a grant ends with the last thing issued from
 * it, so nothing of one that goes is left.
 */
const TABLES: readonly Table[] = [
  { name: 'once', table: 'once', key: 'key', column: 'expires_at', endedBefore: atItsEnd },
  { name: 'transients', table: 'transient', key: 'version', column: 'expires_at', endedBefore: atItsEnd },
  { name: 'codes', table: 'code', key: 'hash', column: 'expires_at', endedBefore: retained },
  { name: 'refresh', table: 'refresh', key: 'hash', column: 'expires_at', endedBefore: retained },
  { name: 'access', table: 'token', key: 'id', column: 'expires_at', endedBefore: retained },
  { name: 'grants', table: 'grant', key: 'id', column: 'ends_at', endedBefore: grantEnded },
];
/** Prepares the statements. */
export function createPurge(database: DatabaseSync, count: CountRecords): Purge {
  const tables = TABLES.map((one) => {
    const { table, key, column } = one;
    return {
      ...one,
      first: database.prepare(`SELECT 1 FROM ${table} WHERE ${column} < ? LIMIT 1`),
      remove: database.prepare(
        `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT ?)`,
      ),
    };
  });
  const purgeCounts = database.prepare(
    `DELETE FROM live_count WHERE (client_id, minute) IN
     (SELECT client_id, minute FROM live_count WHERE minute < ? LIMIT ?)`,
  );
  const purgeFeed = database.prepare('DELETE FROM feed WHERE seq <= (SELECT max(seq) FROM feed) - ?');

  return {
    isIdle: (purge) => tables.every(({ first, endedBefore }) => first.get(endedBefore(purge)) === undefined),
    run(purge) {
      const { before, limit } = purge;
      let left = limit;
      for (const { name, remove, endedBefore } of tables) {
        if (left === 0) break;
        const removed = Number(remove.run(endedBefore(purge), left).changes);
        count(name, -removed);
        left -= removed;
      }
      purgeCounts.run(minuteOf(before), MINUTES_A_PURGE);
      purgeFeed.run(FEED_ENTRIES);
      return limit - left;
    },
  };
}

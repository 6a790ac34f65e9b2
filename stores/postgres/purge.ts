import { grantsEndedBefore } from '../grant-state.ts';
import type { RecordKind } from '../record-kind.ts';
import { minuteOf } from '../token-state.ts';
import type { PostgresConnection, Run } from './connection.ts';
import { COUNT, shardOf } from './counts.ts';
import { FEED_ENTRIES } from './feed.ts';

const MINUTES_A_PURGE = 1000;
const FEED_A_PURGE = 10_000;
/** Key of the advisory lock of a purge: of all processes one purges at a time, the others leave it to that one. */
const LOCK = 6_712_004;

interface Purge {
  readonly now: number;
  readonly before: number;
}
interface Table {
  readonly name: RecordKind;
  readonly table: string;
  readonly key: string;
  readonly column: string;
  /** Before when its rows must have ended to be removed. */
  readonly endedBefore: (purge: Purge) => number;
}

const atItsEnd: Table['endedBefore'] = ({ now }) => now;
/** Stays for the retention, so that *explain* knows it and a replay is noticed. */
const retained: Table['endedBefore'] = ({ before }) => before;

/**
 * What is purged, in this order. Grants come last and only when nothing else was left to purge: a grant ends with the last thing issued from
 * it, so nothing of one that goes is left.
 */
const TABLES: readonly Table[] = [
  { name: 'once', table: 'once', key: 'key', column: 'expires_at', endedBefore: atItsEnd },
  { name: 'transients', table: 'transient', key: 'key', column: 'expires_at', endedBefore: atItsEnd },
  { name: 'codes', table: 'code', key: 'hash', column: 'expires_at', endedBefore: retained },
  { name: 'refresh', table: 'refresh', key: 'hash', column: 'expires_at', endedBefore: retained },
  { name: 'access', table: 'token', key: 'hash', column: 'expires_at', endedBefore: retained },
  {
    ...{ name: 'grants', table: 'access_grant', key: 'id', column: 'ends_at' },
    endedBefore: ({ before, now }) => grantsEndedBefore(before, now),
  },
];

/** The condition stands twice: a grant may have been prolonged while its row was waited for. */
const removal = ({ name, table, key, column }: Table) => ({
  name: `purge-${name}`,
  text: `with gone as (
      delete from ${table} where ${column} < $1 and ${key} = any(array(
        select ${key} from ${table} where ${column} < $1 order by ${column} limit $2 for update skip locked
      )) returning 1
    ), counted as (${COUNT('$3', { [name]: 'select -count(*) from gone' })}) select count(*) from gone`,
});
const REMOVALS = TABLES.map((table) => ({ ...table, statement: removal(table) }));
const IS_IDLE = {
  name: 'purge-is-idle',
  text: `select ${TABLES.map(({ table, column }, i) => `exists (select 1 from ${table} where ${column} < $${i + 1})`).join(' or ')}`,
};
const PURGE_MINUTES = {
  name: 'purge-minutes',
  text: `delete from live_count where (client_id, minute, shard) in
    (select client_id, minute, shard from live_count where minute < $1 limit ${MINUTES_A_PURGE} for update skip locked)`,
};
const PURGE_FEED = {
  name: 'purge-feed',
  text: `with kept as (
      update feed_head set first = least(first + ${FEED_A_PURGE}, seq - ${FEED_ENTRIES} + 1)
      where first <= seq - ${FEED_ENTRIES} returning first
    ) delete from feed using kept where feed.seq < kept.first`,
};

/** Makes the function that removes dead rows, in bounded batches; gives how many. */
export function createPurge(connection: PostgresConnection, retentionMs: number, writer: number) {
  const shard = shardOf(writer);

  async function remove(run: Run, purge: Purge, limit: number): Promise<number> {
    const [lock] = await run({
      name: 'purge-lock',
      text: `select pg_try_advisory_xact_lock(${LOCK}, hashtext(current_schema()))`,
    });
    if (lock?.[0] !== true) return 0;
    let left = limit;
    for (const { statement, endedBefore } of REMOVALS) {
      if (left === 0) break;
      const [row] = await run(statement, [endedBefore(purge), left, shard]);
      left -= Number(row?.[0]);
    }
    await run(PURGE_MINUTES, [minuteOf(purge.before)]);
    return limit - left;
  }

  return async (now: number, limit: number): Promise<number> => {
    const purge = { now, before: now - retentionMs };
    const ends = TABLES.map(({ endedBefore }) => endedBefore(purge));
    const [idle] = await connection.run(IS_IDLE, ends, true);
    await connection.run(PURGE_FEED, [], true);
    return idle?.[0] === true ? connection.transaction((run) => remove(run, purge, limit)) : 0;
  };
}

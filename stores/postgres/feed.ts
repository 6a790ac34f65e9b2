import { UnavailableError } from '#core/errors';
import { STANDING_KINDS, type Standing, type StandingKind } from '#core/standing';
import type { StoreChange, TokenStore } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import type { PostgresConnection, Row } from './connection.ts';
import { isAnswer } from './errors.ts';
import { CHANNEL } from './hints.ts';
import { parseHash, parseStanding, standingColumns } from './rows.ts';

/** Entries that the feed keeps; a reader that is further behind must forget everything it has cached. */
export const FEED_ENTRIES = 50_000;

/**
 * `head`, and the insertion into the feed: the end of a transaction that changes something. The row of `feed_head` is locked from here to the commit,
 * so numbers are given in the order of commits (decision 8). Who listens hears of it at the commit, once however much it is (hints.ts).
 * @param changes a query for kind, hash and id of what changed
 */
export const APPEND = (changes: string) => `changed as (${changes}),
  head as (
    update feed_head set seq = seq + (select count(*) from changed) where exists (select 1 from changed) returning seq
  ), appended as (
    insert into feed (seq, kind, hash, id)
    select head.seq - count(*) over () + row_number() over (), kind, hash, id from changed, head
    returning pg_notify('${CHANNEL}', '')
  )`;

// The number of the timeline is part of the epoch: it is another one after a failover or a recovery to a point in time.
const TIMELINE = `ltrim(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), '0')`;
const readStatement = (timeline: string) => ({
  name: 'feed-read',
  text: `select h.epoch || 't' || ${timeline}, h.seq, h.first, f.seq, f.kind, f.hash, f.id, ${standingColumns('s')}
    from feed_head h
    left join lateral (select * from feed where seq > $1 order by seq limit $2) f on true
    left join standing s on s.kind = f.kind and s.id = f.id order by f.seq`,
});
const STANDINGS = { text: `select s.kind, s.id, ${standingColumns('s')} from standing s` };
const WRITE_STANDING = {
  name: 'write-standings',
  text: `with written as (
      insert into standing as s (kind, id, generation, active, "by", at, reason)
      select kind, id, generation, active, "by", at, reason from json_to_recordset($1::json)
        as given (kind text, id text, generation int, active boolean, "by" text, at int8, reason text)
      order by kind collate "C", id collate "C"
      on conflict (kind, id) do update set generation = excluded.generation, active = excluded.active,
        "by" = excluded."by", at = excluded.at, reason = excluded.reason
        where excluded.generation > s.generation or (excluded.generation = s.generation and (excluded.active <> s.active
          or excluded."by" <> s."by" or excluded.at <> s.at or excluded.reason is distinct from s.reason))
      returning kind, id
    ), ${APPEND('select kind, null::bytea as hash, id from written')} select 1`,
};

/** Standings, and the feed of what readers must forget. */
export type PostgresFeed = Pick<
  TokenStore,
  'writeStandings' | 'readStandings' | 'readFeedMark' | 'writeFeedMark' | 'changesSince'
>;

/** Makes them. @throws UnavailableError */
export async function openFeed(connection: PostgresConnection): Promise<PostgresFeed> {
  const isShown = await showsTimeline(connection);
  const read = readStatement(isShown ? TIMELINE : `'0'`);
  return {
    async writeStandings(standings) {
      // Two of one thing cannot be written by one statement: they go one after the other.
      let left: readonly Standing[] = standings;
      while (left.length > 0) {
        const group = new Map<string, Standing>();
        const later: Standing[] = [];
        for (const one of left) {
          const key = `${one.kind} ${one.id}`;
          if (group.has(key)) later.push(one);
          else group.set(key, one);
        }
        await connection.run(WRITE_STANDING, [JSON.stringify([...group.values()])], true);
        left = later;
      }
    },
    async readStandings() {
      const found = await connection.run(STANDINGS, [], true);
      return found.flatMap((row) => parseStanding(kindOf(row[0]), String(row[1]), row, 2) ?? []);
    },
    async readFeedMark() {
      const [row] = await connection.run({ text: 'select mark from feed_head' }, [], true);
      return typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as { epoch: string; seq: number }) : undefined;
    },
    async writeFeedMark({ epoch, seq }) {
      await connection.run({ text: 'update feed_head set mark = $1' }, [JSON.stringify({ epoch, seq })], true);
    },
    async changesSince(cursor, limit) {
      const place = cursor === undefined ? undefined : parseCursor(cursor);
      const found = await connection.run(read, [place?.seq ?? 0, place === undefined ? 0 : limit], true);
      const [epoch, last, first] = [String(found[0]?.[0]), Number(found[0]?.[1]), Number(found[0]?.[2])];
      const present = cursorOf({ epoch, seq: last });
      if (cursor === undefined) return { cursor: present, flush: false, changes: [] };
      if (place === undefined || isPlaceLost(place, { epoch, first, last }))
        return { cursor: present, flush: true, changes: [] };
      const entries = found.filter((row) => row[3] !== null);
      const seq = Number(entries.at(-1)?.[3] ?? place.seq);
      return { cursor: cursorOf({ epoch, seq }), flush: false, changes: entries.flatMap(parseChange) };
    },
  };
}

/** False where the engine keeps its log elsewhere, as some managed ones do. */
async function showsTimeline(connection: PostgresConnection): Promise<boolean> {
  try {
    await connection.run({ text: `select ${TIMELINE}` }, [], true);
    return true;
  } catch (error) {
    if (error instanceof UnavailableError && isAnswer(error.cause)) return false;
    throw error;
  }
}

function kindOf(value: unknown): StandingKind {
  return STANDING_KINDS.find((kind) => kind === value) ?? 'client';
}

function parseChange(row: Row): StoreChange | [] {
  if (row[4] === 'token') return { kind: 'token', hash: parseHash(row[5]) };
  if (row[4] === 'grant') return { kind: 'grant', id: String(row[6]) };
  const standing = parseStanding(kindOf(row[4]), String(row[6]), row, 7);
  return standing === undefined ? [] : { kind: 'standing', standing };
}

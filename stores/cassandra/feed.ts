import type { Standing } from '#core/standing';
import type { StoreChange, StoreChanges } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import type { CassandraConnection } from './connection.ts';
import type { Lifetimes } from './lifetime.ts';
import { numberOf, read as parse, textOf } from './rows.ts';

/** Entries of one partition. */
const BUCKET = 4096;
/** Entries of one step. */
const STEP_ENTRIES = 100;
/** Entries that wait to be written; a reader forgets what it cached after some seconds anyway. */
const MAX_WAITING = 10_000;
/** A reader that was away for longer is told to flush. */
const KEPT_MS = 3_600_000;

const ENTRIES = 'SELECT seq, change FROM feed WHERE bucket = ? AND seq >= ? LIMIT ?';

/** The store's own feed. */
export interface CassandraFeed {
  /** Resolves when they are durable. What could not be written is written with the next, should this process live on. */
  append(changes: readonly StoreChange[]): Promise<void>;
  since(cursor: string | undefined, limit: number): Promise<StoreChanges>;
}

/** What the feed needs. */
export interface FeedDependencies {
  readonly connection: CassandraConnection;
  readonly lifetimes: Lifetimes;
  readonly now: () => number;
  readonly newAttempt: () => string;
}

/**
 * A log of numbered entries. A number is given together with the entry, in one step that holds only when the last number is still the one before
 * (LWT). So the numbers have the order of the commits and no holes, and no clock counts: neither a node's nor a gateway's. Processes write what
 * waits in one go. Bucket `b` has the numbers `b * 4096 + 1` and following; its `last` stays when the entries have gone.
 */
export function createFeed({ connection, lifetimes, now, newAttempt }: FeedDependencies): CassandraFeed {
  const { read, write, change } = connection;
  /** The newest bucket that is known. */
  let head = 0;
  let isHeadRead = false;
  let waiting: readonly StoreChange[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const bucketOf = (seq: number) => Math.floor((seq - 1) / BUCKET);
  async function readHead(): Promise<void> {
    if (isHeadRead) return;
    const [row] = await read("SELECT bucket FROM feed_head WHERE name = 'head'", []);
    head = Math.max(head, (row && numberOf(row, 'bucket')) ?? 0);
    isHeadRead = true;
  }
  /** Only a hint where to begin to look: the highest bucket has the highest timestamp, and stays. */
  async function moveHead(bucket: number): Promise<void> {
    head = Math.max(head, bucket);
    const query = "UPDATE feed_head USING TIMESTAMP ? SET bucket = ? WHERE name = 'head'";
    await write({ query, params: [bucket + 1, bucket] });
  }
  /** The last number given. */
  async function readLast(isSerial: boolean): Promise<number> {
    await readHead();
    for (;;) {
      const [row] = await read('SELECT DISTINCT bucket, last FROM feed WHERE bucket = ?', [head], isSerial);
      const last = (row && numberOf(row, 'last')) ?? head * BUCKET;
      if (last < (head + 1) * BUCKET) return last;
      await moveHead(head + 1);
    }
  }

  /** Gives how many were written: as many as the bucket takes. */
  async function writeStep(changes: readonly StoreChange[]): Promise<number> {
    const attempt = newAttempt();
    let tried: { readonly first: number; readonly count: number } | undefined;
    return change('feed', async (isSerial) => {
      if (tried !== undefined) {
        const { first, count } = tried;
        const query = 'SELECT attempt FROM feed WHERE bucket = ? AND seq = ?';
        const [row] = await read(query, [bucketOf(first), first], true);
        if (row !== undefined && textOf(row, 'attempt') === attempt) return { answer: count };
      }
      const last = await readLast(isSerial);
      const entries = changes.slice(0, (head + 1) * BUCKET - last);
      tried = { first: last + 1, count: entries.length };
      const ttl = lifetimes.ttl(now(), KEPT_MS);
      const insert = 'INSERT INTO feed (bucket, seq, change, attempt) VALUES (?, ?, ?, ?) USING TTL ?';
      const inserts = entries.map((entry, i) => ({
        query: insert,
        params: [head, last + 1 + i, JSON.stringify(entry), attempt, ttl],
      }));
      const isEmpty = last === head * BUCKET;
      const advance = {
        query: 'UPDATE feed SET last = ? WHERE bucket = ? IF last = ?',
        params: [last + entries.length, head, isEmpty ? null : last],
      };
      return { answer: entries.length, statements: [advance, ...inserts] };
    });
  }

  async function writeWaiting(): Promise<void> {
    for (let left = waiting.length; left > 0; ) {
      const written = await writeStep(waiting.slice(0, Math.min(left, STEP_ENTRIES)));
      waiting = waiting.slice(written);
      left -= written;
    }
  }

  return {
    async append(changes) {
      if (changes.length === 0) return;
      waiting = [...waiting, ...changes].slice(-MAX_WAITING);
      // What comes while others are being written goes with the next step.
      next ??= writing.then(() => {
        next = undefined;
        const written = writeWaiting();
        writing = written.catch(() => undefined);
        return written;
      });
      await next;
    },

    async since(cursor, limit) {
      const at = cursor === undefined ? undefined : parseCursor(cursor);
      const from = (at?.seq ?? 0) + 1;
      const readEntries = async () =>
        at === undefined || limit === 0 ? [] : read(ENTRIES, [bucketOf(from), from, limit]);
      const [[epochRow], found, last] = await Promise.all([
        read("SELECT value FROM meta WHERE name = 'epoch'", []),
        readEntries(),
        readLast(false),
      ]);
      const present = { epoch: (epochRow && textOf(epochRow, 'value')) ?? '', seq: last };
      if (cursor === undefined) return { cursor: cursorOf(present), flush: false, changes: [] };
      // An entry may have come between the two looks.
      const rows = found.length === 0 && at !== undefined && last > at.seq ? await readEntries() : found;
      const changes = rows
        .filter((row, i) => numberOf(row, 'seq') === from + i)
        .map((row) => parseChange(textOf(row, 'change') ?? ''));
      const isGone = at !== undefined && limit > 0 && changes.length === 0 && last > at.seq;
      const known = Math.max(last, changes.length === 0 ? 0 : from - 1 + changes.length);
      if (at === undefined || isGone || isPlaceLost(at, { epoch: present.epoch, first: 0, last: known }))
        return { cursor: cursorOf(present), flush: true, changes: [] };
      return { cursor: cursorOf({ epoch: present.epoch, seq: at.seq + changes.length }), flush: false, changes };
    },
  };
}

function parseChange(text: string): StoreChange {
  const change = parse<StoreChange>(text);
  if (change.kind !== 'standing') return change;
  const standing: Standing = { ...change.standing, reason: change.standing.reason };
  return { kind: 'standing', standing };
}

import { UnavailableError } from '#core/errors';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { Standing } from '#core/standing';
import type { AccessToken, FoundToken, RevocationNote, StoreChange, StoreChanges, TokenStore } from '#core/token-store';
import { cursorOf, isPlaceLost, parseCursor } from '../feed-cursor.ts';
import { judgeToken, minuteOf, type StoredToken } from '../token-state.ts';

const FEED_ENTRIES = 10_000;

/** How a memory store is made. */
export interface MemoryStoreOptions {
  readonly retentionMs: number;
  readonly random: Random;
  /** Most tokens held; further ones are refused. Default 1 000 000. */
  readonly maxTokens?: number;
}

/** A token store in this process's memory: for tests and for trying out. A restart forgets everything. */
export function createMemoryTokenStore({ retentionMs, random, maxTokens = 1_000_000 }: MemoryStoreOptions): TokenStore {
  const epoch = base62(random, 16);
  const tokens = new Map<string, StoredToken>();
  const hashesByMinute = new Map<number, string[]>();
  const countsByClient = new Map<string, Map<number, number>>();
  const standings = new Map<string, Standing>();
  let feed: StoreChange[] = [];
  let last = 0;
  let mark: { readonly epoch: string; readonly seq: number } | undefined;

  const append = (change: StoreChange) => {
    feed.push(change);
    last += 1;
    if (feed.length > 2 * FEED_ENTRIES) feed = feed.slice(-FEED_ENTRIES);
  };

  return {
    kind: 'memory',

    async saveAccess(token: AccessToken): Promise<void> {
      if (tokens.has(token.hash)) return;
      if (tokens.size >= maxTokens) throw new UnavailableError('the memory store is full');
      tokens.set(token.hash, { token, revocation: undefined });
      const minute = minuteOf(token.expiresAt);
      pushTo(hashesByMinute, minute, token.hash);
      const counts = countsByClient.get(token.clientId) ?? new Map<number, number>();
      countsByClient.set(token.clientId, counts);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    },

    findAccess(hash: string, now: number): FoundToken {
      const stored = tokens.get(hash);
      if (stored === undefined) return { state: 'unknown' };
      return judgeToken(stored, (kind, id) => standings.get(`${kind} ${id}`), now);
    },

    async revokeAccess(hash: string, note: RevocationNote): Promise<boolean> {
      const stored = tokens.get(hash);
      if (stored === undefined) return false;
      if (stored.revocation === undefined) {
        const { by, at, reason } = note;
        tokens.set(hash, { token: stored.token, revocation: { by, at, reason } });
        append({ kind: 'token', hash });
      }
      return true;
    },

    async writeStandings(written: readonly Standing[]): Promise<void> {
      for (const standing of written) {
        const key = `${standing.kind} ${standing.id}`;
        const present = standings.get(key);
        if (present !== undefined && standing.generation < present.generation) continue;
        if (present !== undefined && isSame(present, standing)) continue;
        standings.set(key, standing);
        append({ kind: 'standing', standing });
      }
    },

    readStandings: async () => [...standings.values()],
    readFeedMark: async () => mark,
    async writeFeedMark(written) {
      mark = { epoch: written.epoch, seq: written.seq };
    },

    async changesSince(cursor, limit): Promise<StoreChanges> {
      const present = { epoch, seq: last };
      if (cursor === undefined) return { cursor: cursorOf(present), flush: false, changes: [] };
      const place = parseCursor(cursor);
      const first = last - feed.length + 1;
      if (place === undefined || isPlaceLost(place, { epoch, first, last })) {
        return { cursor: cursorOf(present), flush: true, changes: [] };
      }
      const changes = feed.slice(place.seq - first + 1, place.seq - first + 1 + limit);
      return { cursor: cursorOf({ epoch, seq: place.seq + changes.length }), flush: false, changes };
    },

    countLive(clientId: string, now: number): number {
      let sum = 0;
      const from = minuteOf(now);
      for (const [minute, count] of countsByClient.get(clientId) ?? []) if (minute >= from) sum += count;
      return sum;
    },

    async purge(now: number, limit: number): Promise<number> {
      const before = now - retentionMs;
      let purged = 0;
      for (const [minute, hashes] of hashesByMinute) {
        if (minute > minuteOf(before)) continue;
        const kept: string[] = [];
        for (const hash of hashes) {
          if (purged < limit && (tokens.get(hash)?.token.expiresAt ?? 0) < before) {
            tokens.delete(hash);
            purged += 1;
          } else kept.push(hash);
        }
        if (kept.length === 0) hashesByMinute.delete(minute);
        else hashesByMinute.set(minute, kept);
      }
      for (const [clientId, counts] of countsByClient) {
        for (const minute of counts.keys()) if (minute < minuteOf(before)) counts.delete(minute);
        if (counts.size === 0) countsByClient.delete(clientId);
      }
      return purged;
    },

    async [Symbol.asyncDispose]() {},
  };
}

function pushTo(lists: Map<number, string[]>, key: number, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function isSame(a: Standing, b: Standing): boolean {
  return (
    a.generation === b.generation && a.active === b.active && a.by === b.by && a.at === b.at && a.reason === b.reason
  );
}

import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { Standing } from '#core/standing';
import type { AccessToken, CopiedRow, FoundToken, RevocationNote, TokenStore } from '#core/token-store';
import { grantsEndedBefore } from '../grant-state.ts';
import { type FindStanding, judgeToken, minuteOf, type StoredToken } from '../token-state.ts';
import { keyed, pageByKey, type RowsByKind } from './copy.ts';
import { createExpiringRecords } from './expiring-records.ts';
import { createMemoryFeed } from './feed.ts';
import { createMemoryGrants } from './grants.ts';
import { createMemoryRecords } from './records.ts';

/** How a memory store is made. */
export interface MemoryStoreOptions {
  readonly retentionMs: number;
  readonly random: Random;
  /** Most of each kind held (tokens, grants, …); further ones are refused. Default 1 000 000. */
  readonly maxEntries?: number;
}

/** A token store in this process's memory: for tests and for trying out. A restart forgets everything. */
export function createMemoryTokenStore(options: MemoryStoreOptions): TokenStore {
  const { retentionMs, random, maxEntries = 1_000_000 } = options;
  const feed = createMemoryFeed(base62(random, 16));
  const tokens = createExpiringRecords<StoredToken>(maxEntries, ({ token }) => token.expiresAt);
  const countsByClient = new Map<string, Map<number, number>>();
  const standings = new Map<string, Standing>();
  let mark: { readonly epoch: string; readonly seq: number } | undefined;

  const findStanding: FindStanding = (kind, id) => standings.get(`${kind} ${id}`);
  const { grants, copies: grantCopies } = createMemoryGrants({
    ...{ maxEntries, findStanding, saveAccess, append: feed.append },
    findAccess: (hash) => tokens.get(hash)?.token,
  });
  const { records, copies: recordCopies } = createMemoryRecords(maxEntries, grants.killGrants);

  function saveAccess(token: AccessToken): void {
    if (token.grantId !== undefined) grants.prolong(token.grantId, token.expiresAt);
    if (tokens.get(token.hash) !== undefined) return;
    tokens.set(token.hash, { token, revocation: undefined });
    const minute = minuteOf(token.expiresAt);
    const counts = countsByClient.get(token.clientId) ?? new Map<number, number>();
    countsByClient.set(token.clientId, counts);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
  }

  function revokeAccess(hash: string, { by, at, reason }: RevocationNote): boolean {
    const stored = tokens.get(hash);
    if (stored === undefined) return false;
    if (stored.revocation === undefined) {
      tokens.set(hash, { token: stored.token, revocation: { by, at, reason } });
      feed.append({ kind: 'token', hash });
    }
    return true;
  }

  function writeStanding(standing: Standing): void {
    const key = `${standing.kind} ${standing.id}`;
    const present = standings.get(key);
    if (present !== undefined && standing.generation < present.generation) return;
    if (present !== undefined && isSame(present, standing)) return;
    standings.set(key, standing);
    feed.append({ kind: 'standing', standing });
  }

  const rows: RowsByKind = {
    ...{ ...grantCopies.rows, ...recordCopies.rows },
    standing: () => keyed(standings, (one) => ({ kind: 'standing', standing: one })),
    access: () => keyed(tokens.entries(), ({ token, revocation: revoked }) => ({ kind: 'access', token, revoked })),
  };

  function adopt(row: CopiedRow): void {
    switch (row.kind) {
      case 'standing':
        adoptStanding(row.standing);
        break;
      case 'access':
        saveAccess(row.token);
        if (row.revoked !== undefined) revokeAccess(row.token.hash, row.revoked);
        break;
      case 'grant':
      case 'code':
      case 'refresh':
        grantCopies.adopt(row);
        break;
      default:
        recordCopies.adopt(row);
    }
  }

  /** Of one generation the later word stays. */
  function adoptStanding(standing: Standing): void {
    const present = standings.get(`${standing.kind} ${standing.id}`);
    const isNewer = present === undefined || standing.generation > present.generation || standing.at > present.at;
    if (isNewer) writeStanding(standing);
  }

  function purgeCounts(before: number): void {
    for (const [clientId, counts] of countsByClient) {
      for (const minute of counts.keys()) if (minute < minuteOf(before)) counts.delete(minute);
      if (counts.size === 0) countsByClient.delete(clientId);
    }
  }

  return {
    kind: 'memory',
    ...grants,
    ...records,
    saveAccess: async (token) => saveAccess(token),

    findAccess(hash: string, now: number): FoundToken {
      const stored = tokens.get(hash);
      if (stored === undefined) return { state: 'unknown' };
      const { grantId } = stored.token;
      const grantRevocation = grantId === undefined ? undefined : grants.findRevocation(grantId, now);
      return judgeToken(stored, grantRevocation, findStanding, now);
    },

    revokeAccess: async (hash, note) => revokeAccess(hash, note),
    writeStandings: async (written) => written.forEach(writeStanding),
    copyOut: async (kind, after, limit) => pageByKey(rows[kind](), after, limit),
    copyIn: async (copied) => copied.forEach(adopt),
    warnings: async () => [],

    readStandings: async () => [...standings.values()],
    readFeedMark: async () => mark,
    async writeFeedMark(written) {
      mark = { epoch: written.epoch, seq: written.seq };
    },
    changesSince: async (cursor, limit) => feed.since(cursor, limit),

    countLive(clientId: string, now: number): number {
      let sum = 0;
      const from = minuteOf(now);
      for (const [minute, count] of countsByClient.get(clientId) ?? []) if (minute >= from) sum += count;
      return sum;
    },

    sizes: async () => ({ access: tokens.size, ...grants.sizes(), ...records.sizes() }),

    async purge(now: number, limit: number): Promise<number> {
      const before = now - retentionMs;
      let purged = records.purge(now, limit);
      purged += grants.purgeIssued(before, limit - purged);
      purged += tokens.purge(before, limit - purged);
      // Only when nothing else was left to purge: then nothing of a grant that goes is left.
      if (purged < limit) purged += grants.purgeGrants(grantsEndedBefore(before, now), limit - purged);
      purgeCounts(before);
      return purged;
    },

    async [Symbol.asyncDispose]() {},
  };
}

function isSame(a: Standing, b: Standing): boolean {
  return (
    a.generation === b.generation && a.active === b.active && a.by === b.by && a.at === b.at && a.reason === b.reason
  );
}

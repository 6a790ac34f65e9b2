import type { AccessToken, FoundToken, RevocationNote } from '#core/token-store';
import { judgeToken, minuteOf, missingGrant } from '../token-state.ts';
import type { CassandraFamilies } from './family.ts';
import type { CassandraParts } from './parts.ts';
import { bytesOf, noteText, parseAccess, parseNote, textOf } from './rows.ts';
import type { CassandraStandings } from './standings.ts';

/**
 * The note of a revocation is a plain write whose timestamp is this less the time of the revocation, so that of two that are written at once the
 * earlier stays, whatever the clocks of those who write.
 */
const FIRST_STAYS = 9_000_000_000_000_000;

/** Counting this many takes so long that it is done every few seconds only. */
const MANY = 5000;
const COUNT_AGAIN_AFTER_MS = 5000;
const MAX_COUNTS = 1000;

/** Access tokens. */
export interface CassandraAccess {
  save(token: AccessToken): Promise<void>;
  /** The token alone; undefined when there is none. */
  load(
    hash: string,
  ): Promise<{ readonly token: AccessToken; readonly revocation: RevocationNote | undefined } | undefined>;
  find(hash: string, now: number): Promise<FoundToken>;
  /** Notes the revocation of a token, which may be saved only later. */
  note(token: AccessToken, revocation: RevocationNote): Promise<void>;
  /** False when there is none. */
  revoke(hash: string, note: RevocationNote): Promise<boolean>;
  countLive(clientId: string, now: number): Promise<number>;
}

/** Opens the part of the store. */
export function createAccess(
  { connection, clock, lifetimes, retentionMs, newAttempt, append }: CassandraParts,
  standings: CassandraStandings,
  families: CassandraFamilies,
): CassandraAccess {
  const { read, write } = connection;
  /** Counts of clients with very many tokens. */
  const counts = new Map<string, { readonly n: number; readonly at: number }>();

  async function load(hash: string) {
    const [row] = await read('SELECT data, revoked FROM access WHERE hash = ?', [bytesOf(hash)]);
    const data = row && textOf(row, 'data');
    if (row === undefined || data === undefined) return undefined;
    const revoked = textOf(row, 'revoked');
    return { token: parseAccess(data), revocation: revoked === undefined ? undefined : parseNote(revoked).note };
  }

  const note: CassandraAccess['note'] = ({ hash, expiresAt }, revocation) =>
    write({
      query: 'UPDATE access USING TTL ? AND TIMESTAMP ? SET revoked = ? WHERE hash = ?',
      params: [
        ...[lifetimes.ttl(expiresAt, retentionMs), FIRST_STAYS - Math.round(revocation.at)],
        ...[noteText(revocation, newAttempt()), bytesOf(hash)],
      ],
    });

  return {
    ...{ load, note },
    async save(token) {
      const { hash, clientId, grantId, expiresAt } = token;
      const key = bytesOf(hash);
      const insert = 'INSERT INTO access (hash, data, grant_id) VALUES (?, ?, ?) USING TTL ?';
      const count = 'INSERT INTO live (client, minute, hash) VALUES (?, ?, ?) USING TTL ?';
      await write(
        {
          query: insert,
          params: [key, JSON.stringify(token), grantId, lifetimes.ttl(expiresAt, retentionMs)],
        },
        { query: count, params: [clientId, minuteOf(expiresAt), key, lifetimes.ttl(expiresAt)] },
      );
    },
    async find(hash, now) {
      const stored = await load(hash);
      if (stored === undefined) return { state: 'unknown' };
      const { grantId } = stored.token;
      const [findStanding, grant] = await Promise.all([
        standings.find(stored.token),
        grantId === undefined ? undefined : families.findGrant(grantId),
      ]);
      const isOrphan = grantId !== undefined && grant === undefined;
      return judgeToken(stored, isOrphan ? missingGrant(now) : grant?.revocation, findStanding, now);
    },
    async revoke(hash, revocation) {
      const stored = await load(hash);
      if (stored === undefined) return false;
      if (stored.revocation !== undefined) return true;
      await note(stored.token, revocation);
      await append([{ kind: 'token', hash }]);
      return true;
    },
    async countLive(clientId, now) {
      const known = counts.get(clientId);
      if (known !== undefined && clock.monotonic() - known.at < COUNT_AGAIN_AFTER_MS) return known.n;
      const query = 'SELECT count(*) AS n FROM live WHERE client = ? AND minute >= ?';
      const [row] = await read(query, [clientId, minuteOf(now)]);
      const n = Number(row?.n ?? 0);
      counts.delete(clientId);
      if (n >= MANY && counts.size < MAX_COUNTS) counts.set(clientId, { n, at: clock.monotonic() });
      return n;
    },
  };
}

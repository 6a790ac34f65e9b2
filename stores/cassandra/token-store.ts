import type { Clock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import { base62 } from '#core/id';
import type { Logger } from '#core/logger';
import type { TokenStorePlace } from '#core/model/token-store';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { createAccess } from './access.ts';
import { type CassandraConnection, connectCassandra } from './connection.ts';
import { createCopies } from './copy.ts';
import { createFamilies } from './family.ts';
import { createFeed } from './feed.ts';
import { createGrants } from './grants.ts';
import { createLifetimes } from './lifetime.ts';
import { createMark } from './mark.ts';
import type { CassandraParts } from './parts.ts';
import { createRecords } from './records.ts';
import { openKeyspace } from './schema.ts';
import { estimateSizes } from './sizes.ts';
import { createStandings } from './standings.ts';
import { findRisks } from './warnings.ts';

/** How long an operation may take: then its outcome is unknown, and the caller is told that the store is away. */
const OPERATION_TIMEOUT_MS = 5000;
/** The same for those that go through many rows. */
const MANY_ROWS_TIMEOUT_MS = 60_000;
const MANY_ROWS = new Set([
  'writeStandings',
  'readStandings',
  'revokeGrantsOf',
  'revokeConsent',
  'sizes',
  'copyOut',
  'copyIn',
]);

/** How the Cassandra store is opened. */
export interface CassandraStoreOptions {
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/**
 * A token store on Apache Cassandra 4.1 or later, for gateways on several hosts. What became of a token is judged here, like for every engine.
 * Its rows are collected by their TTL, so that there is nothing to purge.
 * @throws ConfigurationError for settings that are wrong, or data of a newer version
 * @throws UnavailableError when it cannot be reached
 */
export async function openCassandraTokenStore(
  place: Extract<TokenStorePlace, { kind: 'cassandra' }>,
  options: CassandraStoreOptions,
): Promise<TokenStore> {
  const connection = await connectCassandra(place, options);
  try {
    await openKeyspace(connection.client, place.cassandra, base62(options.random, 16));
    for (const sentence of await findRisks(connection, place.cassandra)) options.logger.warn({}, sentence);
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
  return bounded(storeOn(connection, place, options));
}

function storeOn(
  connection: CassandraConnection,
  place: Extract<TokenStorePlace, { kind: 'cassandra' }>,
  { retentionMs, clock, random }: CassandraStoreOptions,
): TokenStore {
  const lifetimes = createLifetimes(clock);
  const newAttempt = () => base62(random, 16);
  const feed = createFeed({ connection, lifetimes, newAttempt, now: () => clock.now() });
  const parts: CassandraParts = { connection, clock, lifetimes, retentionMs, newAttempt, append: feed.append };
  const standings = createStandings(parts);
  const families = createFamilies(parts);
  const access = createAccess(parts, standings, families);
  const grants = createGrants(parts, standings, families, access);
  const { takeKey, putRecord, putConsent, ...records } = createRecords(parts, grants);
  const copies = createCopies(parts, {
    standings,
    families,
    access,
    grants,
    records: { takeKey, putRecord, putConsent },
  });
  const { saveIssue, saveAccess, consumeCode, findRefresh, rotateRefresh, killGrants } = grants;

  return {
    kind: 'cassandra',
    ...records,
    ...createMark(connection),
    ...copies,
    ...{ saveIssue, saveAccess, consumeCode, findRefresh, rotateRefresh },
    findGrant: async (id) => (await families.findGrant(id))?.grant,
    revokeGrant: async (id, note) => (await families.kill(id, note)) !== undefined,
    revokeGrantsOf: ({ subject, clientId }, note) => killGrants({ subject, clientId }, note),
    findAccess: access.find,
    revokeAccess: access.revoke,
    writeStandings: standings.write,
    readStandings: standings.readAll,
    changesSince: feed.since,
    countLive: access.countLive,
    sizes: () => estimateSizes(connection),
    warnings: () => findRisks(connection, place.cassandra),
    purge: async () => 0,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The same store, of which every operation ends in time and fails as unavailable. */
function bounded(store: TokenStore): TokenStore {
  const own = Object.entries(store).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    const limitMs = MANY_ROWS.has(name) ? MANY_ROWS_TIMEOUT_MS : OPERATION_TIMEOUT_MS;
    return [name, (...args: readonly unknown[]) => inTime(Promise.resolve(member(...args)), limitMs)];
  });
  return { ...store, ...Object.fromEntries(own), [Symbol.asyncDispose]: store[Symbol.asyncDispose] };
}

async function inTime<T>(operation: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError('the token store does not answer in time')), limitMs);
  });
  try {
    return await Promise.race([operation, late]);
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof ConfigurationError || error instanceof RangeError)
      throw error;
    throw new UnavailableError('the token store does not answer', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

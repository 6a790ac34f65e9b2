import type { Clock } from '#core/clock';
import { base62 } from '#core/id';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import type { Issue, TokenStore } from '#core/token-store';
import { checkWholeNumbers } from '../whole-numbers.ts';
import { createConnection } from './connection.ts';
import { createCopies } from './copy.ts';
import { readSizes } from './counts.ts';
import { openFeed } from './feed.ts';
import { createGrants } from './grants.ts';
import { listenForHints } from './hints.ts';
import { createHolders } from './holders.ts';
import { createLookUps } from './look-ups.ts';
import { createPurge } from './purge.ts';
import { createRecords } from './records.ts';
import { createSaving } from './save.ts';
import { openSchema } from './schema.ts';
import { createTakes } from './takes.ts';
import { createTokenActions } from './tokens.ts';
import type { PostgresPlace } from './url.ts';
import { findRisks } from './warnings.ts';

/** How a PostgreSQL store is opened. */
export interface PostgresStoreOptions {
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/**
 * A token store on PostgreSQL 13 or later, for gateways on several hosts. What became of a token is judged here, like for every engine.
 * @throws ConfigurationError for tables of a newer version, or a refused user; UnavailableError when it cannot be reached
 */
export async function openPostgresTokenStore(place: PostgresPlace, options: PostgresStoreOptions): Promise<TokenStore> {
  const { retentionMs, clock, logger, random } = options;
  await openSchema(place, base62(random, 16));
  const { poolSize } = place.postgres;
  const lanes = poolSize < 4 ? 1 : 2;
  // Saving has connections of its own, so that it never stands behind look-ups.
  const writing = createConnection(place, { size: lanes, clock, logger });
  const connection = createConnection(place, { size: poolSize - lanes, clock, logger });
  const close = async () =>
    void (await Promise.all([writing[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()]));
  try {
    const feed = await openFeed(connection);
    for (const risk of await findRisks(connection)) logger.warn({}, risk);
    const shard = random.byte();
    const holders = createHolders(connection);
    const saving = createSaving(writing, { lanes, holders, shard });
    const lookUps = createLookUps(connection);
    const { findAccess, findRefresh, findGrant } = lookUps;
    const takes = createTakes({ connection, holders, shard });
    const grants = createGrants({ connection, lookUps, saving, takes, shard });
    const save = (issue: Issue) => {
      checkWholeNumbers(issue); // one that cannot be kept would spoil the whole group
      return saving.add(issue);
    };
    const copies = createCopies({ connection, holders, clock, shard, writeStandings: feed.writeStandings });

    return {
      kind: 'postgres',
      ...feed,
      ...grants,
      ...createRecords(connection, shard),
      ...createTokenActions(connection),
      ...copies,
      ...{ findAccess, findRefresh, findGrant },
      saveAccess: async (access) => save({ access }),
      saveIssue: async (issue) => save(issue),
      sizes: () => readSizes(connection),
      warnings: () => findRisks(connection),
      listen: (told) => listenForHints(place, { logger, told }),
      purge: createPurge(connection, retentionMs, shard),
      async [Symbol.asyncDispose]() {
        await saving.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

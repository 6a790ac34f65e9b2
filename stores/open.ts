import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { TokenStorePlace } from '#core/model/token-store';
import { type Random, systemRandom } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { startSweep } from './sweep.ts';

const SWEEP_INTERVAL_MS = 60_000;

/** What every token store is opened with. */
export interface TokenStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a dead token stays known past its expiry, for *explain* (decision 5). */
  readonly retentionMs: number;
  /** How often dead rows are looked for, in ms; 0: never, somebody else purges. Default 60 s. */
  readonly sweepIntervalMs?: number;
  /** Where the id of a new feed comes from. */
  readonly random?: Random;
  /** The data directory: relative files are in it, and the embedded Cassandra lives there. Left out: the present folder. */
  readonly dataDir?: string;
}

/**
 * Opens the token store that a URL names, or that a place describes: see `placeOf`. An engine is loaded only when it is asked for. The store
 * removes its own dead rows until it is closed.
 * @throws ConfigurationError for a URL that names no engine, or data of a newer version; UnavailableError when it cannot be reached
 */
export async function openTokenStore(where: string | TokenStorePlace, options: TokenStoreOptions): Promise<TokenStore> {
  const store = await openEngine(where, options);
  const intervalMs = options.sweepIntervalMs ?? SWEEP_INTERVAL_MS;
  if (intervalMs === 0) return store;
  const endSweep = startSweep(store, { clock: options.clock, logger: options.logger, intervalMs });
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = () => {
    endSweep();
    return close();
  };
  return store;
}

/**
 * The place that a URL names: `sqlite:FILE`, `postgres://…`, `cassandra://…`, `cassandra-embedded:` or `memory:`; `redis://…` is taken apart by
 * the engine itself.
 * @throws ConfigurationError
 */
async function placeOf(url: string): Promise<TokenStorePlace> {
  const [, scheme = '', rest = ''] = /^([a-z-]+):(.*)$/s.exec(url) ?? [];
  switch (scheme) {
    case 'memory':
      if (rest === '') return { kind: 'memory' };
      break;
    case 'sqlite':
      if (rest !== '') return { kind: 'sqlite', sqlite: { file: rest } };
      break;
    case 'postgres':
    case 'postgresql':
      return (await import('./postgres/url.ts')).parsePostgresUrl(url);
    case 'cassandra':
      return (await import('./cassandra/url.ts')).parseCassandraUrl(url);
    case 'cassandra-embedded':
      return (await import('./cassandra/url.ts')).parseEmbeddedUrl(url);
  }
  // Without what stands behind the scheme: it may hold a password.
  const shown = rest.startsWith('//') ? `${scheme}://…` : url;
  throw new ConfigurationError(
    `There is no token store "${shown}": use sqlite:FILE, redis://HOST, postgres://HOST/DATABASE, cassandra://HOST/KEYSPACE, cassandra-embedded: or memory:.`,
  );
}

async function openEngine(where: string | TokenStorePlace, options: TokenStoreOptions): Promise<TokenStore> {
  const { retentionMs, clock, logger, random = systemRandom, dataDir = '' } = options;
  if (typeof where === 'string' && /^rediss?:\/\//.test(where)) {
    const { openRedisTokenStore } = await import('./redis/token-store.ts');
    return openRedisTokenStore(where, { retentionMs, clock, logger, random });
  }
  const place = typeof where === 'string' ? await placeOf(where) : where;
  switch (place.kind) {
    case 'memory': {
      const { createMemoryTokenStore } = await import('./memory/token-store.ts');
      return createMemoryTokenStore({ retentionMs, random });
    }
    case 'sqlite': {
      const file = path.resolve(dataDir, place.sqlite.file);
      mkdirSync(path.dirname(file), { recursive: true });
      const { openSqliteTokenStore } = await import('./sqlite/token-store.ts');
      return openSqliteTokenStore(file, { retentionMs, logger, random });
    }
    case 'redis': {
      const { openRedisTokenStore } = await import('./redis/token-store.ts');
      return openRedisTokenStore(place, { retentionMs, clock, logger, random });
    }
    case 'postgres': {
      const { openPostgresTokenStore } = await import('./postgres/token-store.ts');
      return openPostgresTokenStore(place, { retentionMs, clock, logger, random });
    }
    case 'cassandra': {
      const { openCassandraTokenStore } = await import('./cassandra/token-store.ts');
      return openCassandraTokenStore(place, { retentionMs, clock, logger, random });
    }
    case 'cassandra-embedded': {
      const { openEmbeddedCassandraStore } = await import('./cassandra/embedded/token-store.ts');
      return openEmbeddedCassandraStore(place, { retentionMs, clock, logger, random, dataDir });
    }
  }
}

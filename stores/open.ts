import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
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
}

/**
 * Opens the token store that a URL names: `sqlite:FILE` or `memory:`. An engine is loaded only when it is asked for. The store removes its own
 * dead rows until it is closed.
 * @throws ConfigurationError for a URL that names no engine, or data of a newer version.
 */
export async function openTokenStore(url: string, options: TokenStoreOptions): Promise<TokenStore> {
  const store = await openEngine(url, options);
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

async function openEngine(url: string, options: TokenStoreOptions): Promise<TokenStore> {
  const { retentionMs, logger, random = systemRandom } = options;
  if (url === 'memory:') {
    const { createMemoryTokenStore } = await import('./memory/token-store.ts');
    return createMemoryTokenStore({ retentionMs, random });
  }
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    const file = path.resolve(url.slice('sqlite:'.length));
    mkdirSync(path.dirname(file), { recursive: true });
    const { openSqliteTokenStore } = await import('./sqlite/token-store.ts');
    return openSqliteTokenStore(file, { retentionMs, logger, random });
  }
  if (/^rediss?:\/\//.test(url)) {
    const { openRedisTokenStore } = await import('./redis/token-store.ts');
    return openRedisTokenStore(url, { retentionMs, clock: options.clock, logger, random });
  }
  throw new ConfigurationError(`There is no token store "${url}": use sqlite:FILE, redis://HOST:PORT or memory:.`);
}

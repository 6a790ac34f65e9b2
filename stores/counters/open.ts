import type { Clock } from '#core/clock';
import type { CounterStore } from '#core/counter-store';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import { type EmbeddedCountersOptions, openEmbeddedCounters } from './embedded.ts';

/** What every kind of counters may need. */
export interface CountersOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** For embedded counters: asks the process that keeps the counts of this gateway. */
  readonly ask: EmbeddedCountersOptions['ask'];
}

/**
 * Opens the counters that a setting names: empty for the embedded ones, `redis[s]://…` for those of all gateways. An engine is loaded only when
 * it is asked for.
 * @throws ConfigurationError for a URL that names no engine
 */
export async function openCounters(url: string, options: CountersOptions): Promise<CounterStore> {
  if (isEmbedded(url)) return openEmbeddedCounters(options);
  if (!/^rediss?:\/\//.test(url)) throw new ConfigurationError('counterStore.url must be empty or redis://….');
  const { openRedisCounters } = await import('./redis.ts');
  return openRedisCounters(url, options);
}

/** True when the gateway's primary keeps the counts. */
export function isEmbedded(url: string): boolean {
  return url === '';
}

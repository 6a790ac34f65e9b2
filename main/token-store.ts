import { resolve } from 'node:path';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Gauge, Metrics } from '#core/metrics';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import type { Config } from './config-schema.ts';
import type { DataDir } from './data-dir.ts';

/** Opens the token store of the configuration: the one named, else SQLite in the data directory, shared by manager and workers. */
export function openDefaultTokenStore(
  config: Config,
  dir: DataDir,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Promise<TokenStore> {
  const { explainRetentionMs, purgeIntervalMs } = config.tokenStore;
  const options = { retentionMs: explainRetentionMs, sweepIntervalMs: purgeIntervalMs };
  return openTokenStore(urlOf(config, dir), { ...deps, ...options });
}

/** Kind and place of the token store, for the manager: gateways of one group need the same (decision 38). */
export function describeTokenStore(config: Config, dir: DataDir): { readonly kind: string; readonly place: string } {
  const [, kind = '', place = ''] = /^(\w+):(.*)$/.exec(urlOf(config, dir)) ?? [];
  // Without user and password: the manager shows it. The password may hold an @ that is not encoded.
  if (/^rediss?$/.test(kind)) return { kind: 'redis', place: place.replace(/^\/\/(?:.*@)?/, '//') };
  return { kind, place: kind === 'sqlite' ? resolve(place) : place };
}

/**
 * The gauges of what the token store holds. Gives what brings them up to date, to be called before they are read; a store that cannot be read
 * leaves them as they were.
 */
export function createTokenStoreGauges(store: Pick<TokenStore, 'sizes'>, metrics: Metrics): () => Promise<void> {
  const gaugeOf = (kind: string) =>
    metrics.gauge('token_store_records', 'Records that the token store holds.', { kind });
  const gauges = new Map<string, Gauge>();
  return async () => {
    try {
      for (const [kind, size] of Object.entries(await store.sizes())) {
        const gauge = gauges.get(kind) ?? gaugeOf(kind);
        gauges.set(kind, gauge);
        gauge.set(size);
      }
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
    }
  };
}

function urlOf(config: Config, dir: DataDir): string {
  return config.tokenStore.url === '' ? `sqlite:${dir.tokenDatabase}` : config.tokenStore.url;
}

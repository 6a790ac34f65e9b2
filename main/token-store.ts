import { resolve } from 'node:path';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Gauge, Metrics } from '#core/metrics';
import type { TokenStorePlace } from '#core/model/token-store';
import { systemRandom } from '#core/random';
import type { TokenStore } from '#core/token-store';
import type { OpenedStore, TokenStoreDesk } from '#core/token-stores';
import { openTokenStore } from '#stores/open';
import { openTokenStoreDesk } from '#stores/several/desk';
import type { Config } from './config-schema.ts';
import type { DataDir } from './data-dir.ts';

/** URLs of the Cassandra that the program starts itself. */
const EMBEDDED = 'cassandra-embedded:';

/** Opens the token stores of a process: at first the one of the configuration, SQLite in the data directory when it names none; others as the manager says. */
export function openTokenStores(
  config: Config,
  dir: DataDir,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
): Promise<TokenStoreDesk> {
  const { clock, logger, metrics } = deps;
  const open = tokenStoreOpener(config, dir, { clock, logger, sweepIntervalMs: config.tokenStore.purgeIntervalMs });
  const configured = describeTokenStore(config, dir);
  return openTokenStoreDesk({ ...{ clock, logger, metrics, random: systemRandom }, configured, open });
}

/** What opens a token store by its name and place; `place` undefined: the one of the configuration. */
export function tokenStoreOpener(
  config: Config,
  dir: DataDir,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly sweepIntervalMs: number },
): (name: string, place: TokenStorePlace | undefined) => Promise<TokenStore> {
  const options = { ...deps, retentionMs: config.tokenStore.explainRetentionMs };
  return (name, place) => {
    if (place === undefined) {
      const url = urlOf(config, dir);
      // A file of the configuration is named from the working directory on; an engine of ours lives in the data directory.
      return openTokenStore(url, url.startsWith(EMBEDDED) ? { ...options, dataDir: dir.path } : options);
    }
    const isUnnamed = place.kind === 'sqlite' && place.sqlite.file === '';
    const wanted = isUnnamed ? ({ kind: 'sqlite', sqlite: { file: `tokens-${name}.db` } } as const) : place;
    return openTokenStore(wanted, { ...options, dataDir: dir.path });
  };
}

/** Kind and place of the token store of the configuration, for the manager: gateways of one group need the same (decision 38). */
export function describeTokenStore(config: Config, dir: DataDir): { readonly kind: string; readonly place: string } {
  const [, scheme = '', place = ''] = /^([\w-]+):(.*)$/.exec(urlOf(config, dir)) ?? [];
  const kind = KINDS[scheme] ?? scheme;
  // Without user and password: the manager shows it. The password may hold an @ that is not encoded.
  if (place.startsWith('//')) return { kind, place: place.replace(/^\/\/(?:.*@)?/, '//').replace(/\?.*$/, '') };
  if (kind === 'cassandra-embedded') return { kind, place: resolve(dir.path, 'cassandra') };
  return { kind, place: kind === 'sqlite' ? resolve(place) : place };
}

/** Kinds by the schemes that are called otherwise. */
const KINDS: Readonly<Record<string, string>> = { rediss: 'redis', postgresql: 'postgres' };

/**
 * The gauges of what the token stores hold. Gives what brings them up to date, to be called before they are read; a store that cannot be read
 * leaves its own as they were.
 */
export function createTokenStoreGauges(
  stores: { opened(): readonly Pick<OpenedStore, 'name' | 'store'>[] },
  metrics: Metrics,
): () => Promise<void> {
  const gauges = new Map<string, Gauge>();
  const gaugeOf = (store: string, kind: string) => {
    const key = `${store} ${kind}`;
    const gauge =
      gauges.get(key) ??
      metrics.gauge('token_store_records', 'Records that a token store holds; may be an estimate.', { store, kind });
    gauges.set(key, gauge);
    return gauge;
  };
  return async () => {
    const measure = async ({ name, store }: Pick<OpenedStore, 'name' | 'store'>) => {
      try {
        for (const [kind, size] of Object.entries(await store.sizes())) gaugeOf(name, kind).set(size);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
      }
    };
    await Promise.all(stores.opened().map(measure));
  };
}

function urlOf(config: Config, dir: DataDir): string {
  return config.tokenStore.url === '' ? `sqlite:${dir.tokenDatabase}` : config.tokenStore.url;
}

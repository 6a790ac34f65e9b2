import { resolve } from 'node:path';
import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
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
  return { kind, place: kind === 'sqlite' ? resolve(place) : place };
}

function urlOf(config: Config, dir: DataDir): string {
  return config.tokenStore.url === '' ? `sqlite:${dir.tokenDatabase}` : config.tokenStore.url;
}

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
  const url = config.tokenStore.url === '' ? `sqlite:${dir.tokenDatabase}` : config.tokenStore.url;
  return openTokenStore(url, { ...deps, retentionMs: config.tokenStore.explainRetentionMs });
}

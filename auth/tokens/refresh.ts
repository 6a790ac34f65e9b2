import { sha256Hex } from '#core/credential';
import { base62 } from '#core/id';
import type { TokenEndpointSettings } from '#core/token-issuer';
import type { RefreshToken } from '#core/token-store';
import type { EndpointDeps } from '../endpoints/endpoint.ts';

/** A refresh token that is not saved yet. */
export interface MintedRefresh {
  readonly value: string;
  readonly refresh: RefreshToken;
}

/** Makes a refresh token of exactly the configured length, good from now on (RFC 6749 §1.5). */
export function mintRefresh(grantId: string, { settings, services }: EndpointDeps): MintedRefresh {
  const value = base62(services.random, settings.refreshTokenLength);
  const issuedAt = services.clock.now();
  const expiresAt = issuedAt + settings.refreshTokenExpiryMs;
  return { value, refresh: { hash: sha256Hex(value), grantId, issuedAt, expiresAt } };
}

/** True when refresh tokens are handed out: only where they are taken too. */
export function offersRefresh({ includeRefreshToken, grantTypes }: TokenEndpointSettings): boolean {
  return includeRefreshToken && grantTypes.includes('refresh_token');
}

import type { AuthorizationCode } from '#core/token-store';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import { refuseGrant } from './grant-standing.ts';

/**
 * The redirect URI is, character by character, that of the authorization request (RFC 6749 §4.1.3). Where that had none, the client has one
 * only, which may be repeated here.
 * @throws Refusal `oauth_grant` redirect_uri
 */
export function checkTokenRedirectUri(
  given: string | undefined,
  { redirectUri }: AuthorizationCode,
  { client }: AuthenticatedClient,
): void {
  if (given === redirectUri) return;
  const isOnlyOne = redirectUri === undefined && given !== undefined && client.redirectUris?.includes(given) === true;
  if (!isOnlyOne) throw refuseGrant('redirect_uri', client);
}

import { hash } from 'node:crypto';
import { sameHash } from '#core/credential';
import type { AuthorizationCode } from '#core/token-store';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import { refuseGrant } from './grant-standing.ts';

/**
 * The code verifier fits the challenge of the authorization request (RFC 7636 §4.6, S256 only); a verifier without challenge is refused, so
 * that nobody can strip the challenge (RFC 9700 §4.8.2). A public client cannot do without.
 * @throws Refusal `oauth_grant` verifier_missing, verifier_unexpected, verifier_malformed, verifier_wrong
 */
export function checkCodeVerifier(
  verifier: string | undefined,
  { codeChallenge }: AuthorizationCode,
  { client, method }: AuthenticatedClient,
): void {
  if (verifier === undefined) {
    if (codeChallenge !== undefined || method === 'none') throw refuseGrant('verifier_missing', client);
    return;
  }
  if (codeChallenge === undefined) throw refuseGrant('verifier_unexpected', client);
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) throw refuseGrant('verifier_malformed', client);
  if (!sameHash(hash('sha256', verifier, 'base64url'), codeChallenge)) throw refuseGrant('verifier_wrong', client);
}

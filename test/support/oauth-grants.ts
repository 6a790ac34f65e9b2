import { hash } from 'node:crypto';
import { sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import { systemRandom } from '#core/random';
import type { AuthorizationCode, Grant } from '#core/token-store';
import type { Registered } from './client-registry.ts';
import type { OAuthSystem } from './oauth.ts';

/** A code verifier and its S256 challenge (RFC 7636 appendix B). */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = hash('sha256', VERIFIER, 'base64url');
/** Redirect URI of {@link grantCode}. */
export const CALLBACK = 'https://client.example/callback';

/** What a code is granted with, beside what follows from the client; everything has a default. */
export interface CodeGrant {
  readonly grant?: Partial<Grant>;
  readonly code?: Partial<AuthorizationCode>;
}

/** Grants a code as the authorization end point does, with PKCE; gives its value. */
export async function grantCode(
  { store, clock }: Pick<OAuthSystem, 'store' | 'clock'>,
  { clientId, subscriptionId }: Registered,
  { grant = {}, code = {} }: CodeGrant = {},
): Promise<{ readonly code: string; readonly grantId: string }> {
  const value = base62(systemRandom, 43);
  const grantId = newId('gra', systemRandom);
  const now = clock.now();
  await store.saveIssue({
    grant: {
      ...{ id: grantId, clientId, subscriptionId, productId: 'prd_1', serverGroupId: 'grp_A', projectId: 'prj_T' },
      ...{ subject: 'own_0000000000000001', scopes: ['orders:read', 'orders:write'], createdAt: now, parameters: {} },
      generations: { client: 1, subscription: 1, subject: 0 },
      details: { username: 'alice', authenticatedAt: now },
      ...grant,
    },
    code: {
      ...{ hash: sha256Hex(value), grantId, redirectUri: CALLBACK, codeChallenge: CHALLENGE },
      ...{ issuedAt: now, expiresAt: now + 60_000 },
      ...code,
    },
  });
  return { code: value, grantId };
}

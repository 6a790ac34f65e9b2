import { sha256Hex } from '#core/credential';
import type { AccessToken, AuthorizationCode, Grant, RefreshToken, Rotation } from '#core/token-store';

/** What the suite opens its stores with. */
export const RETENTION_MS = 7_200_000;
/** When the sample tokens were issued. */
export const NOW = 1_700_000_000_000;
/** How long they live. */
export const LIFE_MS = 600_000;

/** A token for the suite; each has another hash. */
export function sampleToken(seed: string, changes: Partial<AccessToken> = {}): AccessToken {
  return {
    hash: sha256Hex(seed),
    clientId: 'cli_A',
    subscriptionId: 'sub_A',
    productId: 'prd_A',
    secretId: 'sec_A',
    serverGroupId: 'grp_A',
    projectId: 'prj_A',
    subject: undefined,
    scopes: ['orders:read', 'orders:write'],
    issuedAt: NOW,
    expiresAt: NOW + LIFE_MS,
    generations: { client: 1, subscription: 2, secret: 3 },
    parameters: {},
    ...changes,
  };
}

/** Generations of what a resource owner allowed without a secret. */
const OWNED = { client: 1, subscription: 2, subject: 4 };

/** A grant of the resource owner `own_A` to the client of {@link sampleToken}. */
export function sampleGrant(name: string, changes: Partial<Grant> = {}): Grant {
  return {
    id: `gra_${name}`,
    clientId: 'cli_A',
    subscriptionId: 'sub_A',
    productId: 'prd_A',
    serverGroupId: 'grp_A',
    projectId: 'prj_A',
    subject: 'own_A',
    scopes: ['orders:read', 'orders:write'],
    createdAt: NOW,
    generations: OWNED,
    parameters: {},
    ...changes,
  };
}

/** A code that lives for a minute. */
export function sampleCode(seed: string, grantId: string, changes: Partial<AuthorizationCode> = {}): AuthorizationCode {
  return {
    hash: sha256Hex(seed),
    grantId,
    redirectUri: 'https://shop.example/cb',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    issuedAt: NOW,
    expiresAt: NOW + 60_000,
    ...changes,
  };
}

/** A refresh token that lives ten times as long as an access token. */
export function sampleRefresh(seed: string, grantId: string, changes: Partial<RefreshToken> = {}): RefreshToken {
  return { hash: sha256Hex(seed), grantId, issuedAt: NOW, expiresAt: NOW + 10 * LIFE_MS, ...changes };
}

/** An access token from a grant. */
export function grantedToken(seed: string, grantId: string, changes: Partial<AccessToken> = {}): AccessToken {
  return sampleToken(seed, { secretId: undefined, subject: 'own_A', generations: OWNED, grantId, ...changes });
}

/** A rotation of the refresh token `from`; `to` names what it hands out. */
export function sampleRotation(from: string, to: string, grantId: string, changes: Partial<Rotation> = {}): Rotation {
  return {
    hash: sha256Hex(from),
    attemptId: `attempt of ${to}`,
    now: NOW + 1000,
    graceMs: 0,
    access: grantedToken(`access of ${to}`, grantId),
    successor: sampleRefresh(to, grantId),
    ...changes,
  };
}

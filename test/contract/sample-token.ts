import { sha256Hex } from '#core/credential';
import type { AccessToken } from '#core/token-store';

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

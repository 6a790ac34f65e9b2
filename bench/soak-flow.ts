import type { Clock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import type { AccessToken, Grant, RefreshToken, TokenStore } from '#core/token-store';

/** How long what a flow leaves lives, in ms. Short, so that minutes show what takes days otherwise. */
export const LIVES = { code: 2000, access: 5000, refresh: 15_000, once: 5000, transient: 5000 } as const;

/** Rows that one flow leaves in each table. */
export const ROWS_A_FLOW = { access: 2, refresh: 2, codes: 1, grants: 1, transients: 1, once: 1 } as const;

/** Of so many flows one is revoked by its resource owner. */
const REVOKED_OF = 20;

/** One person who signs in at a client: a session, a code, its exchange, an assertion's `jti`, and the first refresh. */
export async function runFlow(store: TokenStore, clock: Clock, n: number): Promise<void> {
  const now = clock.now();
  const name = `${now}-${n}`;
  const grant = grantOf(name, n, now);
  await store.saveTransient({
    kind: 'sign-in',
    id: name,
    value: '{"step":"consent"}',
    expiresAt: now + LIVES.transient,
  });
  const code = {
    hash: sha256Hex(`code ${name}`),
    grantId: grant.id,
    redirectUri: 'https://shop.example/cb',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    issuedAt: now,
    expiresAt: now + LIVES.code,
  };
  await store.saveIssue({ grant, code });
  const [consumed, isFirst] = await Promise.all([
    store.consumeCode(code.hash, { id: name, now: clock.now() }),
    store.rememberOnce('assertion', name, now + LIVES.once),
  ]);
  const first = refreshOf(`first ${name}`, grant.id, now);
  await store.saveIssue({ access: accessOf(`access ${name}`, grant, now), refresh: first });
  const rotated = await store.rotateRefresh({
    ...{ hash: first.hash, attemptId: name, now: clock.now(), graceMs: 0 },
    access: accessOf(`second access ${name}`, grant, now),
    successor: refreshOf(`second ${name}`, grant.id, now),
  });
  if (consumed.state !== 'consumed' || !isFirst || rotated.state !== 'rotated')
    throw new Error(`a flow went wrong: ${consumed.state}, ${isFirst}, ${rotated.state}`);
  if (n % REVOKED_OF === 0) await store.revokeGrant(grant.id, { by: 'maria', at: clock.now(), reason: undefined });
}

function grantOf(name: string, n: number, createdAt: number): Grant {
  return {
    ...{ id: `gra_${name}`, clientId: `cli_${n % 50}`, subscriptionId: `sub_${n % 50}`, productId: 'prd_1' },
    ...{ serverGroupId: 'grp_1', projectId: 'prj_1', subject: `own_${n % 5000}`, scopes: ['orders:read'], createdAt },
    generations: { client: 1, subscription: 1, subject: 0 },
    parameters: {},
  };
}

function accessOf(seed: string, grant: Grant, issuedAt: number): AccessToken {
  const { id: grantId, createdAt: _, ...shared } = grant;
  return {
    ...shared,
    hash: sha256Hex(seed),
    secretId: undefined,
    grantId,
    issuedAt,
    expiresAt: issuedAt + LIVES.access,
  };
}

function refreshOf(seed: string, grantId: string, issuedAt: number): RefreshToken {
  return { hash: sha256Hex(seed), grantId, issuedAt, expiresAt: issuedAt + LIVES.refresh };
}

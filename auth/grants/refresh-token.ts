import { sha256Hex } from '#core/credential';
import type { FoundRefresh, Rotated } from '#core/token-store';
import { checkGrantStanding, refuseGrant } from '../checks/grant-standing.ts';
import { findAudience } from '../checks/requested-resource.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { answerOf, type IssuedAnswer, mintFromGrant, resolveParameters } from '../issue.ts';
import { narrowScopes } from '../scopes.ts';
import { detailsOf, type MintedAccess } from '../tokens/access.ts';
import { mintRefresh } from '../tokens/refresh.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const MAX_REFRESH_LENGTH = 512;

/**
 * The refresh grant (RFC 6749 §6). `rotate`: each refresh token works once and gives the next; one that comes again was stolen from somebody,
 * so that the grant dies (RFC 9700 §4.14.2). `preserve`: it goes on, but those of public clients that are bound to no certificate, which must be rotated.
 * `none`: it works once and gives no other.
 */
export const REFRESH_TOKEN: GrantHandler = {
  type: 'refresh_token',
  allowsPublicClients: true,
  issue: issueForRefresh,
};

type Usable = Extract<FoundRefresh, { state: 'live' | 'used' }>;

async function issueForRefresh(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { services } = deps;
  const text = requireParameter(request.request, 'refresh_token', MAX_REFRESH_LENGTH);
  const found = await services.store.findRefresh(sha256Hex(text), services.clock.now());
  if (found.state !== 'live' && found.state !== 'used') throw refuseRefresh(found, request);
  const { grant } = found;
  checkGrantStanding(grant, found.state === 'live' ? found.inactive : [], request, deps);
  const granted = await narrowScopes(grant, request, deps);
  const details = detailsOf({
    ...grant.details,
    audience: findAudience(request.request, grant),
    certificate: request.client.certificate,
  });
  const parameters = { ...(await resolveParameters(request, grant.subject, deps)), ...grant.parameters };
  const minted = mintFromGrant(grant, { scopes: granted.scopes, parameters, details }, request, deps);
  if (found.state === 'live' && isPreserved(request, deps)) {
    await services.store.saveAccess(minted.access);
    return answerOf(minted, { refresh: undefined, scope: granted.scope }, deps);
  }
  const refresh = await rotate(found, minted, request, deps);
  return answerOf(minted, { refresh, scope: granted.scope }, deps);
}

/** RFC 9700 §2.2.2: refresh tokens of public clients are bound to a key or rotated, whatever is set. */
function isPreserved({ client }: GrantRequest, { settings }: EndpointDeps): boolean {
  return settings.refreshTokenRotation === 'preserve' && (client.method !== 'none' || client.certificate !== undefined);
}

/** Saves the access token with the rotation, in one step; gives the next refresh token when there is one for the client. */
async function rotate({ token, grant }: Usable, { access }: MintedAccess, request: GrantRequest, deps: EndpointDeps) {
  const { settings, services } = deps;
  const now = services.clock.now();
  const next = mintRefresh(grant.id, deps);
  const isLast = settings.refreshTokenRotation === 'none';
  // Nobody gets the last one's successor; it ends as it begins.
  const successor = isLast ? { ...next.refresh, expiresAt: now } : next.refresh;
  const { attemptId } = request;
  const rotated = await services.store.rotateRefresh({
    ...{ hash: token.hash, attemptId, now, access, successor },
    graceMs: settings.refreshGraceMs,
  });
  if (rotated.state !== 'rotated' && rotated.state !== 'graced') {
    throw refuseRotation(rotated, { expiresAt: token.expiresAt, grantId: grant.id }, request);
  }
  return rotated.state === 'rotated' && !isLast ? next : undefined;
}

function refuseRotation(
  rotated: Exclude<Rotated, { state: 'rotated' | 'graced' }>,
  { expiresAt, grantId: grant }: { readonly expiresAt: number; readonly grantId: string },
  { client: { client } }: GrantRequest,
) {
  switch (rotated.state) {
    case 'replayed':
      return refuseGrant('refresh_reused', client, { grant });
    case 'expired':
      return refuseGrant('refresh_expired', client, { at: expiresAt, grant });
    case 'revoked': {
      const { by, at, reason } = rotated.death;
      return refuseGrant('revoked', client, { by, at, reason, grant });
    }
    default:
      return refuseGrant('refresh_not_known', client);
  }
}

function refuseRefresh(found: Exclude<FoundRefresh, Usable>, { client: { client } }: GrantRequest) {
  switch (found.state) {
    case 'unknown':
      return refuseGrant('refresh_not_known', client);
    case 'expired':
      return refuseGrant('refresh_expired', client, { at: found.token.expiresAt, grant: found.grant.id });
    case 'revoked': {
      const { by, at, reason } = found.death;
      return refuseGrant('revoked', client, { by, at, reason, grant: found.grant.id });
    }
  }
}

import { sha256Hex } from '#core/credential';
import type { ConsumedCode, Grant } from '#core/token-store';
import { checkCodeVerifier } from '../checks/code-verifier.ts';
import { checkGrantStanding, refuseGrant } from '../checks/grant-standing.ts';
import { findAudience } from '../checks/requested-resource.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import { checkTokenRedirectUri } from '../checks/token-redirect-uri.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { answerOf, type IssuedAnswer, mintFromGrant, resolveParameters } from '../issue.ts';
import { narrowScopes } from '../scopes.ts';
import { detailsOf } from '../tokens/access.ts';
import { mintRefresh, offersRefresh } from '../tokens/refresh.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const MAX_CODE_LENGTH = 512;

/**
 * The authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636). A code is consumed before anything else is looked at: whoever presents
 * one ends it, and a second time ends all that came of it (§4.1.2).
 */
export const AUTHORIZATION_CODE: GrantHandler = {
  type: 'authorization_code',
  allowsPublicClients: true,
  issue: issueForCode,
};

async function issueForCode(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { clock, store } = deps.services;
  const { form } = request.request;
  const text = requireParameter(request.request, 'code', MAX_CODE_LENGTH);
  const consumed = await store.consumeCode(sha256Hex(text), { id: request.attemptId, now: clock.now() });
  if (consumed.state !== 'consumed') throw refuseCode(consumed, request);
  const { code, grant, inactive } = consumed;
  checkGrantStanding(grant, inactive, request, deps);
  checkTokenRedirectUri(form.get('redirect_uri'), code, request.client);
  checkCodeVerifier(form.get('code_verifier'), code, request.client);
  const granted = await narrowScopes(grant, request, deps);
  const details = detailsOf({
    ...grant.details,
    audience: findAudience(request.request, grant),
    certificate: request.client.certificate,
  });
  const parameters = { ...(await resolveParameters(request, grant.subject, deps)), ...grant.parameters };
  const minted = mintFromGrant(grant, { scopes: granted.scopes, parameters, details }, request, deps);
  const refresh = offersRefresh(deps.settings) ? mintRefresh(grant.id, deps) : undefined;
  await store.saveIssue({ grant: boundGrant(grant, request), access: minted.access, refresh: refresh?.refresh });
  return answerOf(minted, { refresh, scope: granted.scope }, deps);
}

/** The browser that got the code shows no certificate: the grant of a public client is bound to that of the exchange (RFC 8705 §4). */
function boundGrant(grant: Grant, { client: { method, certificate } }: GrantRequest): Grant | undefined {
  if (method !== 'none' || certificate === undefined) return undefined;
  return { ...grant, details: { ...grant.details, certificate } };
}

/** A foreign client learns nothing of whether a code was ever good. */
function refuseCode(found: Exclude<ConsumedCode, { state: 'consumed' }>, { client: { client } }: GrantRequest) {
  switch (found.state) {
    case 'unknown':
      return refuseGrant('code_not_known', client);
    case 'expired':
      return refuseGrant('code_expired', client, { at: found.code.expiresAt, grant: found.grant.id });
    case 'replayed':
      return refuseGrant('code_replayed', client, { grant: found.grant.id });
    case 'revoked': {
      const { by, at, reason } = found.death;
      return refuseGrant('revoked', client, { by, at, reason, grant: found.grant.id });
    }
  }
}

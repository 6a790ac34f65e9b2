import type { TokenDetails } from '#core/token-store';
import { findAudience } from '../checks/requested-resource.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { answerOf, type IssuedAnswer, issueNewGrant, resolveParameters } from '../issue.ts';
import { decideScopes } from '../scopes.ts';
import { detailsOf, mintAccess } from '../tokens/access.ts';
import { offersRefresh } from '../tokens/refresh.ts';
import { reuseToken } from '../tokens/reuse.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

/**
 * The client credentials grant (RFC 6749 §4.4): the client acts for itself; there is no resource owner. A refresh token only where its own
 * switch says so (§4.4.3 advises against); without one nothing but the token itself is stored.
 */
export const CLIENT_CREDENTIALS: GrantHandler = {
  type: 'client_credentials',
  issue: issueClientCredentials,
};

async function issueClientCredentials(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { settings, services } = deps;
  const deciding = decideScopes(request, deps);
  const granted = deciding instanceof Promise ? await deciding : deciding;
  const own: TokenDetails = { audience: findAudience(request.request, undefined) };
  if (settings.refreshTokenForClientCredentials && offersRefresh(settings))
    return issueNewGrant({ owner: undefined, granted, details: own }, request, deps);
  const { client, subscription, certificate } = request.client;
  const content = {
    subject: undefined,
    scopes: granted.scopes,
    generations: { client: client.generation, subscription: subscription.generation },
    parameters: await resolveParameters(request, undefined, deps),
    grantId: undefined,
    details: detailsOf({ ...own, certificate }),
  };
  const more = { refresh: undefined, scope: granted.scope };
  if (settings.reuseWindowMs > 0) {
    const reused = await reuseToken(content, request, deps);
    if (reused !== undefined) return answerOf(reused, more, deps);
  }
  const minted = mintAccess(content, request, deps);
  await services.store.saveAccess(minted.access);
  return answerOf(minted, more, deps);
}

import { sha256Hex, tokenPrefix } from '#core/credential';
import { base62, newId } from '#core/id';
import type { HttpResponse } from '#core/message';
import type { Grant } from '#core/token-store';
import { checkStorage } from '../checks/storage.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { GrantRequest } from '../grants/grant.ts';
import { mintFromGrant, resolveParameters } from '../issue.ts';
import { narrowScopes } from '../scopes.ts';
import { answerClient, refuseToClient } from './client-answer.ts';
import type { AuthorizationPlace, Visit } from './place.ts';
import type { AuthorizationRequest } from './request.ts';
import type { OwnerSession } from './session.ts';

type Answer = readonly (readonly [name: string, value: string])[];

/**
 * Grants what the owner allowed and answers the client. What is answered is durable before.
 * @throws Refusal with its answer to the client
 */
export async function grantRequest(
  request: AuthorizationRequest,
  session: OwnerSession,
  visit: Visit,
  place: AuthorizationPlace,
): Promise<HttpResponse> {
  const target = { requester: request, answer: request.answer };
  const { services } = place;
  try {
    checkStorage(services.storageLow());
    services.checkIssueRate(request.client);
    const grant = grantOf(request, session, visit, place);
    const answer =
      request.responseType === 'code'
        ? await issueCode(grant, request, visit, place)
        : await issueToken(grant, request, visit, place);
    const { responseType, scopes } = request;
    visit.message.note({ responseType, grant: grant.id, subject: session.subject, scopes: scopes.slice(0, 20) });
    return answerClient(target, answer, visit, place);
  } catch (error) {
    throw refuseToClient(error, target, visit, place);
  }
}

/** A code that is good once for some seconds (RFC 6749 §4.1.2), stored as its hash, bound to redirect URI and challenge. */
async function issueCode(
  grant: Grant,
  { redirect, codeChallenge }: AuthorizationRequest,
  { tokenProject }: Visit,
  { services, settings }: AuthorizationPlace,
): Promise<Answer> {
  const issuedAt = services.clock.now();
  const code = base62(services.random, 43);
  await storeOf(tokenProject, services).saveIssue({
    grant,
    code: {
      hash: sha256Hex(code),
      grantId: grant.id,
      redirectUri: redirect.sent,
      codeChallenge,
      issuedAt,
      expiresAt: issuedAt + settings.codeExpiryMs,
    },
  });
  return [['code', code]];
}

/** An access token at once, never with a refresh token (RFC 6749 §4.2.2): made as the token end point makes them, for a client that only named itself. */
async function issueToken(
  grant: Grant,
  { client, subscription, consumerKey, scope, scopes }: AuthorizationRequest,
  { message, tokenProject }: Visit,
  { services }: AuthorizationPlace,
): Promise<Answer> {
  const { settings, context, parts, issuer } = tokenProject;
  await services.checkLiveTokens(client);
  const deps: EndpointDeps = { settings, context, parts, issuer, services };
  const asked: GrantRequest = {
    request: { form: new Map(), query: new Map(), resources: [], audiences: [] },
    client: { consumerKey, client, subscription, secret: undefined, method: 'none', certificate: undefined },
    message,
    attemptId: base62(services.random, 22),
  };
  // what a policy chain decides, it decides for this token too
  const granted = settings.scopeSource === 'policy' ? await narrowScopes(grant, asked, deps) : { scopes, scope };
  const parameters = await resolveParameters(asked, grant.subject, deps);
  const { value, access } = mintFromGrant(
    grant,
    { scopes: granted.scopes, parameters, details: grant.details },
    asked,
    deps,
  );
  await storeOf(tokenProject, services).saveIssue({ grant, access });
  message.note({ token: tokenPrefix(access.hash) });
  return [
    ['access_token', value],
    ['token_type', settings.accessTokenType],
    ['expires_in', String(Math.floor((access.expiresAt - access.issuedAt) / 1000))],
    ...(granted.scope === undefined ? [] : ([['scope', granted.scope]] as const)),
  ];
}

/** Where the token end point project keeps what it issues. */
function storeOf({ settings }: Visit['tokenProject'], { stores }: AuthorizationPlace['services']) {
  return stores.preferring(settings.tokenStore);
}

/** The root of all tokens that come of it, in the name of the token end point project. */
function grantOf(
  { client, subscription, scopes, resources }: AuthorizationRequest,
  session: OwnerSession,
  { tokenProject }: Visit,
  { context, services }: AuthorizationPlace,
): Grant {
  return {
    id: newId('gra', services.random),
    clientId: client.id,
    subscriptionId: subscription.id,
    productId: subscription.productId,
    serverGroupId: context.serverGroup.id,
    projectId: tokenProject.id,
    subject: session.subject,
    scopes,
    createdAt: services.clock.now(),
    generations: {
      client: client.generation,
      subscription: subscription.generation,
      subject: session.generation,
    },
    parameters: {},
    details: {
      username: session.username,
      authenticatedAt: session.authenticatedAt,
      ...(resources.length > 0 && { audience: resources }),
    },
  };
}

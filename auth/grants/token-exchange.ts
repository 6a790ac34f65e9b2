import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { AccessToken } from '#core/token-store';
import { findAudience } from '../checks/requested-resource.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import { grantScopes, refuseScopes } from '../checks/scope.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { findActive } from '../introspection/find-active.ts';
import { answerOf, type IssuedAnswer, resolveParameters } from '../issue.ts';
import { detailsOf, mintAccess } from '../tokens/access.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const MAX_TOKEN_LENGTH = 8192;
/** Services that pass a call on to one another are not more than this many (RFC 8693 §4.1). */
const MAX_ACTORS = 5;

/**
 * Token exchange (RFC 8693) of our own access tokens: for fewer scopes, for an audience, for a service that goes on acting for the same
 * subject. The new token never says more, lives longer or outlives the one it came from: it belongs to the same grant, and to the client that
 * asked. Whoever asks must hold the token rightfully: it is its own, was issued for its product, or names it as audience.
 */
export const TOKEN_EXCHANGE: GrantHandler = {
  type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  issue: exchangeToken,
};

async function exchangeToken(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { form } = request.request;
  checkTokenType(form.get('requested_token_type') ?? ACCESS_TOKEN, 'requested_token_type', deps);
  const subject = await findToken('subject_token', request, deps);
  if (form.has('actor_token') || form.has('actor_token_type')) await checkActor(request, deps);
  const { scopes, scope } = downScope(subject, request, deps);
  const audience = findTarget(subject, request, deps);
  const { client } = request;
  const actors = subject.clientId === client.client.id ? subject.details?.actors : actorsOf(subject, request);
  const details = detailsOf({
    ...subject.details,
    jti: undefined,
    ...{ audience, actors, certificate: client.certificate },
  });
  const minted = mintAccess(
    {
      subject: subject.subject,
      scopes,
      grantId: subject.grantId,
      expiresBy: subject.expiresAt,
      parameters: { ...(await resolveParameters(request, subject.subject, deps)), ...subject.parameters },
      generations: {
        client: client.client.generation,
        subscription: client.subscription.generation,
        ...(subject.generations.subject !== undefined && { subject: subject.generations.subject }),
      },
      details,
    },
    request,
    deps,
  );
  await deps.services.store.saveAccess(minted.access);
  const issued = deps.settings.accessTokenFormat === 'jwt' ? JWT : ACCESS_TOKEN;
  const issued_token_type = form.get('requested_token_type') === JWT ? issued : ACCESS_TOKEN;
  return answerOf(minted, { refresh: undefined, scope, more: { issued_token_type } }, deps);
}

/** Access tokens only; called JWT where they are. @throws Refusal `oauth_request` */
function checkTokenType(type: string, parameter: string, { settings }: EndpointDeps): void {
  if (type === ACCESS_TOKEN || (type === JWT && settings.accessTokenFormat === 'jwt')) return;
  throw new Refusal('oauth_request', { parameter, problem: 'malformed', detail: 'only access tokens are exchanged' });
}

/** A live access token of this issuer that the client may have. @throws Refusal `oauth_request`, `oauth_exchange` */
async function findToken(
  parameter: 'subject_token' | 'actor_token',
  request: GrantRequest,
  deps: EndpointDeps,
): Promise<AccessToken> {
  const { client, subscription, consumerKey, certificate } = request.client;
  const value = requireParameter(request.request, parameter, MAX_TOKEN_LENGTH);
  const type = requireParameter(request.request, `${parameter}_type`, 200);
  checkTokenType(type, `${parameter}_type`, deps);
  const refuse = (cause: string) =>
    new Refusal('oauth_exchange', { cause, parameter, client: client.displayName, clientName: client.name });
  const found = await findActive({ hash: sha256Hex(value), hint: 'access_token' }, deps);
  if (found.kind === 'none') throw refuse(found.cause === 'unknown' ? 'not_known' : 'not_live');
  if (found.kind !== 'access_token') throw refuse('not_known');
  const { token } = found;
  const isOwn = token.subscriptionId === subscription.id;
  const isMeant = token.productId === subscription.productId || token.details?.audience?.includes(consumerKey) === true;
  if (!isOwn && !isMeant) throw refuse('not_yours');
  const bound = token.details?.certificate;
  if (isOwn && bound !== undefined && bound !== certificate) throw refuse('bound');
  return token;
}

/** Whoever acts is whoever asks: another one's token would let a client speak for it. @throws Refusal `oauth_exchange` */
async function checkActor(request: GrantRequest, deps: EndpointDeps): Promise<void> {
  const actor = await findToken('actor_token', request, deps);
  const { client, subscription } = request.client;
  if (actor.subscriptionId === subscription.id && actor.subject === undefined) return;
  const facts = { client: client.displayName, clientName: client.name };
  throw new Refusal('oauth_exchange', { cause: 'not_yours', parameter: 'actor_token', ...facts });
}

/** Scopes of the token that the client itself may have too; fewer when fewer are asked for. @throws Refusal `oauth_scope` */
function downScope(subject: AccessToken, { request, client }: GrantRequest, { settings }: EndpointDeps) {
  const asked = request.form.get('scope');
  const requested = asked === undefined ? subject.scopes : [...new Set(asked.split(' '))];
  if (requested.some((scope) => !subject.scopes.includes(scope)))
    throw refuseScopes({ ...client, requested, registered: subject.scopes, match: 'all' });
  if (requested.length === 0) return { scopes: [], scope: undefined };
  const { scopes } = grantScopes(requested.join(' '), client, settings.scopeMatch);
  return { scopes, scope: asked !== undefined && scopes.length === requested.length ? undefined : scopes.join(' ') };
}

/**
 * For whom the new token is: `resource` (absolute URIs), and `audience` (names of projects of the client's product), each as often as wanted.
 * Never wider than the token that is exchanged (§2.1). @throws Refusal `oauth_target`, `resource_invalid` (invalid_target)
 */
function findTarget(
  subject: AccessToken,
  { request, client }: GrantRequest,
  { services: { endpoints, registry } }: EndpointDeps,
): readonly string[] | undefined {
  const { audiences } = request;
  const resources = findAudience(request, subject);
  if (audiences.length === 0) return resources;
  const product = registry.findProduct(client.subscription.productId);
  const granted = subject.details?.audience;
  for (const name of audiences) {
    const id = endpoints.findProjectId(name);
    const isInProduct = id !== undefined && product?.projectIds.includes(id) === true;
    if (isInProduct && granted?.includes(name) !== false) continue;
    const facts = { client: client.client.displayName, clientName: client.client.name };
    throw new Refusal('oauth_target', { ...facts, requested: name.slice(0, 128), allowed: product?.displayName });
  }
  return [...new Set([...(request.resources.length > 0 ? (resources ?? []) : []), ...audiences])];
}

/** The client that asks acts now; whoever acted before stands behind it (§4.1). @throws Refusal `oauth_request` */
function actorsOf(subject: AccessToken, { client }: GrantRequest): readonly string[] {
  const actors = [client.consumerKey, ...(subject.details?.actors ?? [])];
  if (actors.length <= MAX_ACTORS) return actors;
  const detail = `it has passed through ${MAX_ACTORS} services already`;
  throw new Refusal('oauth_request', { parameter: 'subject_token', problem: 'malformed', detail });
}

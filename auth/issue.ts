import { newId } from '#core/id';
import type { Grant, TokenDetails } from '#core/token-store';
import type { GrantedScopes } from './checks/scope.ts';
import type { EndpointDeps } from './endpoints/endpoint.ts';
import type { GrantRequest } from './grants/grant.ts';
import { leaveRequesterDetails } from './requester-details.ts';
import { detailsOf, type MintedAccess, mintAccess } from './tokens/access.ts';
import { type MintedRefresh, mintRefresh, offersRefresh } from './tokens/refresh.ts';

/** What the token end point answers (RFC 6749 §5.1), before it is rendered. */
export interface IssuedAnswer {
  readonly accessToken: string;
  /** Hash of the access token: its prefix stands in records. */
  readonly hash: string;
  readonly tokenType: string;
  readonly expiresInMs: number;
  readonly refreshToken: string | undefined;
  /** Left out of the answer when it is what was asked for. */
  readonly scope: string | undefined;
  /** All scopes of the access token. */
  readonly scopes: readonly string[];
  /** Further members, e.g. `issued_token_type` (RFC 8693 §2.2.1). */
  readonly more?: Readonly<Record<string, string>> | undefined;
}

/** What a token request is granted for the first time: its grant is made here. */
export interface NewGrant {
  /** The resource owner with the generation of its standing; undefined when the client acts for itself. */
  readonly owner: { readonly subject: string; readonly generation: number } | undefined;
  readonly granted: GrantedScopes;
  readonly details: TokenDetails;
  /** False: no refresh token, whatever the settings say. */
  readonly withRefresh?: boolean;
}

/**
 * Makes a grant, an access token and, where they are handed out, a refresh token, and saves them in one commit.
 * @throws Refusal `not_ready`; UnavailableError of the store
 */
export async function issueNewGrant(made: NewGrant, request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { client, subscription, certificate } = request.client;
  const { owner, granted } = made;
  const details = detailsOf({ ...made.details, certificate });
  const grant: Grant = {
    id: newId('gra', deps.services.random),
    clientId: client.id,
    subscriptionId: subscription.id,
    productId: subscription.productId,
    serverGroupId: deps.context.serverGroup.id,
    projectId: deps.context.project.id,
    subject: owner?.subject,
    scopes: granted.scopes,
    createdAt: deps.services.clock.now(),
    generations: {
      client: client.generation,
      subscription: subscription.generation,
      ...(owner !== undefined && { subject: owner.generation }),
    },
    parameters: await resolveParameters(request, owner?.subject, deps),
    ...(details !== undefined && { details }),
  };
  const minted = mintFromGrant(grant, { scopes: granted.scopes, parameters: grant.parameters, details }, request, deps);
  const refresh = made.withRefresh !== false && offersRefresh(deps.settings) ? mintRefresh(grant.id, deps) : undefined;
  await deps.services.store.saveIssue({ grant, access: minted.access, refresh: refresh?.refresh });
  return answerOf(minted, { refresh, scope: granted.scope }, deps);
}

/** What an access token takes from a grant, and what is its own. */
export function mintFromGrant(
  grant: Grant,
  own: Pick<Grant, 'scopes' | 'parameters' | 'details'>,
  request: GrantRequest,
  deps: EndpointDeps,
): MintedAccess {
  const { generations, subject, id } = grant;
  return mintAccess({ ...own, details: own.details, generations, subject, grantId: id }, request, deps);
}

/** The answer with a token that is saved. */
export function answerOf(
  { value, access }: MintedAccess,
  more: Pick<IssuedAnswer, 'scope' | 'more'> & { readonly refresh: MintedRefresh | undefined },
  { settings, services }: EndpointDeps,
): IssuedAnswer {
  return {
    accessToken: value,
    hash: access.hash,
    tokenType: settings.accessTokenType,
    expiresInMs: lifeOf(access, services.clock.now()),
    refreshToken: more.refresh?.value,
    scope: more.scope,
    scopes: access.scopes,
    more: more.more,
  };
}

/** The life that is left; the whole of it for a token that was just made, so that the milliseconds of saving it take no second off. */
function lifeOf({ issuedAt, expiresAt }: MintedAccess['access'], now: number): number {
  return expiresAt - (now - issuedAt < 1000 ? issuedAt : now);
}

/**
 * The additional parameters of a token, their selectors resolved for this request: whose token it will be stands on the whiteboard by then.
 * A client that acts for itself is its own subject.
 */
export async function resolveParameters(
  request: GrantRequest,
  subject: string | undefined,
  { parts, services }: EndpointDeps,
): Promise<Readonly<Record<string, string>>> {
  if (parts.resolveParameters === undefined) return {};
  const { client, message } = request;
  leaveRequesterDetails(request, services);
  message.whiteboard.set('authentication.subject.id', subject ?? client.client.id);
  return parts.resolveParameters(message);
}

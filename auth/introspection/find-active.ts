import type { FeedClient, FeedSubscription } from '#core/change-feed';
import { Refusal } from '#core/errors';
import type { Standing } from '#core/standing';
import type { AccessToken, FoundRefresh, FoundToken, Grant, RefreshToken } from '#core/token-store';
import { checkClientStanding } from '../checks/client-standing.ts';
import { checkTokenStanding } from '../checks/token-standing.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { PresentedToken } from './presented-token.ts';

/** Whose an active token is. */
interface Owner {
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  /** `client_id`; undefined when its key was taken away. */
  readonly consumerKey: string | undefined;
}

/** A token that may be used at this moment, with whom it belongs to. */
export type ActiveToken =
  | (Owner & { readonly kind: 'access_token'; readonly token: AccessToken })
  | (Owner & { readonly kind: 'refresh_token'; readonly token: RefreshToken; readonly grant: Grant });

/** An active token, or why there is none: for the trace, never for the caller. */
export type Finding = ActiveToken | { readonly kind: 'none'; readonly cause: string };

/**
 * Finds a token that this issuer gave out and that may be used now: it asks the store each time, so it knows of every revocation.
 * @throws UnavailableError
 */
export async function findActive(presented: PresentedToken, deps: EndpointDeps): Promise<Finding> {
  const order = presented.hint === 'refresh_token' ? [findRefresh, findAccess] : [findAccess, findRefresh];
  let finding: Finding = { kind: 'none', cause: 'unknown' };
  for (const find of order) {
    finding = await find(presented.hash, deps);
    if (finding.kind !== 'none' || finding.cause !== 'unknown') return finding;
  }
  return finding;
}

async function findAccess(hash: string, deps: EndpointDeps): Promise<Finding> {
  const { store, clock } = deps.services;
  const found: FoundToken = await store.findAccess(hash, clock.now());
  if (found.state !== 'live') return { kind: 'none', cause: found.state };
  const { token, inactive } = found;
  return judge(token, inactive, deps, (owner) => ({ kind: 'access_token', token, ...owner }));
}

async function findRefresh(hash: string, deps: EndpointDeps): Promise<Finding> {
  const { store, clock } = deps.services;
  const found: FoundRefresh = await store.findRefresh(hash, clock.now());
  if (found.state !== 'live') return { kind: 'none', cause: found.state };
  const { token, grant, inactive } = found;
  // a grant has what standing is decided by, under the same names
  const asToken = { ...grant, hash, secretId: undefined, issuedAt: token.issuedAt, expiresAt: token.expiresAt };
  return judge(asToken, inactive, deps, (owner) => ({ kind: 'refresh_token', token, grant, ...owner }));
}

/** Whether a token that the store calls live is this issuer's, and its client and subscription are active by the registry too. */
function judge(
  token: AccessToken,
  inactive: readonly Standing[],
  { context, services }: EndpointDeps,
  found: (owner: Owner) => ActiveToken,
): Finding {
  const { registry, clock } = services;
  if (token.serverGroupId !== context.serverGroup.id || token.projectId !== context.project.id)
    return { kind: 'none', cause: 'other_issuer' };
  try {
    const { client, subscription, consumerKey } = checkTokenStanding(token, inactive, registry);
    checkClientStanding(client, subscription, clock.now());
    if (inactive.length > 0) return { kind: 'none', cause: 'inactive' };
    return found({ client, subscription, consumerKey });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { cause } = error.facts;
    return { kind: 'none', cause: typeof cause === 'string' ? cause : error.code };
  }
}

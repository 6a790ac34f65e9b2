import type { FeedClient, FeedSubscription } from '#core/change-feed';
import { Refusal } from '#core/errors';
import { scopeSchema } from '#core/model/scope';

const FACT_SCOPES = 20;

/** What was asked for and what is granted. `scope` is what the answer says of it; undefined when it is the same as was asked for (RFC 6749 §5.1). */
export interface GrantedScopes {
  readonly scopes: readonly string[];
  readonly scope: string | undefined;
}

/**
 * Grants scopes by `product.md` §3. `any`: those requested that are registered, one at least. `all`: every requested one must be registered.
 * None requested: the flagged defaults, or all registered if none is flagged.
 * @throws Refusal `oauth_scope` (RFC 6749 §5.2 invalid_scope)
 */
export function grantScopes(
  requestedText: string | undefined,
  { client, subscription }: { readonly client: FeedClient; readonly subscription: FeedSubscription },
  match: 'any' | 'all',
): GrantedScopes {
  const registered = subscription.scopes;
  if (requestedText === undefined) {
    const flagged = registered.filter((each) => each.default);
    const scopes = (flagged.length > 0 ? flagged : registered).map(({ scope }) => scope);
    return { scopes, scope: scopes.length > 0 ? scopes.join(' ') : undefined };
  }
  const requested = [...new Set(requestedText.split(' '))];
  const scopes = requested.filter((scope) => registered.some((each) => each.scope === scope));
  const isWellFormed = requested.every((scope) => scopeSchema.safeParse(scope).success);
  if (!isWellFormed || scopes.length === 0 || (match === 'all' && scopes.length < requested.length)) {
    throw refuseScopes({
      ...{ client, subscription, requested, match },
      registered: registered.map(({ scope }) => scope),
    });
  }
  return { scopes, scope: scopes.length === requested.length ? undefined : scopes.join(' ') };
}

/** The refusal of a scope, with what would have been granted. */
export function refuseScopes({
  client,
  subscription,
  requested,
  registered,
  match,
}: {
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  readonly requested: readonly string[];
  readonly registered: readonly string[];
  readonly match: 'any' | 'all';
}): Refusal {
  return new Refusal('oauth_scope', {
    requested: requested.slice(0, FACT_SCOPES).map((scope) => scope.slice(0, 128)),
    registered: registered.slice(0, FACT_SCOPES),
    match,
    client: client.displayName,
    clientName: client.name,
    subscription: subscription.name,
  });
}

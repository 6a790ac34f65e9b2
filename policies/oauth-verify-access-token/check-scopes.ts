import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import type { VerifiedToken } from '#core/token-verifier';
import type { Config } from './schema.ts';

/**
 * Makes the check of a token's scopes: all of those that the policy names, or any.
 * `facts`: whose token it is, asked only when it is refused.
 * @throws Refusal `scope_missing`
 */
export function compileScopeCheck({
  scopes,
  scopeMatch,
}: Config): (
  has: readonly string[],
  facts: (isMet: (isOffered: (scope: string) => boolean) => boolean) => Facts,
) => void {
  const isMet = (has: (scope: string) => boolean) => (scopeMatch === 'all' ? scopes.every(has) : scopes.some(has));
  return (has, facts) => {
    if (scopes.length === 0 || isMet((scope) => has.includes(scope))) return;
    throw new Refusal('scope_missing', { has: has.slice(0, 20), needs: scopes, match: scopeMatch, ...facts(isMet) });
  };
}

/** Facts about the client of a token that lacks scopes, and whether its product would allow them. */
export function factsOf({ client, subscription, product }: VerifiedToken) {
  return (isMet: (isOffered: (scope: string) => boolean) => boolean): Facts => ({
    client: client.displayName,
    clientName: client.name,
    subscription: subscription.name,
    product: product?.displayName,
    allowed: isMet((scope) => product?.scopes.some((each) => each.scope === scope) === true),
  });
}

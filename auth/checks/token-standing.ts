import type { ClientRegistry } from '#core/client-registry';
import { tokenPrefix } from '#core/credential';
import { Refusal } from '#core/errors';
import { STANDING_KINDS, type Standing, type StandingKind } from '#core/standing';
import type { AccessToken } from '#core/token-store';
import type { VerifiedToken } from '#core/token-verifier';
import { callerOf } from '../caller.ts';
import { refuseRevoked } from './token-state.ts';

/** What the replica knows of something a token depends on. */
interface Known {
  readonly active?: boolean;
  readonly generation: number;
  readonly changedBy: string;
  readonly changedAt: number;
  readonly changedReason?: string | undefined;
}

/**
 * Whom a live token belongs to, and that none of them lost its standing by the registry's replica, which may be ahead of the store: client,
 * subscription, secret and resource owner each with its generation (decision 4), and client and resource owner active.
 * @param inactive standings that the store calls inactive, which may be ahead of the replica
 * @throws Refusal `token_revoked`, `client_disabled`, `token_owner_disabled`
 */
export function checkTokenStanding(
  token: AccessToken,
  inactive: readonly Standing[],
  registry: ClientRegistry,
): VerifiedToken {
  const client = registry.findClient(token.clientId);
  const subscription = registry.findSubscription(token.subscriptionId);
  const entry = registry.findConsumerKeyOf(token.subscriptionId);
  const secret = entry?.secrets.find(({ id }) => id === token.secretId);
  const owner = token.subject === undefined ? undefined : registry.findSubject(token.subject);
  if (client === undefined || subscription === undefined) {
    const standing = client === undefined ? 'client' : 'subscription';
    throw refuseRevoked(token, registry, { by: `the removal of its ${standing}`, at: 0, reason: undefined, standing });
  }
  checkGenerations(token, { client, subscription, secret, subject: owner }, registry);
  const prefix = tokenPrefix(token.hash);
  const disabled = findDisabled(client, 'client', inactive);
  if (disabled !== undefined) {
    const facts = { client: client.displayName, clientName: client.name, ...disabled };
    throw new Refusal('client_disabled', facts, { caller: callerOf(token, client, prefix) });
  }
  const disabledOwner = findDisabled(owner, 'subject', inactive);
  if (disabledOwner !== undefined) {
    const { subject = '', details } = token;
    const facts = { owner: details?.username ?? subject, subject, client: client.displayName, ...disabledOwner };
    throw new Refusal('token_owner_disabled', facts, { caller: callerOf(token, client, prefix) });
  }
  const product = registry.findProduct(token.productId);
  return { token, prefix, client, subscription, product, consumerKey: entry?.consumerKey };
}

function checkGenerations(
  token: AccessToken,
  known: Readonly<Record<StandingKind, Known | undefined>>,
  registry: ClientRegistry,
): void {
  for (const standing of STANDING_KINDS) {
    const one = known[standing];
    if (one === undefined || one.generation <= (token.generations[standing] ?? 0)) continue;
    const { changedBy: by, changedAt: at, changedReason: reason } = one;
    throw refuseRevoked(token, registry, { by, at, reason, standing });
  }
}

/** Who disabled it, by the replica or else by the store; undefined while it is active. */
function findDisabled(known: Known | undefined, kind: StandingKind, inactive: readonly Standing[]) {
  if (known?.active === false) return { by: known.changedBy, at: known.changedAt, reason: known.changedReason };
  const stored = inactive.find((standing) => standing.kind === kind);
  return stored === undefined ? undefined : { by: stored.by, at: stored.at, reason: stored.reason };
}

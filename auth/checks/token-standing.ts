import type { ClientRegistry } from '#core/client-registry';
import { tokenPrefix } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Standing } from '#core/standing';
import type { AccessToken } from '#core/token-store';
import type { VerifiedToken } from '#core/token-verifier';
import { callerOf } from '../caller.ts';
import { refuseRevoked } from './token-state.ts';

/**
 * Whom a live token belongs to, and that none of them lost its standing by the registry's replica, which may be ahead of the store: client,
 * subscription and secret each with its generation (decision 4), and the client active.
 * @param inactive standings that the store calls inactive, which may be ahead of the replica
 * @throws Refusal `token_revoked`, `client_disabled`
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
  if (client === undefined || subscription === undefined) {
    const standing = client === undefined ? 'client' : 'subscription';
    throw refuseRevoked(token, registry, { by: `the removal of its ${standing}`, at: 0, reason: undefined, standing });
  }
  const { generations } = token;
  const raised = [
    client.generation > generations.client ? { standing: 'client', ...client } : undefined,
    subscription.generation > generations.subscription ? { standing: 'subscription', ...subscription } : undefined,
    secret !== undefined && secret.generation > (generations.secret ?? 0)
      ? { standing: 'secret', ...secret }
      : undefined,
  ].find((one) => one !== undefined);
  if (raised !== undefined) {
    const { standing, changedBy: by, changedAt: at, changedReason: reason } = raised;
    throw refuseRevoked(token, registry, { by, at, reason, standing });
  }
  const prefix = tokenPrefix(token.hash);
  const disabled = inactive.find(({ kind }) => kind === 'client' || kind === 'subject');
  if (!client.active || disabled !== undefined) {
    const { changedBy, changedAt, changedReason } = client;
    const { by, at, reason } =
      client.active && disabled ? disabled : { by: changedBy, at: changedAt, reason: changedReason };
    const facts = { client: client.displayName, clientName: client.name, by, at, reason };
    throw new Refusal('client_disabled', facts, { caller: callerOf(token, client, prefix) });
  }
  const product = registry.findProduct(token.productId);
  return { token, prefix, client, subscription, product, consumerKey: entry?.consumerKey };
}

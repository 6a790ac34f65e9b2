import { Refusal } from '#core/errors';
import type { IssuedToken } from '#core/token-issuer';
import { checkClientStanding } from './checks/client-standing.ts';
import { checkStorage } from './checks/storage.ts';
import type { IssuerServices } from './issuer.ts';
import { issueOpaqueToken } from './tokens/opaque.ts';

/** Long enough for one call that a person waits for. */
const LIFE_MS = 120_000;
const LENGTH = 54;
/** `projectId` of such tokens: no token end point issued them. */
const ISSUED_BY = 'try-it';

/**
 * Issues a token for a subscription without its secret, for Try it: its client must be in good standing and have a secret that works, exactly
 * as if it had asked itself. It has every scope that is registered. The secret counts as unused.
 * @throws Refusal `oauth_invalid_client`, `issue_limited`, `live_tokens_limited`, `not_ready`
 */
export async function issueForSubscription(
  subscriptionId: string,
  serverGroupId: string,
  services: IssuerServices,
): Promise<IssuedToken> {
  const { registry, clock } = services;
  const now = clock.now();
  const subscription = registry.findSubscription(subscriptionId);
  const client = subscription === undefined ? undefined : registry.findClient(subscription.clientId);
  const entry = registry.findConsumerKeyOf(subscriptionId);
  if (subscription === undefined || client === undefined || entry === undefined)
    throw new Refusal('oauth_invalid_client', { cause: 'unknown_key', consumerKey: entry?.consumerKey ?? '' });
  checkClientStanding(client, subscription, now);
  const secret = entry.secrets.find(({ active, endsAt }) => active && (endsAt === undefined || endsAt > now));
  if (secret === undefined)
    throw new Refusal('oauth_invalid_client', {
      ...{ cause: 'no_secret', client: client.displayName, clientName: client.name },
      consumerKey: entry.consumerKey,
    });
  checkStorage(services.storageLow());
  services.checkIssueRate(client);
  await services.checkLiveTokens(client);
  const expiresAt = now + LIFE_MS;
  const { value } = await issueOpaqueToken(
    LENGTH,
    {
      ...{ clientId: client.id, subscriptionId, productId: subscription.productId, secretId: secret.id },
      ...{ serverGroupId, projectId: ISSUED_BY, subject: undefined, issuedAt: now, expiresAt, parameters: {} },
      scopes: subscription.scopes.map(({ scope }) => scope),
      generations: {
        client: client.generation,
        subscription: subscription.generation,
        secret: secret.generation,
      },
    },
    services,
  );
  return { token: value, expiresAt };
}

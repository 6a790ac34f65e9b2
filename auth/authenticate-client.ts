import type { FeedClient, FeedSecret, FeedSubscription } from '#core/change-feed';
import type { ClientRegistry } from '#core/client-registry';
import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { checkAuthMethod } from './checks/auth-method.ts';
import { checkSecret } from './checks/client-secret.ts';
import { checkClientStanding } from './checks/client-standing.ts';
import type { FailedTries } from './checks/failed-tries.ts';
import type { Credentials } from './token-request.ts';

/** A client that proved itself. */
export interface AuthenticatedClient {
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  readonly secret: FeedSecret;
}

/** What authentication needs beside the credentials. */
export interface AuthenticationServices {
  readonly registry: ClientRegistry;
  readonly clock: Clock;
  readonly failedTries: FailedTries;
  /** Told as soon as the secret fits, also when the client is refused for its standing. */
  readonly onProved: (proved: AuthenticatedClient) => void;
}

/**
 * Authenticates the client of a token request (RFC 6749 §3.2.1): first the limit of failed tries, then the secret, then standing and method.
 * @throws Refusal `client_auth_limited`, `oauth_invalid_client`
 */
export function authenticateClient(
  credentials: Credentials,
  address: string,
  { registry, clock, failedTries, onProved }: AuthenticationServices,
): AuthenticatedClient {
  const { consumerKey } = credentials;
  failedTries.check(consumerKey, address);
  const now = clock.now();
  const entry = registry.findConsumerKey(consumerKey);
  const subscription = entry === undefined ? undefined : registry.findSubscription(entry.subscriptionId);
  const client = entry === undefined ? undefined : registry.findClient(entry.clientId);
  const isWhole = subscription !== undefined && client !== undefined;
  let secret: FeedSecret;
  try {
    const clientFacts = client === undefined ? {} : { client: client.displayName, clientName: client.name };
    secret = checkSecret(credentials, isWhole ? entry : undefined, { now, clientFacts });
  } catch (error) {
    failedTries.add(consumerKey, address);
    throw error;
  }
  if (!isWhole) throw new Refusal('oauth_invalid_client', { cause: 'unknown_key', consumerKey });
  const proved = { client, subscription, secret };
  onProved(proved);
  checkClientStanding(client, subscription, now);
  checkAuthMethod(client, credentials.place);
  return proved;
}

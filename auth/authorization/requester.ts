import type { FeedClient, FeedSubscription } from '#core/change-feed';
import type { ClientRegistry } from '#core/client-registry';
import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { checkClientStanding } from '../checks/client-standing.ts';
import { type AuthorizationParameters, checkReadable } from './parameters.ts';
import { findRedirectTarget, type RedirectTarget } from './redirect-uri.ts';

/** Who asks and where the answer goes: known well enough that errors may be sent there. */
export interface Requester {
  readonly consumerKey: string;
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  readonly redirect: RedirectTarget;
}

/**
 * Finds out who asks and where the answer goes. What fails here is told to the person on a page of ours, never to the redirect URI
 * (RFC 6749 §4.1.2.1, §3.1.2.4).
 * @throws Refusal `authorization_request`, `authorization_client`, `redirect_uri_unknown`
 */
export function identifyRequester(
  parameters: AuthorizationParameters,
  { registry, clock }: { readonly registry: ClientRegistry; readonly clock: Clock },
): Requester {
  checkReadable(parameters, ['client_id', 'redirect_uri']);
  const consumerKey = parameters.values.client_id;
  if (consumerKey === undefined)
    throw new Refusal('authorization_request', { parameter: 'client_id', problem: 'missing' });
  const { client, subscription } = findClientOfKey(consumerKey, registry);
  checkStanding(client, subscription, clock.now());
  const redirect = findRedirectTarget(parameters.values.redirect_uri, client);
  return { consumerKey, client, subscription, redirect };
}

function findClientOfKey(
  consumerKey: string,
  registry: ClientRegistry,
): { readonly client: FeedClient; readonly subscription: FeedSubscription } {
  const entry = registry.findConsumerKey(consumerKey);
  const client = entry === undefined ? undefined : registry.findClient(entry.clientId);
  const subscription = entry === undefined ? undefined : registry.findSubscription(entry.subscriptionId);
  if (client === undefined || subscription === undefined)
    throw new Refusal('authorization_client', { cause: 'unknown_key', consumerKey: consumerKey.slice(0, 60) });
  return { client, subscription };
}

function checkStanding(client: FeedClient, subscription: FeedSubscription, now: number): void {
  try {
    checkClientStanding(client, subscription, now);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('authorization_client', error.facts);
    throw error;
  }
}

import type { FeedClient, FeedSubscription } from '#core/change-feed';
import { Refusal } from '#core/errors';

/**
 * A client that proved itself gets a token only while it and its subscription are active.
 * @throws Refusal `oauth_invalid_client`: client_disabled, subscription_inactive
 */
export function checkClientStanding(client: FeedClient, subscription: FeedSubscription, now: number): void {
  const facts = { client: client.displayName, clientName: client.name, subscription: subscription.name };
  if (!client.active) {
    const { changedBy: by, changedAt: at, changedReason: reason } = client;
    throw new Refusal('oauth_invalid_client', { cause: 'client_disabled', ...facts, by, at, reason });
  }
  const inactive = inactivityOf(subscription, now);
  if (inactive !== undefined) {
    const { changedBy: by, changedReason: reason } = subscription;
    throw new Refusal('oauth_invalid_client', { cause: 'subscription_inactive', ...facts, ...inactive, by, reason });
  }
}

/** Why a subscription is not active now, and since when; undefined: it is. */
export function inactivityOf(subscription: FeedSubscription, now: number): { state: string; at: number } | undefined {
  const { state, startsAt, endsAt, changedAt } = subscription;
  if (state !== 'active') return { state, at: changedAt };
  if (startsAt !== undefined && now < startsAt) return { state: 'pending', at: changedAt };
  if (endsAt !== undefined && now >= endsAt) return { state: 'ended', at: endsAt };
  return undefined;
}

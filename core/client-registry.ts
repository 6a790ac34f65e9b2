import type { ConsumerKeyEntry, FeedClient, FeedProduct, FeedSubject, FeedSubscription } from './change-feed.ts';

/**
 * The registry of clients as a gateway sees it: read from its replica, synchronous, cached. Every method gives the present state; nothing
 * here may be kept longer than the exchange unless {@link ClientRegistry.changes} is compared.
 */
export interface ClientRegistry {
  /** The consumer key with its secrets (hashes), or undefined when there is no such key. */
  findConsumerKey(consumerKey: string): ConsumerKeyEntry | undefined;
  /** The consumer key of a subscription, or undefined while none was generated. */
  findConsumerKeyOf(subscriptionId: string): ConsumerKeyEntry | undefined;
  findSubscription(id: string): FeedSubscription | undefined;
  /** A client's subscriptions to one product, in whatever state; none: it has none. */
  findSubscriptionsTo(wanted: { readonly clientId: string; readonly productId: string }): readonly FeedSubscription[];
  findClient(id: string): FeedClient | undefined;
  findProduct(id: string): FeedProduct | undefined;
  /** Standing of a resource owner; undefined while it never changed (generation 0, active), or the subject is unknown here. */
  findSubject(subject: string): FeedSubject | undefined;
  /** Grows with every change of any client, subscription, secret or product: what was decided under a lower number is decided again. */
  readonly changes: number;
  /** Notes that a secret was used (decision 31: goes out with heartbeats). */
  markSecretUsed(use: { readonly secretId: string; readonly at: number; readonly address: string }): void;
}

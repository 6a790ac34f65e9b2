import type { FeedClient, FeedProduct, FeedSubscription } from './change-feed.ts';
import type { AccessToken } from './token-store.ts';

/** A token that may be used here, with whom it belongs to. */
export interface VerifiedToken {
  readonly token: AccessToken;
  /** First 8 hex digits of its hash. */
  readonly prefix: string;
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  readonly product: FeedProduct | undefined;
  /** The `client_id` with which it was got, when its key still exists. */
  readonly consumerKey?: string | undefined;
  /** Milliseconds since revocations were heard of last, when that is longer than promised and the purpose serves all the same. */
  readonly staleForMs?: number | undefined;
}

/** What a verification is for. */
export interface VerificationPurpose {
  /** The server group that asks: a token of another one is `token_issuer`. */
  readonly serverGroupId: string;
  /** The protected project: the token's own subscription must include it, when `requireActiveSubscription`. */
  readonly projectId: string;
  readonly projectName: string;
  readonly requireActiveSubscription: boolean;
  /** What to do while no revocations are heard of (decision 6); left out: refuse. */
  readonly whenStale?: 'refuse' | 'serve' | undefined;
}

/**
 * Says whether a presented token may be used. Synchronous when it was seen before; `Refusal` with the cause's own code otherwise:
 * token_malformed, token_unknown, token_expired, token_revoked, token_issuer, client_disabled, subscription_*, revocation_state_stale,
 * store_unavailable; gateway_busy when an address asks for too many made-up tokens.
 */
export interface TokenVerifier {
  /** @param address the caller's, on whose account look-ups of unknown tokens go; left out: one account for all */
  verify(token: string, purpose: VerificationPurpose, address?: string): VerifiedToken | Promise<VerifiedToken>;
}

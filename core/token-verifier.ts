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
}

/** What a verification is for. */
export interface VerificationPurpose {
  /** The server group that asks: a token of another one is `token_issuer`. */
  readonly serverGroupId: string;
  /** The protected project: the token's own subscription must include it, when `requireActiveSubscription`. */
  readonly projectId: string;
  readonly projectName: string;
  readonly requireActiveSubscription: boolean;
}

/**
 * Says whether a presented token may be used. Synchronous when it was seen before; `Refusal` with the cause's own code otherwise:
 * token_malformed, token_unknown, token_expired, token_revoked, token_issuer, client_disabled, subscription_*, revocation_state_stale,
 * store_unavailable.
 */
export interface TokenVerifier {
  verify(token: string, purpose: VerificationPurpose): VerifiedToken | Promise<VerifiedToken>;
}

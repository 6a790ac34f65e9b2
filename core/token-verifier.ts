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
  /** True: the store is asked for each call, and nothing that is remembered counts. */
  readonly isStrict?: boolean | undefined;
  /** What to do while no revocations are heard of (decision 6); left out: refuse. */
  readonly whenStale?: 'refuse' | 'serve' | undefined;
}

/** Somebody else whose access tokens are believed, and how. */
export type ForeignIssuer = SigningIssuer | IntrospectedIssuer;

/** An issuer that says itself what its tokens are good for (RFC 7662). */
export interface IntrospectedIssuer {
  readonly check: 'introspection';
  /** Its `iss`, where its answer has one. */
  readonly issuer: string;
  /** Its introspection end point. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What `aud` of the answer must contain; empty: anything. */
  readonly audience: string;
  /** How far its clock may be off. */
  readonly clockSkewMs: number;
}

/** An issuer of JWTs, known by its public keys. */
export interface SigningIssuer {
  readonly check: 'jwks';
  /** Its `iss`, compared exactly. */
  readonly issuer: string;
  /** Where its public keys are. */
  readonly jwksUri: string;
  /** Algorithms that are taken; never `none`, never those of a shared secret. */
  readonly algorithms: readonly string[];
  /** What `aud` must contain. */
  readonly audience: string;
  /** What `typ` must be, e.g. `at+jwt` (RFC 9068 §2.1). */
  readonly typ: string;
  /** How far its clock may be off. */
  readonly clockSkewMs: number;
}

/** A token of a foreign issuer that may be used. It has no client and no subscription here. */
export interface ForeignToken {
  /** First 8 hex digits of its hash. */
  readonly prefix: string;
  readonly issuer: string;
  readonly subject: string;
  /** `client_id` or `azp`, as the issuer says. */
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  /** Epoch ms; of `iat`, or when it was seen first. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Says whether a token of one foreign issuer may be used. Synchronous when it was seen before.
 * @throws Refusal `token_malformed`, `token_foreign`, `token_inactive`, `key_set_unavailable`, `introspection_unavailable`, `gateway_busy`
 */
export type VerifyForeign = (token: string, address: string) => ForeignToken | Promise<ForeignToken>;

/**
 * Says whether a presented token may be used. Synchronous when it was seen before; `Refusal` with the cause's own code otherwise:
 * token_malformed, token_unknown, token_expired, token_revoked, token_issuer, client_disabled, token_owner_disabled, subscription_*,
 * revocation_state_stale, store_unavailable; gateway_busy when an address asks for too many made-up tokens.
 */
export interface TokenVerifier {
  /** @param address the caller's, on whose account look-ups of unknown tokens go; left out: one account for all */
  verify(token: string, purpose: VerificationPurpose, address?: string): VerifiedToken | Promise<VerifiedToken>;
  /** Makes the check of a foreign issuer's tokens, by signature and claims or by asking the issuer: their standing is its business. */
  compileForeign(issuer: ForeignIssuer): VerifyForeign;
}

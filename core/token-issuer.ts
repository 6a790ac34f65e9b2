import type { PolicyContext, PolicyHandler } from './policy.ts';

/** An additional parameter that is stored with each token (seed 002). */
export interface AdditionalParameter {
  readonly name: string;
  readonly value: string;
}

/** What the OAuth Token End Point policy is set to (`product.md` §3; the policy's schema is the authority on defaults). */
export interface TokenEndpointSettings {
  readonly accessTokenExpiryMs: number;
  readonly grantTypes: readonly 'client_credentials'[];
  readonly clientCredentialsIn: {
    readonly header: boolean;
    readonly body: boolean;
    readonly query: boolean;
    /** Parameter names in body and query. */
    readonly idParameter: string;
    readonly secretParameter: string;
  };
  readonly accessTokenLength: number;
  readonly accessTokenType: string;
  readonly additionalParameters: readonly AdditionalParameter[];
  readonly scopeMatch: 'any' | 'all';
  /** Record usage metrics and caller. */
  readonly monitoring: boolean;
}

/** Makes the handler of a token end point. The authorization server implements it; the policy is its adapter. */
export interface TokenIssuer {
  /** The handler that answers `POST` on the token end point's path (RFC 6749 §3.2), and metadata below it. */
  compileEndpoint(settings: TokenEndpointSettings, context: PolicyContext): PolicyHandler;
}

/** A token and its end (epoch ms). */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** Issues tokens for subscriptions without their secret, for Try it: only what holds the manager's ticket may ask. */
export interface SubscriptionTokens {
  /** @throws Refusal when the client could not get one itself; UnavailableError when the store takes none */
  issueFor(subscriptionId: string, serverGroupId: string): Promise<IssuedToken>;
}

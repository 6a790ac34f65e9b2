import type { Message } from './message.ts';
import type { Outcome, PolicyContext, PolicyHandler } from './policy.ts';
import type { SigningAlgorithm } from './signing-keys.ts';

/** An additional parameter that is stored with each token (seed 002). */
export interface AdditionalParameter {
  readonly name: string;
  readonly value: string;
}

/** Grant types that a token end point can offer, by their names on the wire. */
export const GRANT_TYPES = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'password',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** Somebody else whose JWTs are believed as grants (RFC 7523 §2.1). */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly algorithms: readonly string[];
}

/** What the OAuth Token End Point policy is set to (`product.md` §3; the policy's schema is the authority on defaults). */
export interface TokenEndpointSettings {
  /** Which profile the settings follow; `custom`: none. Deviations are told, not refused. */
  readonly profile: 'custom' | 'seed' | 'bcp';
  readonly accessTokenExpiryMs: number;
  readonly grantTypes: readonly GrantType[];
  readonly clientCredentialsIn: {
    readonly header: boolean;
    readonly body: boolean;
    readonly query: boolean;
    /** Parameter names in body and query. */
    readonly idParameter: string;
    readonly secretParameter: string;
  };
  /** Name of the token store for what is issued here; empty: the default one. */
  readonly tokenStore: string;
  readonly accessTokenFormat: 'opaque' | 'jwt';
  readonly signingAlgorithm: SigningAlgorithm;
  readonly accessTokenLength: number;
  readonly accessTokenType: string;
  readonly additionalParameters: readonly AdditionalParameter[];
  readonly includeRefreshToken: boolean;
  /** For client_credentials, which RFC 6749 §4.4.3 advises against. */
  readonly refreshTokenForClientCredentials: boolean;
  readonly refreshTokenExpiryMs: number;
  readonly refreshTokenLength: number;
  /** rotate: a new one at each use, reuse kills the grant. preserve: the same one goes on. none: it works once, no new one comes. */
  readonly refreshTokenRotation: 'rotate' | 'preserve' | 'none';
  readonly refreshGraceMs: number;
  readonly scopeMatch: 'any' | 'all';
  readonly scopeSource: 'registered' | 'policy';
  /** Name of the policy chain that leaves the scopes, and the whiteboard attribute where it does. */
  readonly scopeChain: string;
  readonly scopeAttribute: string;
  /** Directory against which the password grant checks names and passwords. */
  readonly directory: string;
  /** An identical request within so many ms gets the same token again (decision 15); 0: never. */
  readonly reuseWindowMs: number;
  readonly deviceCodeExpiryMs: number;
  readonly devicePollMs: number;
  readonly trustedIssuers: readonly TrustedIssuer[];
  /** Axway-style token information (compatibility), below `/tokeninfo`. */
  readonly tokenInformation: boolean;
  /** Record usage metrics and caller. */
  readonly monitoring: boolean;
}

/** What the policy makes of its settings for the end point. */
export interface TokenEndpointParts {
  /** Runs the chain of `scopeChain`; only when scopeSource is `policy`. */
  readonly runScopeChain?: ((message: Message) => Promise<Outcome>) | undefined;
  /** Resolves the selectors in `additionalParameters`; left out when there are no parameters. */
  readonly resolveParameters?:
    | ((message: Message) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
    | undefined;
}

/** Makes the handler of a token end point. The authorization server implements it; the policy is its adapter. */
export interface TokenIssuer {
  /** The handler that answers `POST` on the token end point's path (RFC 6749 §3.2), and metadata below it. */
  compileEndpoint(settings: TokenEndpointSettings, context: PolicyContext, parts?: TokenEndpointParts): PolicyHandler;
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

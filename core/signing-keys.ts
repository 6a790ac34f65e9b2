import type { KeyObject } from 'node:crypto';

/** Algorithms that sign access tokens (RFC 7518 §3.1, RFC 8037). Each key is for one of them. */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** `next` is published before it signs; `current` signs; `retired` is published until what it signed has expired. */
export type SigningKeyState = 'next' | 'current' | 'retired';

/** A public key as JWKS show it (RFC 7517 §4): with kid, alg and use, never a private member. */
export type PublicJwk = Readonly<Record<string, string>> & { readonly kid: string; readonly alg: string };

/** The authorization server's signing keys, as a gateway has them: from the replica, synchronous. */
export interface SigningKeys {
  /** The key that signs with this algorithm now; undefined until the gateway got it. */
  current(algorithm: SigningAlgorithm): { readonly kid: string; readonly privateKey: KeyObject } | undefined;
  /** The public key of one of ours, with its one algorithm. */
  find(kid: string): { readonly publicKey: KeyObject; readonly algorithm: SigningAlgorithm } | undefined;
  /** What `/jwks` answers: next, current and retired ones. */
  published(): readonly PublicJwk[];
}

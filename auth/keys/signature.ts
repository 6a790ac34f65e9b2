import { constants, type KeyObject, sign, verify } from 'node:crypto';
import type { SigningAlgorithm } from '#core/signing-keys';

/** How `node:crypto` is told to sign by each algorithm (RFC 7518 §3.1, RFC 8037 §3.1). ES256 is two numbers side by side (§3.4), not DER. */
const WAYS = {
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
  EdDSA: { digest: undefined, options: {} },
} as const satisfies Record<SigningAlgorithm, object>;

/** Signs text by one algorithm. */
export function signText(algorithm: SigningAlgorithm, privateKey: KeyObject, text: string): Buffer {
  const { digest, options } = WAYS[algorithm];
  return sign(digest, Buffer.from(text), { key: privateKey, ...options });
}

/** True when a signature over a text is that of a key. The algorithm is the key's, never what the signed text says of itself. */
export function isSignedText(
  algorithm: SigningAlgorithm,
  publicKey: KeyObject,
  signed: { readonly text: string; readonly signature: Buffer },
): boolean {
  const { digest, options } = WAYS[algorithm];
  return verify(digest, Buffer.from(signed.text), { key: publicKey, ...options }, signed.signature);
}

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Random } from '#core/random';

/** A pair of Ed25519 keys (RFC 8032). */
export interface SigningPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The private key as PKCS #8, DER: to be sealed, then filled with zeros. */
  readonly der: Buffer;
}

const SEED_BYTES = 32;
/** PKCS #8 of an Ed25519 key (RFC 8410 §7) up to its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Makes a pair. */
export function createSigningPair(random: Random): SigningPair {
  const seed = random.bytes(SEED_BYTES);
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  seed.fill(0);
  const privateKey = openPrivateKey(der);
  return { privateKey, publicKey: createPublicKey(privateKey), der };
}

/** A private key from its PKCS #8, DER. */
export function openPrivateKey(der: Buffer): KeyObject {
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

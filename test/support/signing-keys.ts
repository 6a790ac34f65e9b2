import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { PublicJwk, SigningAlgorithm, SigningKeys } from '#core/signing-keys';

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const MAKE: Readonly<Record<SigningAlgorithm, () => Pair>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

/** Signing keys of a test, made when they are asked for first. */
export function createTestSigningKeys(): SigningKeys {
  const pairs = new Map<SigningAlgorithm, Pair>();
  const pairOf = (algorithm: SigningAlgorithm): Pair => {
    const pair = pairs.get(algorithm) ?? MAKE[algorithm]();
    pairs.set(algorithm, pair);
    return pair;
  };
  const kidOf = (algorithm: SigningAlgorithm) => `kid_${algorithm}`;
  return {
    current: (algorithm) => ({ kid: kidOf(algorithm), privateKey: pairOf(algorithm).privateKey }),
    find(kid) {
      const found = [...pairs].find(([algorithm]) => kidOf(algorithm) === kid);
      return found === undefined ? undefined : { publicKey: found[1].publicKey, algorithm: found[0] };
    },
    published: () =>
      [...pairs].map(([algorithm, { publicKey }]) => {
        const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>;
        return { ...jwk, kid: kidOf(algorithm), alg: algorithm, use: 'sig' } as PublicJwk;
      }),
  };
}

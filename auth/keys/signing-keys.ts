import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type FeedSigningKeys, signingKeyContext } from '#core/change-feed';
import type { Logger } from '#core/logger';
import { type SealContext, SealError } from '#core/secret-box';
import type { PublicJwk, SigningAlgorithm, SigningKeys } from '#core/signing-keys';

/** What the keys are made from. */
export interface SigningKeySource {
  /** The keys as the replica has them; the same object as long as nothing changed. */
  find(): FeedSigningKeys | undefined;
  /** Opens what the manager sealed to this gateway. @throws SealError */
  open(sealed: string, context: SealContext): Buffer;
  readonly logger: Logger;
}

interface OpenedKeys {
  readonly current: ReadonlyMap<SigningAlgorithm, { readonly kid: string; readonly privateKey: KeyObject }>;
  readonly byKid: ReadonlyMap<string, { readonly publicKey: KeyObject; readonly algorithm: SigningAlgorithm }>;
  readonly published: readonly PublicJwk[];
}

const NONE: OpenedKeys = { current: new Map(), byKid: new Map(), published: [] };

/**
 * The authorization server's signing keys over the replica: opened once for each state of the feed, and private ones only when they sign.
 * A key that does not open here is published all the same: other gateways sign with it.
 */
export function createSigningKeys({ find, open, logger }: SigningKeySource): SigningKeys {
  let known: FeedSigningKeys | undefined;
  let opened = NONE;
  const state = (): OpenedKeys => {
    const keys = find();
    if (keys !== known) {
      opened = keys === undefined ? NONE : openAll(keys, { open, logger });
      known = keys;
    }
    return opened;
  };
  return {
    current: (algorithm) => state().current.get(algorithm),
    find: (kid) => state().byKid.get(kid),
    published: () => state().published,
  };
}

function openAll({ keys }: FeedSigningKeys, { open, logger }: Pick<SigningKeySource, 'open' | 'logger'>): OpenedKeys {
  const current = new Map<SigningAlgorithm, { kid: string; privateKey: KeyObject }>();
  const byKid = new Map<string, { publicKey: KeyObject; algorithm: SigningAlgorithm }>();
  const published: PublicJwk[] = [];
  for (const { kid, algorithm, state, publicJwk, privateSealed } of keys) {
    const jwk: Record<string, string> = JSON.parse(publicJwk);
    published.push({ ...jwk, kid, alg: algorithm, use: 'sig' });
    byKid.set(kid, { publicKey: createPublicKey({ key: jwk, format: 'jwk' }), algorithm });
    if (state !== 'current' || privateSealed === undefined) continue;
    try {
      const der = open(privateSealed, signingKeyContext(kid));
      current.set(algorithm, { kid, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) });
      der.fill(0);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      logger.error({ err: error, kid }, 'a signing key does not open here; no JWT is issued with it');
    }
  }
  return { current, byKid, published };
}

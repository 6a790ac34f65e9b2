import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type FeedSigningKeys, feedSigningKeys, signingKeyContext } from '#core/change-feed';
import { newId } from '#core/id';
import type { Random } from '#core/random';
import type { SecretBox } from '#core/secret-box';
import type { SigningAlgorithm } from '#core/signing-keys';
import type { Reader } from '../database.ts';
import type { Unit } from '../unit-of-work.ts';
import type { SigningKeyTable } from './tables.ts';

const FEED_ID = 'oauth';
const RSA_BITS = 2048;
const generate = promisify(generateKeyPair);

/** A pair of keys that is not kept yet. */
export interface NewPair {
  readonly algorithm: SigningAlgorithm;
  /** JSON of the public JWK. */
  readonly publicJwk: string;
  /** PKCS #8, DER: to be sealed, then filled with zeros. */
  readonly der: Buffer;
}

/** Makes a pair, beside the event loop: for RSA that takes a while. */
export async function createPair(algorithm: SigningAlgorithm): Promise<NewPair> {
  const { publicKey, privateKey } = await generateFor(algorithm);
  const publicJwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
  return { algorithm, publicJwk, der: privateKey.export({ type: 'pkcs8', format: 'der' }) };
}

function generateFor(algorithm: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (algorithm) {
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generate('ed25519');
    case 'RS256':
    case 'PS256':
      return generate('rsa', { modulusLength: RSA_BITS });
  }
}

/** Every key, the newest first. */
export async function listSigningKeyRows(reader: Reader): Promise<SigningKeyTable[]> {
  return reader.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').orderBy('kid').execute();
}

/** Keeps a pair. */
export async function insertSigningKey(
  unit: Unit,
  { algorithm, publicJwk, der }: NewPair,
  place: {
    readonly state: 'next' | 'current';
    readonly signsAt: number;
    readonly box: SecretBox;
    readonly random: Random;
  },
): Promise<SigningKeyTable> {
  const kid = newId('kid', place.random);
  const row: SigningKeyTable = {
    ...{ kid, algorithm, state: place.state, public_jwk: publicJwk },
    private_sealed: place.box.seal(der, signingKeyContext(kid)),
    ...{ created_at: unit.now, created_by: unit.actor.name, signs_at: place.signsAt, retired_at: null },
  };
  der.fill(0);
  await unit.tx.insertInto('signing_keys').values(row).execute();
  return row;
}

/** Puts all keys, as they are now, into the change feed: one entry, so that gateways change them together. */
export async function publishSigningKeys(unit: Unit): Promise<void> {
  const rows = await listSigningKeyRows(unit.tx);
  const payload: FeedSigningKeys = feedSigningKeys.parse({
    id: FEED_ID,
    keys: rows.map((row) => ({
      ...{ kid: row.kid, algorithm: row.algorithm, state: row.state, publicJwk: row.public_jwk },
      ...(row.private_sealed !== null && { privateSealed: row.private_sealed }),
    })),
  });
  unit.publish('signing-keys', FEED_ID, payload);
}

/** Seals the private keys with the current master key, where they are not. Gives how many records changed. */
export async function resealTokenSigningKeys(unit: Unit, box: SecretBox): Promise<number> {
  let changed = 0;
  for (const { kid, private_sealed: before } of await listSigningKeyRows(unit.tx)) {
    if (before === null) continue;
    const after = box.reseal(before, signingKeyContext(kid));
    if (after === before) continue;
    await unit.tx.updateTable('signing_keys').set({ private_sealed: after }).where('kid', '=', kid).execute();
    changed += 1;
  }
  if (changed > 0) await publishSigningKeys(unit);
  return changed;
}

import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from './random.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/** A master key: 32 bytes and a short id that sealed records name. */
export interface MasterKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** Where a sealed record stands: bound to it as associated data, so that a record moved to another row does not open. */
export interface SealContext {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

/** Thrown when a record cannot be opened: wrong or missing master key, or a record that was changed or moved. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/**
 * Encrypts what must be readable again (decision 33): AES-256-GCM with a data key a record, wrapped by the master key; table, row, column and
 * key id are associated data. A sealed record is base64 of: format, key-id length, key id, wrap iv, wrapped data key + tag, iv, text + tag.
 */
export class SecretBox {
  readonly #keys: ReadonlyMap<string, MasterKey>;
  readonly #current: MasterKey;
  readonly #random: Random;

  /** @param keys the current master key first, older ones that may still be met behind it */
  constructor(keys: readonly MasterKey[], random: Random) {
    const [current] = keys;
    if (current === undefined) throw new SealError('There is no master key.');
    for (const key of keys)
      if (key.key.length !== KEY_BYTES) throw new SealError(`Master key ${key.id} must have ${KEY_BYTES} bytes.`);
    this.#current = current;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#random = random;
  }

  /** Id of the key that seals now. */
  get keyId(): string {
    return this.#current.id;
  }

  /** Seals bytes for one place. */
  seal(plain: Uint8Array, context: SealContext): string {
    const dataKey = this.#random.bytes(KEY_BYTES);
    const keyId = Buffer.from(this.#current.id, 'utf8');
    const aad = associatedData(context, this.#current.id);
    const wrapped = encrypt(this.#current.key, dataKey, aad, this.#random);
    const sealed = encrypt(dataKey, plain, aad, this.#random);
    dataKey.fill(0);
    return Buffer.concat([Buffer.from([FORMAT, keyId.length]), keyId, wrapped, sealed]).toString('base64');
  }

  /** Opens a sealed record. @throws SealError */
  open(sealed: string, context: SealContext): Buffer {
    const record = parseRecord(sealed);
    const master = this.#keys.get(record.keyId);
    if (master === undefined)
      throw new SealError(`The record was sealed with master key ${record.keyId}, which is not here.`);
    const aad = associatedData(context, record.keyId);
    const dataKey = decrypt(master.key, record.wrapped, aad);
    try {
      return decrypt(dataKey, record.sealed, aad);
    } finally {
      dataKey.fill(0);
    }
  }

  /** The record sealed with the current key: itself when it is already. For `gatewright key rotate`. @throws SealError */
  reseal(sealed: string, context: SealContext): string {
    return parseRecord(sealed).keyId === this.#current.id ? sealed : this.seal(this.open(sealed, context), context);
  }
}

function associatedData(context: SealContext, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, context.table, context.row, context.column, keyId]), 'utf8');
}

function parseRecord(sealed: string): { keyId: string; wrapped: Buffer; sealed: Buffer } {
  const bytes = Buffer.from(sealed, 'base64');
  const keyIdEnd = 2 + (bytes[1] ?? 0);
  const wrappedEnd = keyIdEnd + IV_BYTES + KEY_BYTES + TAG_BYTES;
  if (bytes[0] !== FORMAT || bytes.length < wrappedEnd + IV_BYTES + TAG_BYTES)
    throw new SealError('The sealed record is damaged.');
  return {
    keyId: bytes.toString('utf8', 2, keyIdEnd),
    wrapped: bytes.subarray(keyIdEnd, wrappedEnd),
    sealed: bytes.subarray(wrappedEnd),
  };
}

function encrypt(key: Uint8Array, plain: Uint8Array, aad: Buffer, random: Random): Buffer {
  const iv = random.bytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(aad);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, bytes: Buffer, aad: Buffer): Buffer {
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES }).setAAD(
    aad,
  );
  decipher.setAuthTag(bytes.subarray(end));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, end)), decipher.final()]);
  } catch (error) {
    throw new SealError('The sealed record does not open: wrong key, or it was changed.', { cause: error });
  }
}

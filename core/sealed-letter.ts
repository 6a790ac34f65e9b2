import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { Random } from './random.ts';
import { type SealContext, SealError } from './secret-box.ts';

// What only one reader may open: sealed to a public key (decision 33). X25519 with a key of its own for each letter, HKDF-SHA-256, AES-256-GCM.

const PREFIX = 'gwl1.';
const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** An X25519 public key as DER (SubjectPublicKeyInfo) is always this long. */
const SPKI_BYTES = 44;

/** A reader's pair of keys. */
export interface LetterKey {
  /** Opens letters; never leaves its reader. */
  readonly privateKey: KeyObject;
  /** Seals letters: SubjectPublicKeyInfo, base64url. */
  readonly publicKey: string;
}

/** Makes a pair of keys. */
export function createLetterKey(): LetterKey {
  const { privateKey } = generateKeyPairSync('x25519');
  return { privateKey, publicKey: publicText(privateKey) };
}

/** A pair of keys as text for its file, and back. @throws SealError when the text is none */
export function exportLetterKey(key: LetterKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Reads what {@link exportLetterKey} wrote. @throws SealError */
export function importLetterKey(pem: string): LetterKey {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'x25519') throw new Error('another kind of key');
    return { privateKey, publicKey: publicText(privateKey) };
  } catch (error) {
    throw new SealError('The key that opens what the manager seals cannot be read.', { cause: error });
  }
}

/** True when a text is a public key to which letters can be sealed. */
export function isLetterPublicKey(text: string): boolean {
  try {
    return publicKeyOf(text).asymmetricKeyType === 'x25519';
  } catch {
    return false;
  }
}

/** True when a text is a letter, whoever may open it. */
export function isLetter(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Seals bytes for one reader and one place; `context` must be the same when it is opened. @throws SealError for a key that is none */
export function sealLetter(
  plain: Uint8Array,
  {
    publicKey,
    context,
    random,
  }: { readonly publicKey: string; readonly context: SealContext; readonly random: Random },
): string {
  const { privateKey: own } = generateKeyPairSync('x25519');
  const ownPublic = createPublicKey(own).export({ type: 'spki', format: 'der' });
  const key = sharedKey(own, publicKeyOf(publicKey), ownPublic);
  const iv = random.bytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(associatedData(context));
  const sealed = Buffer.concat([ownPublic, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  key.fill(0);
  return PREFIX + sealed.toString('base64url');
}

/** Opens a letter. @throws SealError when it is for somebody else, stood elsewhere, or was changed */
export function openLetter(letter: string, { key, context }: { key: LetterKey; context: SealContext }): Buffer {
  const bytes = Buffer.from(letter.slice(PREFIX.length), 'base64url');
  if (!isLetter(letter) || bytes.length < SPKI_BYTES + IV_BYTES + TAG_BYTES)
    throw new SealError('This is no letter, or a damaged one.');
  try {
    const senderKey = bytes.subarray(0, SPKI_BYTES);
    const sender = createPublicKey({ key: senderKey, type: 'spki', format: 'der' });
    const shared = sharedKey(key.privateKey, sender, senderKey);
    const iv = bytes.subarray(SPKI_BYTES, SPKI_BYTES + IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, shared, iv, { authTagLength: TAG_BYTES }).setAAD(
      associatedData(context),
    );
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(SPKI_BYTES + IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new SealError('The letter does not open: it is for another reader or another place, or it was changed.', {
      cause: error,
    });
  }
}

function sharedKey(privateKey: KeyObject, publicKey: KeyObject, salt: Uint8Array): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'gatewright letter', KEY_BYTES));
  secret.fill(0);
  return key;
}

function publicText(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64url');
}

function publicKeyOf(text: string): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64url'), type: 'spki', format: 'der' });
  } catch (error) {
    throw new SealError('This is no public key to which letters can be sealed.', { cause: error });
  }
}

function associatedData({ table, row, column }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([PREFIX, table, row, column]), 'utf8');
}

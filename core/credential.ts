import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62, base62Of } from './id.ts';
import type { Random } from './random.ts';

// The formats of decision 2. They cannot change once credentials are handed out.

const SECRET_RANDOM = 43; // 43 base-62 characters are 256 bits
const SECRET_CHECKSUM = 6;
const TOKEN_TAG = 11;
/** From this length up an opaque token carries a keyed tag, so that a made-up token is refused without asking the store. */
const TAGGED_TOKEN_LENGTH = SECRET_RANDOM + TOKEN_TAG;

/** A new consumer key (`client_id`): `gwk_` + 16 base 62. Public. */
export function newConsumerKey(random: Random): string {
  return `gwk_${base62(random, 16)}`;
}

/** A new consumer secret: `gws_` + 43 base 62 (256 bits) + 6 characters of checksum for leak scanners. Shown once, kept as {@link sha256Hex}. */
export function newConsumerSecret(random: Random): string {
  return withChecksum('gws_', random);
}

/** A new management API key: `gwm_` + 43 base 62 + 6 checksum. Shown once, kept as {@link sha256Hex}. */
export function newManagementKey(random: Random): string {
  return withChecksum('gwm_', random);
}

/** The secret part of a new join token: `gwj_` + 43 base 62 + 6 checksum. Shown once, kept as {@link sha256Hex}. */
export function newJoinSecret(random: Random): string {
  return withChecksum('gwj_', random);
}

/** True when text has the form and checksum of a consumer secret; says nothing about whether it is one of ours. */
export function isConsumerSecret(text: string): boolean {
  return (
    /^gws_[0-9A-Za-z]{49}$/.test(text) && checksum(text.slice(0, -SECRET_CHECKSUM)) === text.slice(-SECRET_CHECKSUM)
  );
}

/** What may be shown of a secret later: `…` and its last three characters. */
export function secretHint(secret: string): string {
  return `…${secret.slice(-3)}`;
}

/** SHA-256 in lower-case hex. Secrets here have 256 random bits, so a fast hash is the right one (no argon2). */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Compares two hex digests of equal length in constant time; false when the lengths differ. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}

/** The keys that tag opaque tokens: the current one signs, the previous one is still believed. 32 bytes each. */
export interface TokenTagKeys {
  readonly current: Uint8Array;
  readonly previous: Uint8Array | undefined;
}

/**
 * A new opaque token of exactly `length` base-62 characters (22–512). From {@link TAGGED_TOKEN_LENGTH} up the last 11 are a keyed tag
 * over the rest.
 */
export function newOpaqueToken(length: number, keys: TokenTagKeys, random: Random): string {
  if (length < TAGGED_TOKEN_LENGTH) return base62(random, length);
  const body = base62(random, length - TOKEN_TAG);
  return body + tag(body, keys.current);
}

/** `genuine`: the tag fits. `forged`: it does not, refuse without I/O. `untagged`: too short to tell. */
export function checkTokenTag(token: string, keys: TokenTagKeys): 'genuine' | 'forged' | 'untagged' {
  if (token.length < TAGGED_TOKEN_LENGTH) return 'untagged';
  const body = token.slice(0, -TOKEN_TAG);
  const given = token.slice(-TOKEN_TAG);
  if (sameHash(tag(body, keys.current), given)) return 'genuine';
  if (keys.previous !== undefined && sameHash(tag(body, keys.previous), given)) return 'genuine';
  return 'forged';
}

/** How a token is named in logs, lists and records: the first 8 hex digits of its hash. */
export function tokenPrefix(tokenHash: string): string {
  return tokenHash.slice(0, 8);
}

function withChecksum(prefix: string, random: Random): string {
  const body = prefix + base62(random, SECRET_RANDOM);
  return body + checksum(body);
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return base62Of(bytes, SECRET_CHECKSUM);
}

/**
 * The tag of a token's body: SHA-256 over key and body, cut to 9 of 32 bytes. A key of fixed length in front and most of the digest kept back
 * leave nothing to extend, so the plain hash does what HMAC does, at a tenth of its time; every invented token costs one.
 */
function tag(body: string, key: Uint8Array): string {
  return base62Of(hash('sha256', hexOf(key) + body, 'buffer').subarray(0, 9), TOKEN_TAG);
}

const hexOfKeys = new WeakMap<Uint8Array, string>();

function hexOf(key: Uint8Array): string {
  let hex = hexOfKeys.get(key);
  if (hex === undefined) {
    hex = Buffer.from(key).toString('hex');
    hexOfKeys.set(key, hex);
  }
  return hex;
}

import type { Random } from './random.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` characters of Crockford's base 32 (no I, L, O, U), 5 bits each. */
export function crockford(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += CROCKFORD[random.byte() & 31];
  return text;
}

/** `length` characters of base 62, unbiased (bytes from 248 up are thrown away), 5.95 bits each. */
export function base62(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    const byte = random.byte();
    if (byte < 248) text += BASE62[byte % 62];
  }
  return text;
}

/** The first `length` base-62 digits of a byte string read as one big number's remainders; for checksums and tags, not for ids. */
export function base62Of(bytes: Uint8Array, length: number): string {
  const quotient = Array.from(bytes); // long division by hand: a tenth of the time of BigInt, once or twice a token
  let text = '';
  for (let i = 0; i < length; i += 1) {
    let remainder = 0;
    for (let j = 0; j < quotient.length; j += 1) {
      const part = remainder * 256 + (quotient[j] ?? 0);
      quotient[j] = Math.trunc(part / 62);
      remainder = part % 62;
    }
    text += BASE62[remainder];
  }
  return text;
}

/** What an id names; the prefix makes ids recognisable in logs and leak scanners. */
export type IdPrefix =
  | 'prj'
  | 'pol'
  | 'res'
  | 'tgt'
  | 'grp'
  | 'gtw'
  | 'jtk'
  | 'ver'
  | 'dep'
  | 'prd'
  | 'cli'
  | 'sub'
  | 'sec'
  | 'key'
  | 'aud'
  | 'usr'
  | 'ses'
  | 'plk'
  | 'idp'
  | 'req'
  | 'fee'
  | 'gra'
  | 'chn'
  | 'own'
  | 'dir'
  | 'tks'
  | 'kid';

/** A new id: the prefix, `_`, 16 Crockford characters (80 random bits). */
export function newId(prefix: IdPrefix, random: Random): string {
  return `${prefix}_${crockford(random, 16)}`;
}

import type { Random } from '#core/random';

/** Consonants that nobody mistakes for one another and that make no words (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
/** Bytes from here up are thrown away, so that every letter is as likely. */
const FAIR_BYTES = 240;

/** A new user code as people read it: `WDJB-MJHT`, 34.5 bits. */
export function newUserCode(random: Random): string {
  let letters = '';
  while (letters.length < LENGTH) {
    const byte = random.byte();
    if (byte < FAIR_BYTES) letters += LETTERS[byte % LETTERS.length];
  }
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
}

/** What somebody typed as the letters of a user code, upper case without anything between them; undefined when it can be none. */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > 4 * LENGTH) return undefined;
  const letters = typed.toUpperCase().replace(/[\s._-]/g, '');
  return letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter)) ? letters : undefined;
}

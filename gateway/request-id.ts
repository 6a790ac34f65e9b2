import type { Random } from '#core/random';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PAIRS = Array.from({ length: 1024 }, (_, i) => `${DIGITS[i >> 5]}${DIGITS[i & 31]}`);

/** A request id of the form of `newId('req')`, two characters a step because every exchange makes one. */
export function newRequestId(random: Random): string {
  let id = 'req_';
  for (let i = 0; i < 8; i += 1) id += PAIRS[((random.byte() & 31) << 5) | (random.byte() & 31)];
  return id;
}

/** What a caller sent as X-Request-Id, if it is fit to keep: 1 to 64 visible ASCII characters. */
export function fitCallerRequestId(value: string | undefined): string | undefined {
  return value !== undefined && /^[\x21-\x7E]{1,64}$/.test(value) ? value : undefined;
}

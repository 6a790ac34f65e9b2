import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { createWindowCounter } from '../window-counter.ts';

const WINDOW_MS = 900_000;
const MAX_KEYS = 20_000;
/** An address, and a client at one, may be behind many people. */
const SHARED_FACTOR = 10;

/** Who tries to sign in, and from where. */
export interface SignInTry {
  readonly directory: string;
  readonly username: string;
  readonly clientId: string;
  readonly address: string;
}

/** Counts failed sign-ins per name, per client and per address, each together with the address: nobody locks an account for its owner (decision 35). */
export interface SignInLimits {
  /** @throws Refusal `sign_in_limited` */
  check(tried: SignInTry): void;
  /** Notes a failed one. */
  add(tried: SignInTry): void;
}

/** The limits of one end point in this process; the directory counts over all of them. @param limit failed ones within a quarter of an hour, for a name */
export function createSignInLimits(limit: number, clock: Clock): SignInLimits {
  const counter = createWindowCounter({ windowMs: WINDOW_MS, maxKeys: MAX_KEYS, clock });
  const keysOf = ({ directory, username, clientId, address }: SignInTry) =>
    [
      { per: 'name', key: `n ${directory} ${username.toLowerCase().slice(0, 256)} ${address}`, limit },
      { per: 'client', key: `c ${clientId} ${address}`, limit: limit * SHARED_FACTOR },
      { per: 'address', key: `a ${address}`, limit: limit * SHARED_FACTOR },
    ] as const;
  return {
    check(tried) {
      for (const { per, key, limit: allowed } of keysOf(tried)) {
        const { count, endsInMs } = counter.read(key);
        if (count < allowed) continue;
        throw new Refusal('sign_in_limited', { per, address: tried.address, retryAfterMs: Math.ceil(endsInMs) });
      }
    },
    add(tried) {
      for (const { key } of keysOf(tried)) counter.add(key);
    },
  };
}

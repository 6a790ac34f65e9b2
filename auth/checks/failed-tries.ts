import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { createWindowCounter } from '../window-counter.ts';

const WINDOW_MS = 60_000;
const MAX_KEYS = 10_000;

/** Counts failed client authentications per consumer key *and* address: nobody can lock a key for its owner (decision 35). */
export interface FailedTries {
  /** @throws Refusal `client_auth_limited` when there were too many within a minute */
  check(consumerKey: string, address: string): void;
  /** Notes a failed try. */
  add(consumerKey: string, address: string): void;
}

/** Keeps at most 10 000 pairs; the oldest goes first. */
export function createFailedTries(limit: number, clock: Clock): FailedTries {
  const counter = createWindowCounter({ windowMs: WINDOW_MS, maxKeys: MAX_KEYS, clock });
  const keyOf = (consumerKey: string, address: string) => `${consumerKey.slice(0, 60)} ${address}`;
  return {
    check(consumerKey, address) {
      const { count, endsInMs } = counter.read(keyOf(consumerKey, address));
      if (count < limit) return;
      throw new Refusal('client_auth_limited', {
        limit,
        windowMs: WINDOW_MS,
        consumerKey: consumerKey.slice(0, 60),
        address,
        retryAfterMs: Math.ceil(endsInMs),
      });
    },
    add: (consumerKey, address) => counter.add(keyOf(consumerKey, address)),
  };
}

import type { Clock } from '#core/clock';

/** How far clocks of gateways and nodes may be apart, in sum, before something is collected that is still looked for. */
const SAFETY_MS = 2 * 3_600_000;
/** Expiry dates from 2038-01-19 on are refused by Cassandra in its default format; a day before, because nodes have clocks of their own. */
const LAST_EXPIRY = Date.UTC(2038, 0, 18);
/** A TTL of 0: for ever. */
const FOR_EVER = 0;

/** How long rows are kept. A TTL only collects garbage: what has expired is judged by the caller's clock. */
export interface Lifetimes {
  /** Seconds for what must be there until `endsAt`, and `keptMs` longer. */
  ttl(endsAt: number, keptMs?: number): number;
}

/** Lifetimes by a clock. */
export function createLifetimes(clock: Clock): Lifetimes {
  return {
    ttl(endsAt, keptMs = 0) {
      const now = clock.now();
      const seconds = Math.ceil((Math.max(0, endsAt - now) + keptMs + SAFETY_MS) / 1000);
      return now + seconds * 1000 >= LAST_EXPIRY ? FOR_EVER : seconds;
    },
  };
}

import type { Clock } from '#core/clock';
import { ProblemError } from '#core/problem';

const WINDOW_MS = 60_000;
const ATTEMPTS_PER_WINDOW = 10;
const ADDRESSES_KEPT = 10_000;

/** Counts failed attempts to authenticate by address, so that keys cannot be tried out. */
export interface FailedAttempts {
  /** @throws ProblemError `too_many_requests` when the address has failed too often within the last minute */
  check(address: string): void;
  note(address: string): void;
}

/** A limiter with a bounded memory: when full, the oldest address is forgotten. */
export function createFailedAttempts(clock: Clock): FailedAttempts {
  const failures = new Map<string, { since: number; count: number }>();
  const current = (address: string) => {
    const entry = failures.get(address);
    return entry === undefined || clock.monotonic() - entry.since >= WINDOW_MS ? undefined : entry;
  };
  return {
    check(address) {
      if ((current(address)?.count ?? 0) < ATTEMPTS_PER_WINDOW) return;
      throw new ProblemError(
        'too_many_requests',
        'Too many failed attempts from this address. Wait a minute, then use a valid key.',
      );
    },
    note(address) {
      const entry = current(address);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      failures.delete(address);
      failures.set(address, { since: clock.monotonic(), count: 1 });
      const [oldest] = failures.keys();
      if (failures.size > ADDRESSES_KEPT && oldest !== undefined) failures.delete(oldest);
    },
  };
}

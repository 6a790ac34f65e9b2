import { placeOfAddress } from '#core/address-place';
import type { Clock } from '#core/clock';
import { ProblemError } from '#core/problem';

const FREE_TRIES = 5;
/** An office behind one address has many people. */
const FREE_TRIES_OF_ADDRESS = 50;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 60 * 60_000;
const PLACES_KEPT = 20_000;

/** One try to sign in, counted as failed until it is told otherwise, so that many at once count too. */
export interface Try {
  /** It was right: the person's failures from there are forgotten. */
  succeeded(): void;
  /** It was neither right nor wrong: not counted. */
  undo(): void;
}

/**
 * Slows down who tries passwords, by (user, address) and by address (decision 35). Nobody can lock another one out from elsewhere: a user as
 * such is never locked.
 */
export interface Tries {
  /** @throws ProblemError `too_many_requests` "Too many tries. Try again in 4 min" */
  begin(user: string, address: string): Try;
  /** Epoch ms until which sign-in of a user is refused from some address; undefined: from none. */
  lockedUntil(user: string): number | undefined;
  /** Forgets the failures of a user. */
  unlock(user: string): void;
}

interface Failures {
  count: number;
  /** Monotonic. */
  lastAt: number;
  until: number;
}

/** In memory, bounded: the oldest places are forgotten first. */
export function createTries(clock: Clock): Tries {
  const byUser = new Map<string, Map<string, Failures>>();
  const byAddress = new Map<string, Failures>();

  const current = (failures: Failures | undefined) =>
    failures === undefined || clock.monotonic() - failures.lastAt >= FORGOTTEN_AFTER_MS ? undefined : failures;

  function count(places: Map<string, Failures>, place: string, free: number): Failures {
    const failures = current(places.get(place)) ?? { count: 0, lastAt: 0, until: 0 };
    failures.count += 1;
    failures.lastAt = clock.monotonic();
    if (failures.count >= free)
      failures.until = clock.monotonic() + Math.min(FIRST_WAIT_MS * 2 ** (failures.count - free), LONGEST_WAIT_MS);
    places.delete(place);
    places.set(place, failures);
    return failures;
  }

  function check(failures: Failures | undefined): void {
    const left = (current(failures)?.until ?? 0) - clock.monotonic();
    if (left > 0) throw new TooManyTries(left);
  }

  const uncount = (failures: Failures, free: number) => {
    failures.count -= 1;
    if (failures.count < free) failures.until = 0;
  };

  return {
    begin(user, address) {
      const place = placeOfAddress(address);
      check(byUser.get(user)?.get(place));
      if (place !== '') check(byAddress.get(place));
      const places = byUser.get(user) ?? new Map<string, Failures>();
      byUser.delete(user);
      byUser.set(user, places);
      const ofUser = count(places, place, FREE_TRIES);
      const ofAddress = place === '' ? undefined : count(byAddress, place, FREE_TRIES_OF_ADDRESS);
      cut(places, 100);
      cut(byUser, PLACES_KEPT);
      cut(byAddress, PLACES_KEPT);
      let isOpen = true;
      const undo = () => {
        if (!isOpen) return;
        isOpen = false;
        uncount(ofUser, FREE_TRIES);
        if (ofAddress !== undefined) uncount(ofAddress, FREE_TRIES_OF_ADDRESS);
      };
      return {
        undo,
        succeeded() {
          undo();
          byUser.get(user)?.delete(place);
        },
      };
    },
    lockedUntil(user) {
      const ends = [...(byUser.get(user)?.values() ?? [])].map((failures) => current(failures)?.until ?? 0);
      const left = Math.max(0, ...ends) - clock.monotonic();
      return left > 0 ? clock.now() + left : undefined;
    },
    unlock: (user) => void byUser.delete(user),
  };
}

/** Too many wrong passwords: how long to wait. */
export class TooManyTries extends ProblemError {
  readonly retryAfterSeconds: number;

  constructor(leftMs: number) {
    const seconds = Math.ceil(leftMs / 1000);
    const words = seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
    super('too_many_requests', `Too many tries. Try again in ${words}.`);
    this.retryAfterSeconds = seconds;
  }
}

function cut<Value>(places: Map<string, Value>, limit: number): void {
  const [oldest] = places.keys();
  if (places.size > limit && oldest !== undefined) places.delete(oldest);
}

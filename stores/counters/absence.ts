import type { Clock } from '#core/clock';

/** Who is silent for so long is away; while it is, one call in as long asks whether it is back. */
const PAUSE_MS = 500;

/** Knows whether an engine answers, so that not every call waits for one that does not. */
export interface Absence {
  /** False: refuse at once. True for one call now and then, to see whether the engine is back. */
  mayAsk(): boolean;
  /** The engine answered. Gives true when it was away before. */
  answered(): boolean;
  /** A call got no answer in time. Gives true when the engine is taken to be away from now on. */
  missed(): boolean;
}

/**
 * Makes one. Unlike a count of failures it does not take a moment in which many calls were late together for an absence: nothing must have been
 * answered since.
 * @param silentMs how long nothing may have been answered
 */
export function createAbsence(clock: Clock, silentMs: number): Absence {
  let answeredAt = clock.monotonic();
  let isAway = false;
  let askAt = 0;
  return {
    mayAsk() {
      if (!isAway) return true;
      const now = clock.monotonic();
      if (now < askAt) return false;
      askAt = now + PAUSE_MS;
      return true;
    },
    answered() {
      answeredAt = clock.monotonic();
      const wasAway = isAway;
      isAway = false;
      return wasAway;
    },
    missed() {
      if (isAway || clock.monotonic() - answeredAt < silentMs) return false;
      isAway = true;
      askAt = clock.monotonic() + PAUSE_MS;
      return true;
    },
  };
}

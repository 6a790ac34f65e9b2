import type { Clock } from '#core/clock';

/** Failures in a row after which nothing is asked any more for a while. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** Keeps callers from waiting for something that does not answer: after some failures they are refused at once, and now and then one may try. */
export interface CircuitBreaker {
  /** True when this call may go on; of a circuit that is open only one at a time after its pause. */
  mayTry(): boolean;
  succeeded(): void;
  failed(): void;
  /** Milliseconds until a call may try again; 0: now. */
  readonly waitMs: number;
  readonly isOpen: boolean;
}

/** Makes one, closed: calls go through. */
export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let openUntil = 0;
  let isTrying = false;
  const waitMs = () => Math.max(0, openUntil - clock.monotonic());
  return {
    mayTry() {
      if (failures < FAILURES) return true;
      if (isTrying || waitMs() > 0) return false;
      isTrying = true;
      return true;
    },
    succeeded() {
      failures = 0;
      isTrying = false;
      pauseMs = FIRST_PAUSE_MS;
    },
    failed() {
      failures += 1;
      if (failures < FAILURES) return;
      // Calls that were under way when it opened do not make the pause longer: only the one that tries does.
      if (failures > FAILURES && !isTrying) return;
      isTrying = false;
      openUntil = clock.monotonic() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    },
    get waitMs() {
      return waitMs();
    },
    get isOpen() {
      return failures >= FAILURES;
    },
  };
}

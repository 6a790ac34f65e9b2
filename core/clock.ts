/** Where time comes from. Handed in everywhere, so that a test can wind it by hand; nothing else reads the system clock. */
export interface Clock {
  /** Wall clock, epoch milliseconds. For instants that are stored or shown. */
  now(): number;
  /** Monotonic milliseconds since an arbitrary start. For ages and durations: it never jumps (decision: cache ages are monotonic). */
  monotonic(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A clock that moves only when told, for tests. */
export class HandClock implements Clock {
  #now: number;
  #monotonic = 0;

  /** @param startAt epoch milliseconds */
  constructor(startAt = 1_700_000_000_000) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Moves both clocks forward. */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }
}

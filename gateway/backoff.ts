import type { Random } from '#core/random';

/** Waits between tries that grow, so that many gateways do not come back to a manager all at once. */
export interface Backoff {
  /** Milliseconds to wait before the next try: double the last, with up to half of it left to chance. */
  next(): number;
  /** It worked: the next wait is the shortest again. */
  reset(): void;
}

/** Makes a backoff. */
export function createBackoff(
  random: Random,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number },
): Backoff {
  let waitMs = firstMs;
  return {
    next() {
      const jitter = 0.5 + random.byte() / 512;
      const result = waitMs * jitter;
      waitMs = Math.min(longestMs, waitMs * 2);
      return result;
    },
    reset() {
      waitMs = firstMs;
    },
  };
}

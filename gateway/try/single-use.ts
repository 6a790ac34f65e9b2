import type { Clock } from '#core/clock';

/** Remembers what may be used once. */
export interface SingleUse {
  /** True the first time; later, and for what ended or was issued before this began, false. */
  take(ticket: { readonly id: string; readonly at: number; readonly endsAt: number }): boolean;
}

/** Tickets are made by people's clicks; so many under way at once are none. */
const LIMIT = 10_000;

/**
 * Makes one for a gateway: it lives in the primary, so that all workers ask the same. What was issued before it began is refused: it may have
 * been used before a restart.
 */
export function createSingleUse(clock: Clock): SingleUse {
  const beganAt = clock.now();
  const used = new Map<string, number>();
  return {
    take({ id, at, endsAt }) {
      const now = clock.now();
      if (at < beganAt || endsAt <= now || used.has(id)) return false;
      if (used.size >= LIMIT) for (const [known, end] of used) if (end <= now) used.delete(known);
      if (used.size >= LIMIT) return false;
      used.set(id, endsAt);
      return true;
    },
  };
}

import type { Clock } from '#core/clock';
import type { CounterStore } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import { Counts } from './counts.ts';
import { COUNTERS_LIMIT } from './keeper.ts';

/** Counters of this process alone, exact and forgotten with it: for tests, and for compiling a configuration only to check it. */
export function createMemoryCounters(clock: Clock, limit: number = COUNTERS_LIMIT): CounterStore {
  const counts = new Counts({ limit, sharers: () => 0 });
  return {
    take({ weight, ...take }) {
      const grant = counts.ask({ ...take, weights: [weight], back: 0, backSlot: 0 }, clock.now());
      const { allowed, free: remaining, resetMs, retryAfterMs, isFull } = grant;
      if (isFull === true) throw new UnavailableError('There is no room for another counter.');
      return { isAllowed: allowed[0] === true, remaining, resetMs, retryAfterMs };
    },
    giveBack({ weight, ...take }) {
      counts.ask({ ...take, weights: [], back: weight, backSlot: 'newest' }, clock.now());
    },
    sizes: () => ({ counters: counts.size }),
    async [Symbol.asyncDispose]() {},
  };
}

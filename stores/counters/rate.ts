import type { CounterRule } from '#core/counter-store';

/** A rule of the generic cell rate algorithm (ITU-T I.371): the state is one instant, at which everything is paid. */
export type RateRule = Extract<CounterRule, { kind: 'rate' }>;

/** So that a sum of fractions of milliseconds does not refuse what comes exactly in time. */
const ROUNDING_MS = 1e-6;

/** In how many ms a call may go on; 0: now. */
export function rateWaitMs(paidAt: number, { everyMs, burst }: RateRule, now: number): number {
  const waitMs = Math.max(paidAt, now) - (burst - 1) * everyMs - now;
  return waitMs > ROUNDING_MS ? waitMs : 0;
}

/** The instant after so much more was taken. */
export function ratePay(
  paidAt: number,
  { everyMs }: RateRule,
  { weight, now }: { weight: number; now: number },
): number {
  return Math.max(paidAt, now) + weight * everyMs;
}

/** How many calls of weight 1 could go on at once. */
export function rateFree(paidAt: number, { everyMs, burst }: RateRule, now: number): number {
  return Math.max(0, Math.floor((now + burst * everyMs - Math.max(paidAt, now)) / everyMs + ROUNDING_MS));
}

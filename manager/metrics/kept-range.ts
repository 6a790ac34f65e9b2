import type { ManagerContext } from '../context.ts';
import type { CountRange } from '../exchanges/count-reader.ts';
import { bucketOf, type CountStep, countSteps, stepSince } from '../exchanges/count-steps.ts';

/** The widths in which this manager keeps counts. */
export function keptSteps({ options }: ManagerContext): readonly CountStep[] {
  return countSteps(options.records.maxAgeMs);
}

/** The stretch from an instant up to now, in the finest width that still has all of it. */
export function rangeSince(context: ManagerContext, since: number): CountRange {
  const now = context.clock.now();
  const baseMs = stepSince(keptSteps(context), since, now);
  // Gateways' clocks may be ahead by a little.
  return { from: bucketOf(since, baseMs), to: now + baseMs, baseMs };
}

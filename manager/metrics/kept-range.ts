import type { ManagerContext } from '../context.ts';
import { type Bucket, countSteps, coveringBuckets, type KeptCounts } from '../exchanges/count-steps.ts';

/** Gateways' clocks may be ahead: what they counted a moment from now belongs to now. */
const AHEAD_MS = 60_000;

/** The widths in which this manager keeps counts, and the present. */
export function keptCounts({ options, clock }: ManagerContext): KeptCounts {
  return { steps: countSteps(options.records.maxAgeMs), now: clock.now() };
}

/** The buckets from an instant up to now. */
export function bucketsSince(context: ManagerContext, since: number): readonly Bucket[] {
  const kept = keptCounts(context);
  return coveringBuckets(since, kept.now + AHEAD_MS, kept);
}

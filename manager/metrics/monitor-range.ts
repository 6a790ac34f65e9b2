import type { Points } from '../exchanges/count-reader.ts';
import {
  type Bucket,
  bucketOf,
  coveringBuckets,
  evenBuckets,
  type KeptCounts,
  stepSince,
} from '../exchanges/count-steps.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Widths of a chart's points: those that people read off a clock. */
const WIDTHS = [
  ...[5, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 30].map((n) => n * MINUTE_MS),
  ...[1, 3, 6].map((n) => n * HOUR_MS),
  DAY_MS,
];
/** Most points of a chart. */
const POINTS_LIMIT = 200;

/** A stretch in points, its buckets, and those of the stretch of the same length just before. */
export interface MonitorRange extends Points {
  readonly buckets: readonly Bucket[];
  readonly before: readonly Bucket[];
}

/**
 * How a stretch is shown: 5 min in points of 5 s, half an hour of 15 s, 3 h of 1 min, a day of 10 min, a week of 1 h. It is as long as what was
 * asked for, moved on to the end of the point in which it ends.
 */
export function monitorRange(asked: { readonly from: number; readonly to: number }, kept: KeptCounts): MonitorRange {
  const length = Math.max(1, asked.to - asked.from);
  const baseMs = stepSince(kept, asked.from);
  const stepMs = WIDTHS.find((width) => width >= baseMs && length / width <= POINTS_LIMIT) ?? DAY_MS;
  const to = bucketOf(asked.to - 1, stepMs) + stepMs;
  const from = to - Math.ceil(length / stepMs) * stepMs;
  return {
    ...{ from, to, stepMs },
    buckets: evenBuckets(from, to, baseMs),
    before: coveringBuckets(2 * from - to, from, kept),
  };
}

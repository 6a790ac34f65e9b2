import { COUNT_BUCKET_MS } from '#core/model/exchange-count';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A width of buckets in which counts are kept, and for how long. */
export interface CountStep {
  readonly ms: number;
  readonly keepMs: number;
}

/**
 * The widths, finest first. Every count is added to all of them as it comes, so that each tells the same total. The finest is kept as long as
 * half an hour and the half hour before it are asked for, with room; the middle one for a day and the day before.
 */
export function countSteps(maxAgeMs: number): readonly CountStep[] {
  return [
    { ms: COUNT_BUCKET_MS, keepMs: Math.min(maxAgeMs, 2 * HOUR_MS) },
    { ms: MINUTE_MS, keepMs: Math.min(maxAgeMs, 49 * HOUR_MS) },
    { ms: HOUR_MS, keepMs: maxAgeMs },
  ];
}

/** The finest width that still has everything from an instant on; the widest when none has. */
export function stepSince(steps: readonly CountStep[], since: number, now: number): number {
  const found = steps.find(({ ms, keepMs }) => since - (since % ms) >= now - keepMs);
  return (found ?? steps.at(-1))?.ms ?? HOUR_MS;
}

/** The begin of the bucket in which an instant lies. */
export function bucketOf(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

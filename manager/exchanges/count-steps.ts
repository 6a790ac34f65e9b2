import { COUNT_BUCKET_MS } from '#core/model/exchange-count';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A width of buckets in which counts are kept, and for how long. */
export interface CountStep {
  readonly ms: number;
  readonly keepMs: number;
}

/** The widths that are kept, finest first, and the present. */
export interface KeptCounts {
  readonly steps: readonly CountStep[];
  readonly now: number;
}

/** One bucket: its width and its begin. */
export type Bucket = readonly [stepMs: number, at: number];

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
export function stepSince({ steps, now }: KeptCounts, since: number): number {
  const found = steps.find((step) => isKept(step, since, now));
  return (found ?? steps.at(-1))?.ms ?? HOUR_MS;
}

/** The begin of the bucket in which an instant lies. */
export function bucketOf(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

/** The buckets of one width that cover a stretch; `to` is not included. */
export function evenBuckets(from: number, to: number, stepMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let at = bucketOf(from, stepMs); at < to; at += stepMs) buckets.push([stepMs, at]);
  return buckets;
}

/**
 * The fewest buckets that cover a stretch, as exact as what is kept: the widest within it, finer ones at its ends. `to` is not included. What is
 * older than anything kept is left out.
 */
export function coveringBuckets(from: number, to: number, { steps, now }: KeptCounts): Bucket[] {
  const oldest = now - (steps.at(-1)?.keepMs ?? 0);
  return cover(Math.max(from, oldest), to, { steps, now });
}

function cover(from: number, to: number, { steps, now }: KeptCounts): Bucket[] {
  const widest = steps.at(-1);
  if (widest === undefined || from >= to) return [];
  const finer = { steps: steps.slice(0, -1), now };
  const next = finer.steps.at(-1);
  const isFinest = next === undefined;
  const firstWhole = Math.ceil(from / widest.ms) * widest.ms;
  const endOfWhole = bucketOf(to, widest.ms);
  /** The ends: finer as far as that is kept. */
  const edge = (begin: number, end: number): Bucket[] => {
    if (begin >= end) return [];
    return isFinest || !isKept(next, begin, now) ? evenBuckets(begin, end, widest.ms) : cover(begin, end, finer);
  };
  if (firstWhole >= endOfWhole) {
    // It lies in one bucket, or across the border of two.
    if (firstWhole > from && firstWhole < to) return [...edge(from, firstWhole), ...edge(firstWhole, to)];
    return edge(from, to);
  }
  return [...edge(from, firstWhole), ...evenBuckets(firstWhole, endOfWhole, widest.ms), ...edge(endOfWhole, to)];
}

function isKept({ ms, keepMs }: CountStep, since: number, now: number): boolean {
  return bucketOf(since, ms) >= now - keepMs;
}

/**
 * Distributions of latencies that add up: buckets are the same everywhere, so those of several workers, gateways and stretches of time merge
 * by addition, and percentiles of the sum are what they would be had one process seen everything.
 *
 * Eight buckets a doubling from 1/16 ms to 2^20 ms (17 min): a percentile is off by at most 9 % of its value. What is shorter or longer falls
 * into the first and the last bucket.
 */

/** Bucket and how often, bucket and how often …: what was never met takes no room. */
export type LatencyPairs = readonly number[];

const PER_DOUBLING = 8;
const LOWEST_LOG2 = -4;
const HIGHEST_LOG2 = 20;

/** How many buckets there are: numbers 0 to this less one. */
export const LATENCY_BUCKETS = (HIGHEST_LOG2 - LOWEST_LOG2) * PER_DOUBLING + 2;

/** The bucket of a duration in milliseconds. */
export function latencyBucket(ms: number): number {
  const place = Math.floor((Math.log2(ms) - LOWEST_LOG2) * PER_DOUBLING) + 1;
  // Of 0 and of less the logarithm is no number that could be compared with.
  if (!(place > 0)) return 0;
  return place < LATENCY_BUCKETS ? place : LATENCY_BUCKETS - 1;
}

/** Counts one more in a bucket. */
export function addLatency(pairs: number[], bucket: number): void {
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] !== bucket) continue;
    pairs[i + 1] = (pairs[i + 1] ?? 0) + 1;
    return;
  }
  pairs.push(bucket, 1);
}

/** How often each bucket was met, by its number. */
export type LatencyCounts = Float64Array;

/** Counts of nothing yet. */
export function emptyLatencies(): LatencyCounts {
  return new Float64Array(LATENCY_BUCKETS);
}

/** Adds pairs to counts; what is no bucket is passed over. */
export function addPairs(counts: LatencyCounts, pairs: LatencyPairs): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const bucket = pairs[i] ?? 0;
    if (bucket < LATENCY_BUCKETS) counts[bucket] = (counts[bucket] ?? 0) + (pairs[i + 1] ?? 0);
  }
}

/** Two lists of pairs as one, in the order of the buckets. */
export function mergePairs(a: LatencyPairs, b: LatencyPairs): number[] {
  const counts = emptyLatencies();
  addPairs(counts, a);
  addPairs(counts, b);
  return pairsOf(counts);
}

/** Counts as pairs, in the order of the buckets. */
export function pairsOf(counts: LatencyCounts): number[] {
  const pairs: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket] ?? 0;
    if (count > 0) pairs.push(bucket, count);
  }
  return pairs;
}

/** The latency in ms that a share (0 to 1) of all calls stayed at or below; undefined of nothing. */
export function percentile(counts: LatencyCounts, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket += 1) {
    const count = counts[bucket] ?? 0;
    if (seen + count >= wanted) return rounded(within(bucket, (wanted - seen) / count));
    seen += count;
  }
  return undefined;
}

/** A place between a bucket's bounds, as if what fell into it were spread evenly. */
function within(bucket: number, share: number): number {
  const upper = upperMs(bucket);
  const lower = bucket === 0 ? 0 : upperMs(bucket - 1);
  return lower + (upper - lower) * share;
}

function upperMs(bucket: number): number {
  return 2 ** (LOWEST_LOG2 + bucket / PER_DOUBLING);
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}

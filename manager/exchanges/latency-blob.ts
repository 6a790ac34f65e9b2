import type { SQLOutputValue } from 'node:sqlite';
import { addPairs, emptyLatencies, type LatencyCounts, type LatencyPairs, pairsOf } from '#core/latency-histogram';

const LOW_BITS = 0x7f;
const MORE = 0x80;

/**
 * A histogram, its pairs in any order, as bytes: for each bucket the distance to the one before and how often, seven bits a byte, the lowest
 * first. Most take two bytes a bucket.
 */
export function latencyBlob(pairs: LatencyPairs): Uint8Array {
  if (pairs.length <= 2) return encode(pairs);
  const counts = emptyLatencies();
  addPairs(counts, pairs);
  return encode(pairsOf(counts));
}

/** Adds a histogram that was written as bytes to counts. */
export function addBlob(counts: LatencyCounts, bytes: Uint8Array): void {
  addPairs(counts, decode(bytes));
}

/** Two histograms as one, for SQL: both are bytes as {@link latencyBlob} writes them. */
export function mergeLatencies(a: SQLOutputValue, b: SQLOutputValue): Uint8Array {
  const [first, second] = [bytesOf(a), bytesOf(b)];
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  return encode(mergeSorted(decode(first), decode(second)));
}

/** The bytes of a column. */
export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** Runs for each row that is written: only what is there is walked. */
function mergeSorted(a: LatencyPairs, b: LatencyPairs): number[] {
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    const bucket = Math.min(left, right);
    merged.push(bucket, (left === bucket ? (a[i + 1] ?? 0) : 0) + (right === bucket ? (b[j + 1] ?? 0) : 0));
    if (left === bucket) i += 2;
    if (right === bucket) j += 2;
  }
  return merged;
}

function encode(sorted: LatencyPairs): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (let i = 0; i < sorted.length; i += 2) {
    const bucket = sorted[i] ?? 0;
    encodeNumber(bytes, bucket - before);
    encodeNumber(bytes, sorted[i + 1] ?? 0);
    before = bucket;
  }
  return Uint8Array.from(bytes);
}

function encodeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest > LOW_BITS) {
    bytes.push((rest % MORE) | MORE);
    rest = Math.floor(rest / MORE);
  }
  bytes.push(rest);
}

function decode(bytes: Uint8Array): number[] {
  const pairs: number[] = [];
  let bucket = 0;
  let value = 0;
  let scale = 1;
  let isBucket = true;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    value += (byte & LOW_BITS) * scale;
    scale *= MORE;
    if (byte >= MORE) continue;
    if (isBucket) {
      bucket += value;
      pairs.push(bucket);
    } else pairs.push(value);
    isBucket = !isBucket;
    value = 0;
    scale = 1;
  }
  return pairs;
}

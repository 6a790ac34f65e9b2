import type { SQLOutputValue } from 'node:sqlite';
import { addPairs, emptyLatencies, type LatencyCounts, type LatencyPairs, pairsOf } from '#core/latency-histogram';

const LOW_BITS = 0x7f;
const MORE = 0x80;
const BITS = 7;

/**
 * A histogram, its pairs in any order, as bytes: for each bucket the distance to the one before and how often, seven bits a byte, the lowest first. Most take two
 * bytes a bucket.
 */
export function latencyBlob(pairs: LatencyPairs): Uint8Array {
  const counts = emptyLatencies();
  addPairs(counts, pairs);
  return blobOf(counts);
}

function blobOf(counts: LatencyCounts): Uint8Array {
  const bytes: number[] = [];
  const write = (value: number) => {
    let rest = value;
    while (rest > LOW_BITS) {
      bytes.push((rest % MORE) | MORE);
      rest = Math.floor(rest / MORE);
    }
    bytes.push(rest);
  };
  let before = 0;
  const sorted = pairsOf(counts);
  for (let i = 0; i < sorted.length; i += 2) {
    const bucket = sorted[i] ?? 0;
    write(bucket - before);
    write(sorted[i + 1] ?? 0);
    before = bucket;
  }
  return Uint8Array.from(bytes);
}

/** Adds a histogram that was written as bytes to counts. */
export function addBlob(counts: LatencyCounts, bytes: Uint8Array): void {
  let at = 0;
  const read = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & LOW_BITS) * scale;
      if (byte < MORE) return value;
      scale *= 2 ** BITS;
    }
  };
  let bucket = 0;
  while (at < bytes.length) {
    bucket += read();
    const count = read();
    if (bucket < counts.length) counts[bucket] = (counts[bucket] ?? 0) + count;
  }
}

/** Two histograms as one, for SQL: both are bytes as {@link latencyBlob} writes them. */
export function mergeLatencies(a: SQLOutputValue, b: SQLOutputValue): Uint8Array {
  const [first, second] = [bytesOf(a), bytesOf(b)];
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const counts = emptyLatencies();
  addBlob(counts, first);
  addBlob(counts, second);
  return blobOf(counts);
}

/** The bytes of a column. */
export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

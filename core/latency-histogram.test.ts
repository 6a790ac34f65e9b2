import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addLatency,
  addPairs,
  emptyLatencies,
  latencyBucket,
  mergePairs,
  pairsOf,
  percentile,
} from './latency-histogram.ts';

const durations = fc.array(fc.double({ min: 0.07, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 });

function histogramOf(values: readonly number[]): number[] {
  const pairs: number[] = [];
  for (const value of values) addLatency(pairs, latencyBucket(value));
  return pairs;
}

function countsOf(pairs: readonly number[]) {
  const counts = emptyLatencies();
  addPairs(counts, pairs);
  return counts;
}

/** The exact percentile, by the nearest rank. */
function exact(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

test('percentiles of merged histograms are those of everything together, within a tenth', () => {
  fc.assert(
    fc.property(
      fc.array(durations, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (parts, share) => {
        const merged = parts.map(histogramOf).reduce(mergePairs, []);
        const wanted = exact(parts.flat(), share);
        const found = percentile(countsOf(merged), share) ?? Number.NaN;
        assert.ok(Math.abs(found - wanted) <= wanted * 0.1, `${found} for ${wanted}`);
      },
    ),
  );
});

test('merging is addition: order and grouping make no difference, and nothing is lost', () => {
  fc.assert(
    fc.property(durations, durations, durations, (a, b, c) => {
      const [x, y, z] = [histogramOf(a), histogramOf(b), histogramOf(c)];
      const merged = mergePairs(mergePairs(x, y), z);
      assert.deepEqual(merged, mergePairs(z, mergePairs(y, x)));
      assert.equal(
        countsOf(merged).reduce((sum, n) => sum + n, 0),
        a.length + b.length + c.length,
      );
      assert.deepEqual(pairsOf(countsOf(merged)), merged);
    }),
  );
});

test('durations beyond the bounds are counted in the first and the last bucket', () => {
  for (const odd of [0, -1, 1e-9, Number.NaN]) assert.equal(latencyBucket(odd), 0);
  assert.equal(latencyBucket(1e12), latencyBucket(Number.POSITIVE_INFINITY));
  assert.equal(percentile(emptyLatencies(), 0.5), undefined);
});

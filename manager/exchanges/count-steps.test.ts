import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketOf, countSteps, coveringBuckets, stepSince } from './count-steps.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const now = 1_700_000_123_456;
const kept = { steps: countSteps(7 * 24 * HOUR), now };

/** How exact an end can be: minutes count when those of its hour are kept from its begin on, and 5 s when those of its minute are. */
function exactnessAt(end: number): number {
  if (stepSince(kept, bucketOf(end, HOUR)) === HOUR) return HOUR;
  return stepSince(kept, bucketOf(end, MINUTE));
}

test('a stretch is covered without gap or overlap, to the 5 s where those are kept', () => {
  const age = fc.integer({ min: 0, max: 7 * 24 * HOUR - HOUR });
  fc.assert(
    fc.property(age, age, (a, b) => {
      const [from, to] = [now - Math.max(a, b), now - Math.min(a, b) + 1];
      const buckets = coveringBuckets(from, to, kept);
      const [first = [0, 0]] = buckets;
      const last = buckets.at(-1) ?? [0, 0];
      assert.ok(first[1] <= from && last[0] + last[1] >= to);
      for (const [i, [step, at]] of buckets.entries()) {
        const next = buckets[i + 1];
        if (next !== undefined) assert.equal(at + step, next[1]);
      }
      const early = stepSince(kept, from);
      assert.ok(from - first[1] < early, 'the begin is as exact as what is kept');
      assert.ok(last[0] + last[1] - to < exactnessAt(to - 1), 'and so is the end');
      assert.ok(buckets.length <= 168 + 2 * (60 + 12));
    }),
  );
});

test('what is older than anything kept is left out', () => {
  assert.deepEqual(coveringBuckets(0, now - 8 * 24 * HOUR, kept), []);
  assert.ok(coveringBuckets(0, now, kept).length < 168 + 80);
});

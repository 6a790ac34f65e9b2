import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countSteps } from '../exchanges/count-steps.ts';
import { monitorRange } from './monitor-range.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = 1_700_000_123_456;
const kept = { steps: countSteps(7 * 24 * HOUR), now };

const shown: readonly (readonly [name: string, lengthMs: number, stepMs: number, baseMs: number])[] = [
  ['5 minutes', 5 * MINUTE, 5000, 5000],
  ['30 minutes', 30 * MINUTE, 15_000, 5000],
  ['3 hours', 3 * HOUR, MINUTE, MINUTE],
  ['24 hours', 24 * HOUR, 10 * MINUTE, MINUTE],
  ['7 days', 7 * 24 * HOUR, HOUR, HOUR],
];
for (const [name, lengthMs, stepMs, baseMs] of shown)
  test(`${name} are shown in points of ${stepMs / 1000} s`, () => {
    const found = monitorRange({ from: now - lengthMs, to: now }, kept);
    assert.deepEqual([found.stepMs, found.buckets[0]?.[0]], [stepMs, baseMs]);
    assert.equal(found.to - found.from, lengthMs);
  });

test('any stretch is covered by at most 200 points, and the stretch before ends where it begins', () => {
  const upToAMonth = fc.integer({ min: 1, max: 30 * 24 * HOUR });
  fc.assert(
    fc.property(upToAMonth, upToAMonth, (age, length) => {
      const asked = { from: now - age - length, to: now - age };
      const { from, to, stepMs, buckets, before } = monitorRange(asked, kept);
      assert.ok(from < asked.from + stepMs && to >= asked.to);
      assert.ok(buckets.every(([width]) => stepMs % width === 0));
      assert.equal(from % stepMs, 0);
      assert.ok((to - from) / stepMs <= 200);
      const last = before.at(-1);
      assert.ok(last === undefined || last[0] + last[1] - from < HOUR);
    }),
  );
});

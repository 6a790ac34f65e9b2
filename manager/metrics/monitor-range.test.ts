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
    assert.deepEqual([found.stepMs, found.range.baseMs], [stepMs, baseMs]);
  });

test('any stretch is covered by at most 200 points, and the stretch before ends where it begins', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 * 24 * HOUR }),
      fc.integer({ min: 1, max: 30 * 24 * HOUR }),
      (age, length) => {
        const asked = { from: now - age - length, to: now - age };
        const { range, before, stepMs } = monitorRange(asked, kept);
        assert.ok(range.from < asked.from + stepMs && range.to >= asked.to);
        assert.equal(stepMs % range.baseMs, 0);
        assert.equal(range.from % stepMs, 0);
        assert.ok((range.to - range.from) / stepMs <= 200);
        assert.ok(before.to <= range.from && before.to > range.from - before.baseMs);
        assert.ok(before.from < before.to);
      },
    ),
  );
});

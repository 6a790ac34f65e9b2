import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankOf, spreadOf } from './percentile.ts';

test('the rank of a share is the smallest value that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.deepEqual([rankOf(hundred, 0.5), rankOf(hundred, 0.99), rankOf(hundred, 1)], [50, 99, 100]);
  assert.equal(rankOf([7], 0.01), 7);
  assert.equal(rankOf([], 0.5), 0);
});

test('durations are sorted as numbers, and rounded', () => {
  assert.deepEqual(spreadOf([10, 9, 100.126]), { count: 3, p50: 10, p99: 100.13, max: 100.13 });
});

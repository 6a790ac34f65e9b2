import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecordBudget } from './record-budget.ts';

const count = (n: number, take: () => boolean): number => Array.from({ length: n }, take).filter(Boolean).length;

test('refusals are kept up to 100 a second for each reason, route and address', () => {
  const budget = createRecordBudget();
  assert.equal(
    count(300, () => budget.takeRefusal('token_expired', 'a/b', '192.0.2.1', 5000)),
    100,
  );
  assert.equal(
    count(300, () => budget.takeRefusal('token_expired', 'a/b', '192.0.2.2', 5000)),
    100,
  );
  assert.equal(
    count(300, () => budget.takeRefusal('token_expired', 'a/b', '192.0.2.1', 6000)),
    100,
  );
});

test('a flood from many addresses is bounded in records and in memory', () => {
  const budget = createRecordBudget({ refusalsPerKey: 100, refusals: 1000, keys: 500, successes: 1, sampleOf: 10 });
  assert.equal(
    count(5000, () => budget.takeRefusal('token_unknown', 'a/b', String(Math.random()), 5000)),
    500,
  );
  assert.equal(budget.keys, 500);
});

test('successes are all kept up to 200 a second, then sampled', () => {
  const budget = createRecordBudget();
  assert.equal(
    count(200, () => budget.takeSuccess(5000)),
    200,
  );
  assert.equal(
    count(1000, () => budget.takeSuccess(5000)),
    20,
  );
  assert.equal(
    count(200, () => budget.takeSuccess(6000)),
    200,
  );
});

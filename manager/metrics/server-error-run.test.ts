import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findServerErrorRun } from './server-error-run.ts';

const around = (requests: number, serverErrors: number) => ({ requests, failed: serverErrors, serverErrors });
/** Buckets of 5 s, one after the other. */
const buckets = (...of: readonly (readonly [requests: number, serverErrors: number])[]) =>
  of.map(([requests, serverErrors], i) => ({ at: i * 5000, ...around(requests, serverErrors) }));
const calm = (n: number) => Array.from({ length: n }, () => [100, 0] as const);

test('more 5xx than before is found with the bucket in which it began', () => {
  const run = findServerErrorRun({ before: around(3000, 0), buckets: buckets(...calm(4), [100, 40], [100, 52]) });
  assert.deepEqual(run, { from: 20_000, before: 0, after: 0.46 });
});

test('it ends when three buckets were as before, and a calm one in between does not end it', () => {
  const bad = [100, 50] as const;
  const find = (...of: readonly (readonly [number, number])[]) =>
    findServerErrorRun({ before: around(3000, 0), buckets: buckets(...of) });
  assert.equal(find(bad, [100, 0], bad, [100, 0], [100, 0])?.from, 0);
  assert.equal(find(bad, bad, ...calm(3)), undefined);
  assert.equal(find(bad, ...calm(3), bad)?.from, 20_000, 'what was over before is not part of it');
});

const quiet: readonly (readonly [name: string, found: Parameters<typeof findServerErrorRun>[0]])[] = [
  ['one request that failed', { before: around(1000, 0), buckets: buckets([1, 1]) }],
  ['few requests that failed', { before: around(1000, 0), buckets: buckets([4, 4]) }],
  ['less than five points', { before: around(10_000, 0), buckets: buckets([10_000, 450]) }],
  ['as much as before', { before: around(10_000, 3000), buckets: buckets([1000, 320]) }],
  ['what may be chance', { before: around(1000, 200), buckets: buckets([25, 8]) }],
  ['no traffic before, so nothing to compare with', { before: around(2, 0), buckets: buckets([100, 100]) }],
  ['nothing since', { before: around(1000, 0), buckets: [] }],
];
for (const [name, found] of quiet)
  test(`${name} makes no notice`, () => assert.equal(findServerErrorRun(found), undefined));

test('a few requests make a notice when all of them fail', () => {
  assert.equal(findServerErrorRun({ before: around(20, 0), buckets: buckets([12, 12]) })?.after, 1);
});

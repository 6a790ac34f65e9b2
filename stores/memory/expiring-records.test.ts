import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExpiringRecords } from './expiring-records.ts';

const MINUTE = 60_000;
const create = (max = 10) => createExpiringRecords<{ readonly end: number }>(max, ({ end }) => end);

test('a full collection refuses new keys and still replaces old ones', () => {
  const records = create(2);
  records.set('a', { end: 1 });
  records.set('b', { end: 1 });
  assert.throws(() => records.set('c', { end: 1 }), { name: 'UnavailableError' });
  records.set('a', { end: 5 });
  records.delete('b');
  records.set('c', { end: 1 });
  assert.equal(records.size, 2);
});

test('a record that ends later than it first did is removed when it ends, and once', () => {
  const records = create();
  records.set('a', { end: MINUTE });
  records.set('a', { end: 3 * MINUTE });
  records.set('b', { end: MINUTE });
  records.delete('b');
  records.set('b', { end: MINUTE });
  assert.equal(records.purge(2 * MINUTE, 10), 1);
  assert.deepEqual(records.get('a'), { end: 3 * MINUTE });
  assert.equal(records.purge(3 * MINUTE, 10), 0, 'not in the very millisecond');
  assert.equal(records.purge(3 * MINUTE + 1, 10), 1);
  assert.equal(records.size, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millisecondsOf } from './duration.ts';

test('a duration is its number times its unit, however thousands are set apart', () => {
  assert.equal(millisecondsOf({ text: '600000', unit: 'ms' }), 600_000);
  assert.equal(millisecondsOf({ text: '600 000', unit: 'ms' }), 600_000);
  assert.equal(millisecondsOf({ text: '10', unit: 'min' }), 600_000);
});

test('what is no whole number is none', () => {
  for (const text of ['', '1.5', '-1', '1e3', 'ten']) assert.equal(millisecondsOf({ text, unit: 's' }), undefined);
});

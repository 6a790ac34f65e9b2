import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSame, pointerOf, settingsPatch, withValue } from './settings-path.ts';

test('a value deep in the settings is changed and the rest is kept as it was', () => {
  const before = { set: [{ name: 'a' }, { name: 'b' }], other: {} };
  const after = withValue(before, ['set', 1, 'name'], 'c');
  assert.deepEqual(after, { set: [{ name: 'a' }, { name: 'c' }], other: {} });
  assert.equal(after.other, before.other);
  assert.deepEqual(before.set[1], { name: 'b' });
});

test('a value that is taken away is no field any more', () => {
  assert.deepEqual(withValue({ a: 1, b: 2 }, ['a'], undefined), { b: 2 });
});

test('a patch has what differs, and null for what is gone', () => {
  assert.deepEqual(settingsPatch({ a: 1, b: [1], c: 2 }, { a: 1, b: [1, 2] }), { b: [1, 2], c: null });
  assert.deepEqual(settingsPatch({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }), {});
});

test('names with slashes and tildes have their pointers', () => {
  assert.equal(pointerOf(['a/b', 0, 'c~d']), '/a~1b/0/c~0d');
});

test('lists in another order are not the same, objects are', () => {
  assert.equal(isSame([1, 2], [2, 1]), false);
  assert.equal(isSame({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
});

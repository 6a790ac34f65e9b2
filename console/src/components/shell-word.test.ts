import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

test('a plain word stays as it is', () => {
  assert.equal(shellWord('http://127.0.0.1:8080/orders'), 'http://127.0.0.1:8080/orders');
});

test('nothing in a text is run by the shell that it is pasted into', () => {
  assert.equal(shellWord('Orders API'), `'Orders API'`);
  assert.equal(shellWord('$(rm -r x); `y`'), "'$(rm -r x); `y`'");
  assert.equal(shellWord("it's"), String.raw`'it'\''s'`);
  assert.equal(shellWord(''), "''");
});

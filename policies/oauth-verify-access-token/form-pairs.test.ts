import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutPairs, findPairs } from './form-pairs.ts';

const piece = fc.string({ unit: fc.constantFrom('a', '=', '%', '4', '1', '+', ';', '?', 'é') });

test('cutting takes the pairs of one name and no other byte', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.array(piece, { maxLength: 6 }), (before, after) => {
      const others = [...before, ...after].filter((pair) => findPairs(pair, 'token').length === 0);
      const text = [...before, 'token=secret', ...after].join('&');
      const rest = cutPairs(text, findPairs(text, 'token'));
      assert.equal(findPairs(rest, 'token').length, 0);
      assert.equal(rest, others.join('&'));
    }),
  );
});

test('a name is found in every spelling that a target would read as it', () => {
  for (const text of ['token=1', 'x&token=1', '%74oken=1', 'tok%65n=1', 'token']) {
    assert.equal(findPairs(text, 'token').length, 1, text);
  }
  for (const text of ['Token=1', 'xtoken=1', 'token%=1', 'x=token', '']) {
    assert.equal(findPairs(text, 'token').length, 0, text);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

test('no cell begins with what a spreadsheet takes for a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u200b=1', '＝1'])
    assert.match(csvLine([text]), /^"?'/, JSON.stringify(text));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(csvLine([text]), /^"?[=+\-@\t\r\n](?!\n$)/);
    }),
  );
});

test('what is no formula comes back as it was, commas, quotes and lines too', () => {
  assert.equal(csvLine(['a', 'b,c', 'd"e', 'f\r\ng', 5, -5, undefined, '']), 'a,"b,c","d""e","f\r\ng",5,-5,,\r\n');
});

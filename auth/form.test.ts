import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseForm } from './form.ts';

test('reads what a standard encoder wrote', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 32 });
  fc.assert(
    fc.property(
      names,
      fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 32, maxLength: 32 }),
      (keys, values) => {
        const pairs = keys.map((key, i) => [key, values[i]!] as [string, string]);
        assert.deepEqual([...parseForm(new URLSearchParams(pairs).toString(), 'body')], pairs);
      },
    ),
  );
});

test('never throws anything but a refusal', () => {
  const bytes = fc.string({ unit: fc.constantFrom('&', '=', '%', '+', 'a', '2', '\u0000', 'é', 'f') });
  fc.assert(
    fc.property(bytes, (text) => {
      try {
        parseForm(text, 'query');
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'oauth_request');
      }
    }),
  );
});

test('a parameter without value is left out, and still may occur once only', () => {
  assert.deepEqual([...parseForm('a=&b&c=1&&', 'body')], [['c', '1']]);
  assert.throws(() => parseForm('a=&a=1', 'body'), {
    code: 'oauth_request',
    facts: { parameter: 'a', problem: 'twice', lookedIn: 'body' },
  });
});

test('names of prototypes are plain parameters', () => {
  assert.deepEqual(
    [...parseForm('__proto__=1&constructor=2', 'body')],
    [
      ['__proto__', '1'],
      ['constructor', '2'],
    ],
  );
});

test('more than 32 parameters are refused', () => {
  const text = (n: number) => Array.from({ length: n }, (_, i) => `p${i}=1`).join('&');
  assert.equal(parseForm(text(32), 'body').size, 32);
  assert.throws(() => parseForm(text(33), 'body'), { code: 'oauth_request' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJsonFault } from './json-fault.ts';

test('it finds a fault exactly where JSON.parse does not read a text', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u12"',
    '1',
    '-',
    '01',
    '1e5',
    'true',
    'nul',
    ' ',
    '\n',
    '"',
  );
  const almostJson = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.json(),
    fc.tuple(fc.json(), fc.nat(), pieces).map(([text, at, piece]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + piece + text.slice(place + 1);
    }),
  );
  fc.assert(
    fc.property(almostJson, (text) => {
      assert.equal(findJsonFault(text) === undefined, isJson(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('the place is that of the first wrong sign', () => {
  const cases: [text: string, at: number][] = [
    ['', 0],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['{"a":"b', 5],
    ['[1]]', 3],
    ["{'a':1}", 1],
  ];
  for (const [text, at] of cases) assert.equal(findJsonFault(text)?.at, at, text);
});

test('a megabyte of brackets or of one string is no trouble', () => {
  assert.equal(findJsonFault('['.repeat(1_000_000))?.at, 1_000_000);
  assert.equal(findJsonFault(`"${'a'.repeat(1_000_000)}`)?.at, 0);
  assert.equal(findJsonFault(`"${'\\n'.repeat(500_000)}"`), undefined);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findNameFault } from './json-names.ts';

test('a field that stands there twice is found, however it is spelt and wherever it lies', () => {
  for (const [text, at] of [
    ['{"a":1,"a":2}', 7],
    ['{"a":1,"\\u0061":2}', 7],
    ['{"x":[{"b":1},{"b":1,"b" :2}]}', 21],
    ['{"a":{"a":1},"a":2}', 13],
    ['{"":1, "":2}', 7],
  ] as const)
    assert.equal(findNameFault(text)?.at, at, text);
  assert.match(findNameFault('{"a":1,"a":2}')?.message ?? '', /^The field "a" stands there twice\.$/);
});

test('no field is named like what every object has, however it is spelt', () => {
  for (const text of [
    '{"__proto__":{}}',
    '{"\\u005f_proto__":{}}',
    '[{"constructor" : 1}]',
    '{"a":{"pro\\u0074otype":1}}',
  ])
    assert.match(findNameFault(text)?.message ?? '', /^No field may be named /, text);
});

test('what has each name once is left alone, whatever its strings hold', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a":1,"a', '{"a":1,"a":2}', '\\"', ':', '__proto__'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, text, fc.integer(), tie('list'), tie('record')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    record: fc.dictionary(
      text.filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name)),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (document, indent) => {
      assert.equal(findNameFault(JSON.stringify(document, undefined, indent)), undefined);
    }),
  );
});

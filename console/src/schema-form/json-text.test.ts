import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findJsonError } from './json-error.ts';
import { lineOf, readJson, writeJson } from './json-text.ts';

test('JSON that is broken says where and what was expected', () => {
  const at = (text: string) => {
    const { line, column, message } = findJsonError(text) ?? { line: 0, column: 0, message: '' };
    return `${line}:${column} ${message}`;
  };
  assert.match(at('{\n  "a": 1,\n  "b": ?\n}'), /^3:8 Expected a value/);
  assert.equal(at('{"a" 1}'), '1:6 Expected a colon.');
  assert.equal(at('{"a": 1 "b": 2}'), '1:9 Expected a comma or }.');
  assert.equal(at('[1, 2'), '1:6 Expected a comma or ].');
  assert.equal(at('{"a": 1,}'), '1:9 Expected a name in double quotes.');
  assert.equal(at('{} x'), '1:4 Expected nothing more.');
  assert.match(at('01'), /^1:1 Expected/);
  assert.match(at(''), /^1:1 Expected a value/);
});

test('what the language takes for JSON is none of our errors, and the other way round', () => {
  const texts = [
    '{}',
    '[]',
    'null',
    '-0.5e+3',
    '"\\u00e9"',
    '"\\x"',
    '{"a":{"b":[1,{"c":null}]}}',
    '[1,]',
    'tru',
    '1.',
    '"a\nb"',
    '{"a":1}}',
  ];
  for (const text of texts) {
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    assert.equal(findJsonError(text) === undefined, isJson, text);
  }
});

test('settings are an object', () => {
  assert.deepEqual(readJson('{"a": 1}'), { settings: { a: 1 } });
  assert.ok('problem' in readJson('[]'));
});

test('a pointer leads to its line', () => {
  const text = writeJson({
    realm: '',
    set: [
      { name: 'a', value: '' },
      { name: 'b', value: '' },
    ],
  });
  assert.equal(text.split('\n')[lineOf(text, '/set/1/name') - 1]?.trim(), '"name": "b",');
  assert.equal(lineOf(text, '/realm'), 2);
  assert.equal(lineOf(text, ''), 1);
});

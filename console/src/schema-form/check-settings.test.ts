import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSettings } from './check-settings.ts';
import type { Settings } from './field.ts';
import type { JsonSchema } from './json-schema.ts';
import { readFields } from './read-schema.ts';

const check = (properties: Record<string, JsonSchema>, settings: Settings, required: readonly string[] = []) =>
  checkSettings(readFields({ type: 'object', properties, required }), settings);

test('a number out of its range is told the limit in its unit', () => {
  const expiry: JsonSchema = { type: 'integer', minimum: 1000, maximum: 2_592_000_000, unit: 'ms' };
  assert.deepEqual(check({ expiry }, { expiry: 500 }), [{ pointer: '/expiry', message: 'At least 1 s (1000 ms).' }]);
  assert.equal(check({ expiry }, { expiry: 3_000_000_000 })[0]?.message, 'At most 30 d (2592000000 ms).');
  assert.equal(check({ expiry }, { expiry: 1000.5 })[0]?.message, 'A whole number.');
  assert.deepEqual(check({ expiry }, { expiry: 600_000 }), []);
});

test("the server's own sentence stands before ours", () => {
  const name: JsonSchema = { type: 'string', pattern: '^[a-z]+$', errorMessage: { pattern: 'Letters only.' } };
  assert.equal(check({ name }, { name: 'A1' })[0]?.message, 'Letters only.');
});

test('settings that are left out take their defaults; those that must be given are asked for', () => {
  const name: JsonSchema = { type: 'string' };
  assert.deepEqual(check({ name }, {}), []);
  assert.deepEqual(check({ name }, {}, ['name']), [{ pointer: '/name', message: 'Fill this in.' }]);
});

test('what is wrong in a row is told at its cell', () => {
  const set: JsonSchema = {
    type: 'array',
    items: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
  };
  assert.deepEqual(check({ set }, { set: [{ name: 'a' }, { name: '' }] }), [
    { pointer: '/set/1/name', message: 'Fill this in.' },
  ]);
});

test('a wrong word in a list is named', () => {
  const scopes: JsonSchema = { type: 'array', items: { type: 'string', pattern: '^\\S+$' }, maxItems: 2 };
  assert.match(check({ scopes }, { scopes: ['ok', 'not ok'] })[0]?.message ?? '', /^not ok: /);
  assert.equal(check({ scopes }, { scopes: ['a', 'b', 'c'] })[0]?.message, 'At most 2; there are 3.');
});

test('a list of choices needs one when the schema says so', () => {
  const places: JsonSchema = { type: 'array', items: { type: 'string', enum: ['header', 'query'] }, minItems: 1 };
  assert.equal(check({ places }, { places: [] })[0]?.message, 'Choose one at least.');
  assert.equal(check({ places }, { places: ['cookie'] })[0]?.message, 'One of: Header, Query.');
});

test('a field that is not shown is not checked', () => {
  const properties: Record<string, JsonSchema> = {
    places: { type: 'array', items: { type: 'string', enum: ['header', 'query'] }, default: ['header'] },
    parameter: { type: 'string', minLength: 1, when: { field: 'places', is: 'query' } },
  };
  assert.deepEqual(check(properties, { parameter: '' }), []);
  assert.equal(check(properties, { places: ['query'], parameter: '' }).length, 1);
});

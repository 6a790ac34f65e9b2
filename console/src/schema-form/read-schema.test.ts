import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFields } from './read-schema.ts';

test('every kind of setting becomes its kind of field', () => {
  const fields = readFields({
    type: 'object',
    required: ['limit'],
    properties: {
      limit: { type: 'integer', minimum: 1, title: 'Limit', unit: 'ms' },
      realm: { type: 'string', default: '', group: 'advanced' },
      body: { type: 'string', format: 'multiline' },
      remove: { type: 'boolean', default: true },
      match: { type: 'string', enum: ['any', 'all'], default: 'any' },
      places: { type: 'array', items: { type: 'string', enum: ['header', 'query'] }, minItems: 1 },
      scopes: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' } },
      rows: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      nested: { type: 'object', properties: { header: { type: 'boolean' } } },
      store: { anyOf: [{ type: 'string', const: '' }, { type: 'string' }], namesOf: 'token-stores', default: '' },
      free: { type: 'object', additionalProperties: {} } as never,
    },
  });
  assert.deepEqual(
    fields.map(({ name, kind }) => [name, kind]),
    [
      ['limit', 'number'],
      ['realm', 'text'],
      ['body', 'text'],
      ['remove', 'switch'],
      ['match', 'choice'],
      ['places', 'choices'],
      ['scopes', 'tags'],
      ['rows', 'rows'],
      ['nested', 'group'],
      ['store', 'name'],
      ['free', 'json'],
    ],
  );
});

test('a field is required when the schema says so and has no default', () => {
  const fields = readFields({
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'string' }, b: { type: 'string', default: 'x' }, c: { type: 'string' } },
  });
  assert.deepEqual(
    fields.map(({ isRequired }) => isRequired),
    [true, false, false],
  );
});

test('values are shown as words, in the description too', () => {
  const [field] = readFields({
    type: 'object',
    properties: {
      match: { type: 'string', enum: ['any', 'all'], description: 'any: one is enough. all: every one is needed.' },
    },
  });
  assert.ok(field?.kind === 'choice');
  assert.deepEqual(
    field.choices.map(({ title }) => title),
    ['Any', 'All'],
  );
  assert.equal(field.description, 'Any: one is enough. All: every one is needed.');
});

test('a setting without a title is named after its field', () => {
  const [expiry, grant] = readFields({
    type: 'object',
    properties: { expiryTime: { type: 'integer' }, grant: { type: 'string', enum: ['client_credentials'] } },
  });
  assert.equal(expiry?.title, 'Expiry time');
  assert.ok(grant?.kind === 'choice');
  assert.equal(grant.choices[0]?.title, 'Client credentials');
});

test('references are followed and an alternative of null is left out', () => {
  const [target, maybe] = readFields({
    type: 'object',
    $defs: { url: { type: 'string', title: 'URL' } },
    properties: { target: { $ref: '#/$defs/url' }, maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
  });
  assert.equal(target?.kind, 'text');
  assert.equal(target?.title, 'URL');
  assert.equal(maybe?.kind, 'number');
});

test('what cannot be drawn is still there, to be written as JSON', () => {
  const fields = readFields({
    type: 'object',
    properties: {
      either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      matrix: { type: 'array', items: { type: 'array' } },
      lost: { $ref: '#/$defs/none' },
    },
  });
  assert.deepEqual(
    fields.map(({ kind }) => kind),
    ['json', 'json', 'json'],
  );
});

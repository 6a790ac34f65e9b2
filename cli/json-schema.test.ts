import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeAt, withDefaults } from './json-schema.ts';

const schema = {
  type: 'object',
  properties: {
    tokenIn: { type: 'array', items: { type: 'string' }, default: ['header'] },
    limit: { type: 'integer', default: 5 },
    places: { type: 'object', default: {}, properties: { body: { type: 'boolean', default: true } } },
    rows: { type: 'array', items: { type: 'object' } },
    mode: { enum: ['a', 'b'] },
    either: { anyOf: [{ type: 'string' }, { const: '' }] },
  },
};

test('the schema says how text is read', () => {
  assert.equal(typeAt(schema, ['tokenIn']), 'list');
  assert.equal(typeAt(schema, ['limit']), 'number');
  assert.equal(typeAt(schema, ['places', 'body']), 'boolean');
  assert.equal(typeAt(schema, ['rows']), 'json');
  assert.equal(typeAt(schema, ['mode']), 'text');
  assert.equal(typeAt(schema, ['either']), 'text');
  assert.equal(typeAt(schema, ['unknown']), undefined);
  assert.equal(typeAt(undefined, ['x']), undefined);
});

test('defaults are filled in, inside objects too, and what is given stays', () => {
  assert.deepEqual(withDefaults(schema, { limit: 7 }), { limit: 7, tokenIn: ['header'], places: { body: true } });
  assert.deepEqual(withDefaults(schema, { places: { body: false } }), {
    tokenIn: ['header'],
    limit: 5,
    places: { body: false },
  });
});

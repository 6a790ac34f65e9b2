import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { createTokenStore, TOKEN_STORE_KINDS } from '#core/model/token-store';
import { STORE_FIELDS } from './store-fields.ts';
import { STORE_KINDS } from './store-kinds.ts';

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
}

/** The settings of a kind, as the API describes them. */
function describedBy(name: keyof typeof STORE_FIELDS): Readonly<Record<string, Described>> {
  const schema = z.toJSONSchema(createTokenStore.shape[name], { io: 'input' });
  return (schema.properties ?? {}) as Readonly<Record<string, Described>>;
}

test('the form has each kind and each of its settings, with the words, values and defaults of the API', () => {
  assert.deepEqual(Object.keys(STORE_KINDS).sort(), [...TOKEN_STORE_KINDS].sort());
  for (const name of Object.keys(STORE_FIELDS) as (keyof typeof STORE_FIELDS)[]) {
    const described = describedBy(name);
    const fields = STORE_FIELDS[name];
    assert.deepEqual(fields.map((field) => field.name).sort(), Object.keys(described).sort(), name);
    for (const field of fields) {
      const { description, default: initial, enum: values } = described[field.name] ?? {};
      const place = `${name}.${field.name}`;
      if (field.input !== 'password') assert.equal(field.description, description, place);
      if (initial !== undefined) assert.deepEqual(field.initial, initial, place);
      if (values !== undefined)
        assert.deepEqual(
          field.choices?.map(({ value }) => value),
          values,
          place,
        );
    }
  }
});

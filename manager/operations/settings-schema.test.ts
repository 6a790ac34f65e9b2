import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { settingsSchema } from './settings-schema.ts';

test('the sentences of a policy type stand beside the keywords they are about', () => {
  const schema = z.strictObject({
    expiry: z.int().min(1000, 'At least 1 s.').max(5000).default(2000).meta({ title: 'Expiry', unit: 'ms' }),
    name: z
      .string()
      .min(1)
      .regex(/^[a-z]+$/, 'Letters only.'),
    places: z
      .array(z.string())
      .min(1, 'One at least.')
      .refine(() => true, 'Each once.'),
  });
  const { properties } = settingsSchema(schema) as { properties: Record<string, Record<string, unknown>> };
  assert.deepEqual(properties.expiry?.errorMessage, { minimum: 'At least 1 s.' });
  assert.equal(properties.expiry?.unit, 'ms');
  assert.equal(properties.expiry?.maximum, 5000);
  assert.deepEqual(properties.name?.errorMessage, { pattern: 'Letters only.' });
  assert.deepEqual(properties.places?.errorMessage, { minItems: 'One at least.' });
});

test('settings without sentences of their own have none', () => {
  assert.equal('errorMessage' in settingsSchema(z.strictObject({ a: z.int().min(1) })), false);
});

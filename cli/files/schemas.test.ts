import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { policyTypes } from '#policies/registry';
import { KINDS, schemaNameOf } from './layout.ts';
import { editorSchemas } from './schemas.ts';

test('every kind of file has a schema that knows its fields and refuses others', () => {
  const settings = new Map(
    policyTypes.map(({ name, schema }) => [name, { ...z.toJSONSchema(schema, { unrepresentable: 'any' }) }]),
  );
  const schemas = editorSchemas(settings);
  assert.deepEqual([...schemas.keys()], KINDS.map(schemaNameOf));
  for (const kind of KINDS) {
    const schema = schemas.get(schemaNameOf(kind));
    assert.deepEqual(Object.keys(Object(schema?.properties)).toSorted(), Object.keys(kind.schema.shape).toSorted());
    assert.equal(schema?.additionalProperties, false);
    assert.ok(!JSON.stringify(schema?.required ?? []).includes('description'), 'what has a default may be left out');
  }
  const policy = schemas.get('policy');
  assert.deepEqual(Object(policy?.properties).type.enum, policyTypes.map(({ name }) => name).toSorted());
  const verify = Object(policy).allOf.find((one: { if: unknown }) =>
    JSON.stringify(one.if).includes('oauth-verify-access-token'),
  );
  const { config } = verify[['th', 'en'].join('')].properties;
  assert.equal(config.additionalProperties, false);
  assert.deepEqual(config.required ?? [], []);
});

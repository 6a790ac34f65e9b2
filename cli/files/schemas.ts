import * as z from 'zod';
import type { JsonSchema } from '../json-schema.ts';
import { type FileKind, KINDS, schemaNameOf } from './layout.ts';
import type { Schemas } from './project-state.ts';

/** JSON Schemas for editors, by name. @param policies the schemas of the policy types' settings, as far as they are known */
export function editorSchemas(policies: Schemas): ReadonlyMap<string, JsonSchema> {
  return new Map(KINDS.map((kind) => [schemaNameOf(kind), editorSchema(kind, policies)]));
}

/** The schema of one kind of file. What a file may leave out is not required. */
function editorSchema(kind: FileKind, policies: Schemas): JsonSchema {
  const schema = z.toJSONSchema(kind.schema, { io: 'input', unrepresentable: 'any' });
  const title = `Gatewright: ${kind.word}`;
  if (kind.word !== 'policy' || policies.size === 0) return { title, ...schema };
  // Settings are looked at by the type that stands beside them.
  const types = [...policies.keys()].toSorted();
  const properties = { ...schema.properties, type: { enum: types, description: 'Policy type.' } };
  const allOf = types.map((type) => ({
    if: { properties: { type: { const: type } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits it
    then: { properties: { config: withoutRequired(policies.get(type)) } },
  }));
  return { title, ...schema, properties, allOf };
}

/** Settings that are left out take their defaults, so none is required that has one. */
function withoutRequired(schema: JsonSchema | undefined): JsonSchema {
  const { $schema: _, required, ...rest } = schema ?? {};
  const properties = typeof rest.properties === 'object' && rest.properties !== null ? rest.properties : {};
  const needed = (Array.isArray(required) ? required : []).filter(
    (name: unknown) => !hasDefault(Object.entries(properties).find(([key]) => key === name)?.[1]),
  );
  return { ...rest, ...(needed.length > 0 ? { required: needed } : {}) };
}

function hasDefault(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'default' in schema;
}

/** The text of a schema's file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

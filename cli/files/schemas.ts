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

/** Settings that are left out take their defaults, so none is required that has one, at any depth. */
function withoutRequired(schema: JsonSchema | undefined): JsonSchema {
  const { $schema: _, required: __, ...rest } = schema ?? {};
  const properties = propertiesOf(rest);
  if (Object.keys(properties).length === 0) return rest;
  const needed = neededOf(schema);
  return {
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, isObject(inner) ? withoutRequired(inner) : inner]),
    ),
    ...(needed.length > 0 && { required: needed }),
  };
}

/** What has to be given: required and without default. Settings that are a group of others are left out with all of them. */
function neededOf(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  const properties = propertiesOf(schema);
  return (Array.isArray(schema.required) ? schema.required : []).map(String).filter((name) => {
    const inner = properties[name];
    if (!isObject(inner) || 'default' in inner) return !isObject(inner);
    return inner.type !== 'object' || inner.properties === undefined || neededOf(inner).length > 0;
  });
}

function propertiesOf(schema: JsonSchema): Record<string, unknown> {
  return isObject(schema.properties) ? schema.properties : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a schema's file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

import type { FieldType } from './noun.ts';

/** A JSON Schema 2020-12, as far as it is looked at here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How text for the setting at a path is read, by the schema of the policy type; undefined when it does not say. */
export function typeAt(schema: JsonSchema | undefined, path: readonly string[]): FieldType | undefined {
  let here: JsonSchema | undefined = schema;
  for (const step of path) {
    here = objectOf(
      here?.items !== undefined && /^\d+$/.test(step)
        ? here.items
        : (objectOf(here?.properties)?.[step] ?? here?.additionalProperties),
    );
  }
  return typeOf(here);
}

/** Settings with the schema's defaults filled in, inside objects too: two that mean the same become the same. */
export function withDefaults(schema: JsonSchema | undefined, value: unknown): unknown {
  const properties = objectOf(schema?.properties);
  const object = objectOf(value);
  if (properties === undefined || object === undefined) return value;
  const filled: Record<string, unknown> = { ...object };
  for (const [name, property] of Object.entries(properties)) {
    const inner = objectOf(property);
    const given = name in object ? object[name] : inner?.default;
    if (given !== undefined) filled[name] = withDefaults(inner, given);
  }
  return filled;
}

function typeOf(schema: JsonSchema | undefined): FieldType | undefined {
  if (schema === undefined) return undefined;
  const variants = schema.anyOf ?? schema.oneOf;
  if (schema.type === undefined && Array.isArray(variants)) {
    const types = new Set(
      variants.map((variant: unknown) => typeOf(objectOf(variant))).filter((type) => type !== undefined),
    );
    return types.size === 1 ? [...types][0] : undefined;
  }
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return objectOf(schema.items)?.type === 'object' ? 'json' : 'list';
    default:
      return Array.isArray(schema.enum) ? 'text' : undefined;
  }
}

function objectOf(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

import type { Choice, Field, TextRules } from './field.ts';
import { type JsonSchema, resolveSchema } from './json-schema.ts';
import { readable, withChoicesAsShown } from './words.ts';

/** The fields of a form out of the JSON Schema of an object, in its order. What no kind of field is for is written as JSON. */
export function readFields(schema: JsonSchema, root: JsonSchema = schema): readonly Field[] {
  const object = resolveSchema(schema, root);
  const required = new Set(object.required);
  return Object.entries(object.properties ?? {}).map(([name, property]) =>
    readField(name, property, { root, isRequired: required.has(name) }),
  );
}

function readField(
  name: string,
  given: JsonSchema,
  place: { readonly root: JsonSchema; readonly isRequired: boolean },
): Field {
  const { root } = place;
  const schema = resolveSchema(given, root);
  const base = {
    name,
    title: schema.title ?? readable(name),
    description: schema.description,
    isAdvanced: schema.group === 'advanced',
    isRequired: place.isRequired && schema.default === undefined,
    default: schema.default,
    when: schema.when,
    messages: schema.errorMessage ?? {},
  };
  const choices = choicesOf(schema);
  if (choices !== undefined)
    return { ...base, kind: 'choice', choices, description: describe(schema.description, choices) };
  if (schema.namesOf !== undefined) return { ...base, kind: 'name', list: schema.namesOf };
  switch (schema.type) {
    case 'boolean':
      return { ...base, kind: 'switch' };
    case 'integer':
    case 'number':
      return {
        ...base,
        kind: 'number',
        isInteger: schema.type === 'integer',
        minimum: schema.minimum,
        maximum: schema.maximum,
        unit: schema.unit,
      };
    case 'string':
      return { ...base, ...textRules(schema), kind: 'text', isMultiline: schema.format === 'multiline' };
    case 'array':
      return readList(base, schema, root);
    case 'object':
      return schema.properties === undefined
        ? { ...base, kind: 'json' }
        : { ...base, kind: 'group', fields: readFields(schema, root) };
    default:
      return { ...base, kind: 'json' };
  }
}

type Base = Omit<Extract<Field, { kind: 'json' }>, 'kind'>;

function readList(base: Base, schema: JsonSchema, root: JsonSchema): Field {
  const rules = { minItems: schema.minItems, maxItems: schema.maxItems };
  const item = schema.items === undefined ? undefined : resolveSchema(schema.items, root);
  const choices = item === undefined ? undefined : choicesOf(item);
  if (choices !== undefined)
    return { ...base, ...rules, kind: 'choices', choices, description: describe(base.description, choices) };
  if (item?.type === 'string') return { ...base, ...rules, kind: 'tags', item: textRules(item) };
  if (item?.type === 'object' && item.properties !== undefined)
    return { ...base, ...rules, kind: 'rows', fields: readFields(item, root) };
  return { ...base, kind: 'json' };
}

/** The values that it may have, when they are words that are listed. */
function choicesOf(schema: JsonSchema): readonly Choice[] | undefined {
  const listed = schema.enum ?? (schema.anyOf ?? schema.oneOf)?.map((branch) => branch.const);
  if (listed === undefined || listed.length === 0) return undefined;
  const values = listed.filter((value) => typeof value === 'string');
  if (values.length < listed.length) return undefined;
  const titles = new Map((schema.anyOf ?? schema.oneOf ?? []).map((branch) => [branch.const, branch.title]));
  return values.map((value) => ({ value, title: titles.get(value) ?? readable(value) }));
}

function textRules({ minLength, maxLength, pattern, errorMessage }: JsonSchema): TextRules {
  return { minLength, maxLength, pattern, messages: errorMessage ?? {} };
}

function describe(description: string | undefined, choices: readonly Choice[]): string | undefined {
  return description === undefined ? undefined : withChoicesAsShown(description, choices);
}

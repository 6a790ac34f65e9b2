/** JSON Schema 2020-12 as the manager serves it for a policy type, with what policies say besides for forms. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  /** `advanced`: folded away. */
  readonly group?: string;
  /** A text that names one of a list of the API, by the list's path; empty: none, or its default. */
  readonly namesOf?: string;
  /** What a number counts: `ms`, `characters`. */
  readonly unit?: string;
  /** Shown only while a field beside it has, or contains, the value. */
  readonly when?: { readonly field: string; readonly is: unknown };
  /** Sentences for keywords that are not met: `{ "pattern": "Letters only." }`. */
  readonly errorMessage?: Readonly<Record<string, string>>;
}

/** The schema that is meant: references within the document are followed, an alternative of null is left out. */
export function resolveSchema(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) {
    const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref)?.[1];
    const meant = name === undefined ? undefined : root.$defs?.[name];
    if (meant === undefined) return schema;
    const { $ref: _, ...rest } = schema;
    return resolveSchema({ ...meant, ...rest }, root);
  }
  const branches = schema.anyOf ?? schema.oneOf;
  const [only, ...others] = branches?.filter(({ type }) => type !== 'null') ?? [];
  if (only === undefined || others.length > 0) return schema;
  const { anyOf: _, oneOf: __, ...rest } = schema;
  return resolveSchema({ ...only, ...rest }, root);
}

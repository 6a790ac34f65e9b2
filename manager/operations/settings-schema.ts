import * as z from 'zod';

/** Keywords of JSON Schema, by the check of Zod that becomes one of them. */
const KEYWORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  greater_than: { number: 'minimum' },
  less_than: { number: 'maximum' },
  min_length: { string: 'minLength', array: 'minItems' },
  max_length: { string: 'maxLength', array: 'maxItems' },
  string_format: { string: 'pattern' },
};

/**
 * The JSON Schema (2020-12) of a policy type's settings, as they are written. Where the type has a sentence of its own for a check, it stands in
 * `errorMessage`, by keyword, so that forms and editors say the same as we do.
 */
export function settingsSchema(schema: z.ZodType): Record<string, unknown> {
  const { ...plain } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const messages = messagesOf(zodSchema);
      if (Object.keys(messages).length > 0) jsonSchema.errorMessage = messages;
    },
  });
  return plain;
}

function messagesOf(schema: z.core.$ZodType): Record<string, string> {
  const { type, checks = [] } = schema._zod.def;
  return Object.fromEntries(
    checks.flatMap(({ _zod: { def } }) => {
      const keyword = KEYWORDS[def.check]?.[type];
      const message = keyword === undefined ? undefined : ownMessage(def);
      return keyword === undefined || message === undefined ? [] : [[keyword, message]];
    }),
  );
}

/** A sentence that was written with the check: it says the same whatever the value is. */
function ownMessage(def: z.core.$ZodCheckDef): string | undefined {
  const told = def.error?.({ code: 'custom', input: undefined, path: [], params: {} } as never);
  return typeof told === 'string' ? told : told?.message;
}

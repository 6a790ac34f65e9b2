import * as z from 'zod';
import { findSelectors } from '#core/selector';
import { attributeNameSchema, whiteboardText } from '../text.ts';

/** How a value is read: as it stands, as JSON, or as words. */
const VALUE_TYPES = ['text', 'json', 'set'] as const;

const attribute = z
  .strictObject({
    name: attributeNameSchema.meta({
      title: 'Attribute',
      description: 'Name on the whiteboard, e.g. scopes.for.token or customer.tier.',
    }),
    type: z.enum(VALUE_TYPES).default('text').meta({
      title: 'Type',
      description: 'text; json: any JSON value; set: a set of strings, words with spaces between.',
    }),
    value: whiteboardText(8192).meta({
      title: 'Value',
      description:
        'What is written; selectors are allowed. In JSON a string that is one selector takes the value as it is. Nothing there: the attribute is taken away.',
    }),
  })
  .refine(({ type, value }) => type !== 'json' || findSelectors(value).length > 0 || isJson(value), {
    path: ['value'],
    message: 'This is not valid JSON.',
  });

/** Settings of the Assign Variables policy. */
export const schema = z.strictObject({
  attributes: z
    .array(attribute)
    .min(1, 'Write one attribute at least.')
    .max(50, 'At most 50 attributes.')
    .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, 'Each attribute once.')
    .meta({ title: 'Attributes', description: 'Attributes of the whiteboard that are written, in this order.' }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

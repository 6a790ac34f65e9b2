import * as z from 'zod';
import { headerFieldSchema, headerNameSchema } from '../text.ts';

const MAX_FIELDS = 50;

/** Settings of the Set Headers policy: what goes first is done first. */
export const schema = z.strictObject({
  remove: z
    .array(headerNameSchema)
    .max(MAX_FIELDS)
    .default([])
    .meta({ title: 'Remove', description: 'Header fields to take out, every occurrence.' }),
  set: z
    .array(headerFieldSchema)
    .max(MAX_FIELDS)
    .default([])
    .meta({ title: 'Set', description: 'Header fields to write; what was there under the name is replaced.' }),
  add: z
    .array(headerFieldSchema)
    .max(MAX_FIELDS)
    .default([])
    .meta({ title: 'Add', description: 'Header fields to write beside what is there.' }),
  onRefusal: z.boolean().default(false).meta({
    title: 'On refusals too',
    description: 'At Proxy Response: also on calls that were refused.',
    group: 'advanced',
  }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

import * as z from 'zod';
import { headerFieldSchema, whiteboardText } from '../text.ts';

const MAX_BODY = 65_536;
const BODYLESS = [204, 205, 304];

/** Settings of the Mock Answer policy. */
export const schema = z
  .strictObject({
    status: z.int().min(200).max(599).default(200).meta({ title: 'Status', description: 'HTTP status, 200 to 599.' }),
    headers: z
      .array(headerFieldSchema)
      .max(50)
      .default([{ name: 'Content-Type', value: 'application/json' }])
      .meta({ title: 'Header fields', description: 'Header fields of the answer; the length is added.' }),
    body: whiteboardText(MAX_BODY).default('').meta({
      title: 'Body',
      description:
        'Body of the answer, at most 64 KiB; empty: none. Selectors are allowed; what they give is put in as it is.',
      format: 'multiline',
    }),
  })
  .refine(({ status, body }) => body === '' || !BODYLESS.includes(status), {
    path: ['body'],
    message: 'An answer with status 204, 205 or 304 has no body.',
  });

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

import * as z from 'zod';
import { METHODS } from './resource.ts';
import { targetUrlSchema } from './target.ts';

const reference = z.string().min(1).max(128);
const fieldName = z
  .string()
  .max(128)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'Letters, digits and hyphens, as header fields are named.');

/** Fields that Try it sets itself, or that would change where a request ends. */
const OWN_FIELDS =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|forwarded|x-forwarded-.*|via|gatewright[-_].*)$/i;

/** Body of `POST /try`: a call to what is deployed on a server group, made by the manager through one of its gateways. */
export const tryRequest = z
  .strictObject({
    project: reference.describe('Name or id of a project that runs on the server group.'),
    resource: reference.optional().describe('Name of the resource that is meant; for the audit trail only.'),
    serverGroup: reference.describe('Name or id of the server group.'),
    gateway: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('Name of one of its gateways; left out: one that is ready.'),
    method: z.enum(METHODS).default('GET'),
    path: z
      .string()
      .max(4096)
      .regex(
        /^(?:\/[\x21\x22\x24-\x3E\x40-\x7E]*)?$/,
        'A path that begins with /, without ? and #, in ASCII: encode the rest as %XX.',
      )
      .default('')
      .describe('Path behind the context path.'),
    query: z
      .array(z.strictObject({ name: z.string().min(1).max(256), value: z.string().max(8192) }))
      .max(100)
      .default([])
      .describe('Query parameters, not encoded.'),
    headers: z
      .array(
        z.strictObject({
          name: fieldName.refine((name) => !OWN_FIELDS.test(name), 'Try it sets this field itself.'),
          value: z
            .string()
            .max(8192)
            .regex(/^[\t\x20-\x7E\x80-\xFF]*$/, 'One line of text.'),
        }),
      )
      .max(100)
      .default([]),
    body: z.string().max(700_000, 'At most 700 000 characters.').optional(),
    subscription: reference
      .optional()
      .describe('Name or id of a subscription: a short token of it is used; its secret is neither needed nor shown.'),
    token: z
      .string()
      .max(8192)
      .regex(/^[\x21-\x7E]+$/, 'A token is one word.')
      .optional()
      .describe('An access token, put where the deployed version looks for it.'),
  })
  .refine(({ subscription, token }) => subscription === undefined || token === undefined, {
    message: 'Give a subscription or a token, not both.',
    path: ['token'],
  });
export type TryRequest = z.infer<typeof tryRequest>;

/** What came of it. */
export const tryAnswer = z.strictObject({
  requestId: z
    .string()
    .optional()
    .describe('For GET /requests/:request/why; left out when the answer is no gateway of ours.'),
  gateway: z.string().describe('Name of the gateway.'),
  url: z.string().describe('What was called, as a caller would.'),
  status: z.int(),
  headers: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  body: z.string().describe('Text, or base64 when it is none.'),
  encoding: z.enum(['text', 'base64']),
  bytes: z.int().describe('Length of the body as it was read.'),
  isCut: z.boolean().describe('True: the body is longer than 5 MB, and what is here is its beginning.'),
  timing: z.strictObject({
    tokenMs: z.number().optional().describe('Getting the token.'),
    firstByteMs: z.number().describe('From sending to the head of the answer.'),
    totalMs: z.number().describe('To the last byte.'),
  }),
  tokenIn: z.enum(['header', 'query', 'body']).optional().describe('Where the token was put.'),
});
export type TryAnswer = z.infer<typeof tryAnswer>;

/** Body of `POST /targets/check`. */
export const targetCheckRequest = z.strictObject({
  url: targetUrlSchema,
  serverGroup: reference.describe('Whose gateway asks.'),
});

/** What a gateway found: status class and time only. */
export const targetCheck = z.strictObject({
  ok: z.boolean().describe('True: it answered, whatever the status.'),
  statusClass: z.string().optional().describe('For example 2xx.'),
  ms: z.number().optional(),
  problem: z.string().optional().describe('Why it did not answer.'),
});
export type TargetCheck = z.infer<typeof targetCheck>;

import * as z from 'zod';
import { hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE } from '#core/whiteboard-selector';
import { attributeNameSchema, headerFieldSchema, whiteboardText } from '../text.ts';

/** An origin, whole before the first thing that a request decides (decision 21); values of the server group may stand in it. */
const ORIGIN =
  /^(?:https?:\/\/(?:[A-Za-z0-9._:[\]-]|\$\{(?:variables|secrets)\.[a-z0-9-]+\})+|\$\{variables\.[a-z0-9-]+\})(?:[/?]|$)/;

const urlSchema = z
  .string()
  .min(1, 'Give its address.')
  .max(2048, 'At most 2048 characters.')
  .regex(/^[^\s#\\]*$/, 'Without spaces, # and \\.')
  .regex(
    ORIGIN,
    'Scheme and host come first, in full: https://host/path. Only path and query may hold what a request says.',
  )
  .refine(hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE);

const formRow = z.strictObject({
  name: z.string().min(1).max(128).meta({ title: 'Name', description: 'Name of the parameter.' }),
  value: whiteboardText(4096).meta({ title: 'Value', description: 'Its value; selectors are allowed.' }),
});

/** Settings of the Service Callout policy. */
export const schema = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT']).default('GET').meta({ title: 'Method', description: 'HTTP method.' }),
    url: urlSchema.meta({
      title: 'URL',
      description: 'Address of the service. Selectors are allowed in path and query, where their values are encoded.',
    }),
    headers: z
      .array(headerFieldSchema)
      .max(30)
      .default([])
      .meta({ title: 'Header fields', description: 'Header fields of the call.' }),
    bodyType: z
      .enum(['none', 'form', 'json', 'text'])
      .default('none')
      .meta({ title: 'Body', description: 'What is sent. Only with POST and PUT.' }),
    form: z
      .array(formRow)
      .max(50)
      .default([])
      .meta({ title: 'Form parameters', description: 'Sent as a form.', when: { field: 'bodyType', is: 'form' } }),
    body: whiteboardText(16_384).default('').meta({
      title: 'Content',
      description:
        'Sent as it is, after selectors. As JSON: strings in it may hold selectors; one that is a selector alone takes the value as it is.',
      format: 'multiline',
    }),
    answerAs: z.enum(['json', 'text', 'set']).default('json').meta({
      title: 'Answer',
      description: 'How the answer is read. set: a set of strings, from a JSON list or from words.',
    }),
    pick: z
      .string()
      .max(256)
      .regex(/^(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)?$/, 'Names joined by dots, e.g. user.scopes.')
      .default('')
      .meta({ title: 'Part of the answer', description: 'Path in a JSON answer, e.g. user.scopes; empty: the whole.' }),
    attribute: attributeNameSchema.default('callout.answer').meta({
      title: 'Attribute',
      description: 'Where the answer is written on the whiteboard, e.g. scopes.for.token.',
    }),
    onFailure: z.enum(['refuse', 'continue']).default('refuse').meta({
      title: 'Without a usable answer',
      description:
        'refuse: the call is refused with 502. continue: it goes on without the attribute. Usable is status 200 to 299, readable, with the part that is asked for.',
    }),
    timeoutMs: z.int().min(10, 'At least 10 ms.').max(30_000, 'At most 30 s.').default(3000).meta({
      title: 'Time limit',
      description: 'Longest wait for the whole answer.',
      unit: 'ms',
    }),
    limitBytes: z.int().min(1).max(1_048_576, 'At most 1 MiB.').default(65_536).meta({
      title: 'Largest answer',
      description: 'Bytes of the answer that are read at most; a larger one is not usable.',
      unit: 'bytes',
      group: 'advanced',
    }),
    maxConcurrent: z.int().min(1).max(1000).default(100).meta({
      title: 'Calls at once',
      description: 'Calls of this policy that run at once in one gateway worker; one more is refused with 503.',
      group: 'advanced',
    }),
  })
  .refine(({ method, bodyType }) => bodyType === 'none' || method !== 'GET', {
    path: ['bodyType'],
    message: 'A GET has no body.',
  });

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

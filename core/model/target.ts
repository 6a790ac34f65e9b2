import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

/** `http://`, `https://`, or `echo:` — the gateway's own echo, for trying. Neither query nor fragment nor user. */
export const targetUrlSchema = z
  .string()
  .max(2048, 'At most 2048 characters.')
  .refine(
    (text) => text === 'echo:' || isTargetUrl(text),
    'An http:// or https:// URL without user, query and fragment, or echo:.',
  )
  .describe('http:// or https:// URL; its path is put before the forwarded path. echo: answers what was sent.');

const fields = {
  displayName: displayNameSchema,
  urls: z
    .array(
      z.strictObject({
        url: targetUrlSchema,
        weight: z.int().min(1).max(100).default(1).describe('Share of the requests, against the other URLs.'),
      }),
    )
    .min(1, 'At least one URL.')
    .max(50)
    .describe('Servers; requests are spread by weight.'),
  connectTimeoutMs: z.int().min(1).max(600_000).describe('Longest wait for a connection, in ms.'),
  timeoutMs: z.int().min(1).max(3_600_000).describe("Longest wait for the answer's head, in ms."),
  idleTimeoutMs: z.int().min(1).max(3_600_000).describe("Longest silence within the answer's body, in ms."),
  retries: z
    .int()
    .min(0)
    .max(5)
    .describe('Further tries at another connection when none was made and the request had no body.'),
  verifyTls: z.boolean().describe('Check the certificate of an https target. Off only for trying.'),
  maxConnections: z.int().min(1).max(10_000).describe('Most connections a gateway worker opens to each URL.'),
};

/** Body of a create. */
export const createTarget = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  urls: fields.urls,
  connectTimeoutMs: fields.connectTimeoutMs.default(5_000),
  timeoutMs: fields.timeoutMs.default(30_000),
  idleTimeoutMs: fields.idleTimeoutMs.default(60_000),
  retries: fields.retries.default(1),
  verifyTls: fields.verifyTls.default(true),
  maxConnections: fields.maxConnections.default(128),
});
export type CreateTarget = z.infer<typeof createTarget>;

/** Body of a patch. */
export const patchTarget = z.strictObject(fields).partial();

/** The backend servers of a project. */
export const target = z.strictObject({ ...recordFields, name: nameSchema, projectId: z.string(), ...fields });
export type Target = z.infer<typeof target>;

function isTargetUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    !text.includes('?') &&
    // a selector can never say where a call goes (decision 21)
    !text.includes('${') &&
    !text.includes('#')
  );
}

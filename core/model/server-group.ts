import * as z from 'zod';
import { descriptionSchema, displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

/** The group that exists from the start. */
export const LOCAL_GROUP = { name: 'local', displayName: 'Local' } as const;

const fields = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  publicUrl: z
    .string()
    .max(2048)
    .refine(
      (text) => text === '' || isOrigin(text),
      'An http:// or https:// origin without path, e.g. https://api.example.com.',
    )
    .describe(
      'Where clients reach its gateways: issuer, metadata and curl lines use it. Empty: the address that its gateways listen on.',
    ),
  errorDetail: z
    .enum(['standard', 'verbose'])
    .describe('verbose: callers see the fine reason code and sentence. For development.'),
  whenStale: z
    .enum(['refuse', 'serve'])
    .describe(
      'When a gateway has heard of no revocation for 5 s: refuse OAuth-protected routes with 503, or serve and say so.',
    ),
};

/** Body of a create. */
export const createServerGroup = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  description: fields.description.default(''),
  publicUrl: fields.publicUrl.default(''),
  errorDetail: fields.errorDetail.default('standard'),
  whenStale: fields.whenStale.default('refuse'),
});
export type CreateServerGroup = z.infer<typeof createServerGroup>;

/** Body of a patch. */
export const patchServerGroup = z.strictObject(fields).partial();

/** A named set of gateways that run the same deployments. */
export const serverGroup = z.strictObject({ ...recordFields, name: nameSchema, ...fields });
export type ServerGroup = z.infer<typeof serverGroup>;

/** A running gateway, as the manager knows it. Not a record: it registers itself. */
export const gateway = z.strictObject({
  id: z.string(),
  name: z.string(),
  serverGroup: z.string().describe('Name of its server group.'),
  address: z.string().describe('Origin it listens on.'),
  softwareVersion: z.string(),
  epoch: z.string(),
  seq: z.int().describe('Number of the feed up to which it has compiled.'),
  lag: z.int().describe('Changes it has not taken yet.'),
  state: z.enum(['ready', 'not-ready', 'draining', 'lost']),
  workers: z.int(),
  lastSeenAt: z.number(),
  startedAt: z.number(),
  /** Why it kept an older configuration, when it did. */
  problem: z.string().optional(),
});
export type Gateway = z.infer<typeof gateway>;

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === text;
}

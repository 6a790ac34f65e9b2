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
  authorizationUrl: z
    .string()
    .max(2048)
    .refine(
      (text) => text === '' || isPageOrigin(text),
      'An https:// origin without path, e.g. https://login.example.com; http:// on loopback only.',
    )
    .describe(
      'Where people sign in: origin of the authorization end points and their pages, with a host of its own. Empty: the public URL, which is for development.',
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
  authorizationUrl: fields.authorizationUrl.default(''),
  errorDetail: fields.errorDetail.default('standard'),
  whenStale: fields.whenStale.default('refuse'),
});
export type CreateServerGroup = z.infer<typeof createServerGroup>;

/** Body of a patch. */
export const patchServerGroup = z.strictObject(fields).partial();

/** A named set of gateways that run the same deployments. */
export const serverGroup = z.strictObject({
  ...recordFields,
  name: nameSchema,
  ...fields,
  authorizationUrl: fields.authorizationUrl.default(''), // groups of versions before this one have none
});
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
  isDrainWanted: z
    .boolean()
    .optional()
    .describe('True: it was told to drain, and takes calls again when it is undrained.'),
  cpuShare: z.number().optional().describe('Share of its machine that its processes took in the last second, 0 to 1.'),
  memoryBytes: z.number().optional().describe('Memory that its processes hold.'),
  connections: z.int().optional().describe('Open connections of callers.'),
  machine: z.string().optional().describe('Its machine: equal for gateways on one.'),
  tokenStore: z
    .strictObject({ kind: z.string(), place: z.string() })
    .optional()
    .describe('Kind of its token store and where it is.'),
  joined: z
    .strictObject({
      at: z.number(),
      by: z.string().describe('Who made the join token.'),
      certificateEndsAt: z.number().describe('It is renewed long before.'),
    })
    .optional()
    .describe('How it joined; left out for one that uses the socket of the data directory.'),
  workers: z.int(),
  lastSeenAt: z.number(),
  startedAt: z.number(),
  /** Why it kept an older configuration, when it did. */
  problem: z.string().optional(),
});
export type Gateway = z.infer<typeof gateway>;

/** Body of a new join token; nothing needs to be said. */
export const createJoinToken = z.strictObject({});

/** A token with which one gateway may join. Its text is shown once. */
export const joinToken = z.strictObject({
  id: z.string(),
  serverGroup: z.string().describe('Name of the server group.'),
  createdAt: z.number(),
  createdBy: z.string(),
  endsAt: z.number(),
  state: z.enum(['open', 'used', 'ended']),
  usedAt: z.number().optional(),
  gatewayId: z.string().optional().describe('The gateway that joined with it.'),
});
export type JoinToken = z.infer<typeof joinToken>;

/** A new join token with its text, which is never shown again. */
export const createdJoinToken = z.strictObject({
  ...joinToken.shape,
  token: z.string().describe('The token. Shown once.'),
  managerUrl: z.string().describe('Where gateways reach this manager.'),
  command: z.string().describe('The one command to run where the gateway is to be.'),
});
export type CreatedJoinToken = z.infer<typeof createdJoinToken>;

/** Longest value of a variable or secret. */
const VALUE_LIMIT = 16_384;

/** Body of a put. */
export const putGroupVariable = z.strictObject({
  value: z
    .string()
    .max(VALUE_LIMIT, 'At most 16 KiB.')
    .refine((text) => !text.includes('${'), 'A value may not hold a dollar sign with a brace: selectors do not nest.')
    .describe('Its value. A secret is never shown again.'),
  secret: z.boolean().default(false).describe('Seal it: it is written and never read.'),
});

/** A variable or secret of a server group; policy settings refer to it. */
export const groupVariable = z.strictObject({
  name: nameSchema,
  secret: z.boolean(),
  value: z.string().optional().describe('Left out for secrets.'),
  selector: z.string().describe('How policy settings refer to it.'),
  updatedAt: z.number(),
  updatedBy: z.string(),
});
export type GroupVariable = z.infer<typeof groupVariable>;

/** People give passwords there: TLS, or nothing that leaves the machine. */
function isPageOrigin(text: string): boolean {
  return isOrigin(text) && (text.startsWith('https:') || isLoopbackUrl(text));
}

/** True for a URL whose host is this machine itself. */
export function isLoopbackUrl(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? '';
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === text;
}

import * as z from 'zod';
import { descriptionSchema, displayNameSchema, lineSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

const fields = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  ownerEmail: z.union([z.literal(''), z.email().max(254)]).describe('Whom to write to.'),
  authMethod: z
    .enum(['client_secret', 'client_secret_basic', 'client_secret_post'])
    .describe(
      'How it proves itself at the token end point: client_secret takes header or body, as the policy allows; the others are enforced.',
    ),
  tags: z.array(lineSchema.min(1).max(64)).max(20),
};

/** Body of a create. */
export const createClient = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  description: fields.description.default(''),
  ownerEmail: fields.ownerEmail.default(''),
  kind: z.enum(['server']).default('server').describe('server: keeps a secret.'),
  authMethod: fields.authMethod.default('client_secret'),
  tags: fields.tags.default([]),
});

/** Body of a patch. */
export const patchClient = z.strictObject(fields).partial();

/** Standing as shown with clients and subscriptions. */
export const standingFields = {
  generation: z.int().describe('Tokens issued under a lower generation are revoked.'),
  stateChangedAt: z.number(),
  stateChangedBy: z.string(),
  stateReason: z.string().optional(),
};

/** A registered OAuth client / API consumer. */
export const client = z.strictObject({
  ...recordFields,
  name: nameSchema,
  kind: z.enum(['server', 'public']),
  ...fields,
  // What an earlier version took is still shown.
  tags: z.array(z.string()),
  active: z.boolean().describe('Disabled clients are refused at once; it can be undone.'),
  ...standingFields,
});
export type Client = z.infer<typeof client>;

/** Body of enable, disable, suspend, resume, end, approve, revoke-tokens: why. */
export const stateChange = z.strictObject({
  reason: z.string().max(500).optional().describe('Why, for the audit trail and explain.'),
});

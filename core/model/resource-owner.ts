import * as z from 'zod';
import { lineSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';
import { passwordSchema } from './user.ts';

/** Longest name of a resource owner. */
const OWNER_NAME_LIMIT = 100;

/** The one spelling of a name that somebody typed: compatibility forms and capitals do not matter (RFC 8265 §3.3). */
export function plainOwnerName(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}

/** Name with which a resource owner signs in: letters of any script, digits and . _ @ + ' -, in its one spelling. */
export const ownerNameSchema = z
  .string()
  .max(1000)
  .transform(plainOwnerName)
  .pipe(
    z
      .string()
      .max(OWNER_NAME_LIMIT, `At most ${OWNER_NAME_LIMIT} characters.`)
      .regex(/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._@+'-]*[\p{L}\p{M}\p{N}])?$/u, "Letters, digits and . _ @ + ' - only."),
  )
  .describe('Name to sign in with; capitals do not matter.');

const displayName = lineSchema.trim().min(1, 'Give a name.').max(64).describe('Name as others see it.');
const email = z.union([z.literal(''), z.email().max(254)]).describe('E-mail address, or empty.');
const shownName = z.string().describe('Name to sign in with.');

/** Body of a create. */
export const createResourceOwner = z.strictObject({
  name: ownerNameSchema,
  displayName: displayName.optional().describe('Default: the name.'),
  email: email.default(''),
  directory: nameSchema.default('local').describe('Name of the directory.'),
  password: passwordSchema.optional().describe('For a local directory; left out: nobody can sign in until one is set.'),
});

/** Body of a patch. In directories that are not local, the next sign-in brings what the directory says. */
export const patchResourceOwner = z.strictObject({ displayName, email }).partial();

/** Body of setting a password. */
export const setOwnerPassword = z.strictObject({
  password: passwordSchema,
  revokeTokens: z.boolean().default(true).describe('Also revoke every token and grant that there is.'),
});

/** A resource owner: who signs in at the authorization end point. */
export const resourceOwner = z.strictObject({
  ...recordFields,
  id: z.string().describe('The subject (`sub`) of tokens; never reused.'),
  name: shownName,
  displayName: z.string(),
  email: z.string(),
  directory: nameSchema.describe('Name of the directory.'),
  active: z.boolean().describe('Off: refused at sign-in, and their tokens at once.'),
  hasPassword: z.boolean().describe('A password is kept here, as its hash.'),
  generation: z.int().describe('Raised when all tokens are revoked.'),
  stateChangedAt: z.number().optional().describe('When the standing changed last, epoch ms.'),
  stateChangedBy: z.string().optional(),
  stateReason: z.string().optional(),
  lastSignedInAt: z.number().optional(),
  lockedUntil: z.number().optional().describe('Epoch ms until which sign-in is refused from some address.'),
});
export type ShownResourceOwner = z.infer<typeof resourceOwner>;

/** What a resource owner allowed a client. */
export const ownerConsent = z.strictObject({
  client: z.string().describe('Name of the client; its id when it is gone.'),
  clientDisplayName: z.string(),
  project: z.string().describe('Name of the token end point project; its id when it is gone.'),
  scopes: z.array(z.string()),
  grantedAt: z.number().describe('Epoch ms.'),
  updatedAt: z.number().describe('Epoch ms.'),
});
export type OwnerConsent = z.infer<typeof ownerConsent>;

/** Body of a revocation of grants. */
export const revokeGrants = z.strictObject({
  client: z.string().min(1).max(128).optional().describe('Only those to this client: its name or id.'),
  reason: z.string().max(500).optional().describe('Why, for the audit trail and explanations.'),
});

/** Answer to it. */
export const revokedGrants = z.strictObject({ revoked: z.int().describe('How many grants died.') });

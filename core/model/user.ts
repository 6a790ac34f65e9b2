import * as z from 'zod';
import { recordFields } from './record.ts';
import { roleGrants } from './role-grant.ts';

/** Name with which a person signs in. */
export const userNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?$/, 'Lower-case letters, digits and . _ @ -, 1 to 63 characters.')
  .describe('Name to sign in with.');

/** A password for the console: 12 characters at least, no other rule (NIST SP 800-63B §3.1.1). */
export const passwordSchema = z
  .string()
  .min(12, 'At least 12 characters.')
  .max(256, 'At most 256 characters.')
  .describe('Password, 12 characters at least.');

const displayName = z.string().trim().min(1, 'Give a name.').max(64).describe('Name as others see it.');
const email = z.union([z.literal(''), z.email().max(254)]).describe('E-mail address, or empty.');

/** Body of a create. Without a password the person gets a one-time link to choose one. */
export const createUser = z.strictObject({
  name: userNameSchema,
  displayName: displayName.optional().describe('Default: the user name.'),
  email: email.default(''),
  roles: roleGrants,
  password: passwordSchema.optional(),
});
export type CreateUser = z.infer<typeof createUser>;

/** Body of a patch. */
export const patchUser = z
  .strictObject({
    displayName,
    email,
    roles: roleGrants,
    active: z.boolean().describe('Off: signed out everywhere, and the keys end.'),
  })
  .partial();

/** A person of the console. */
export const user = z.strictObject({
  ...recordFields,
  name: userNameSchema,
  displayName,
  email,
  roles: roleGrants,
  active: z.boolean(),
  secondFactor: z.boolean().describe('Signs in with a time-based code too (RFC 6238).'),
  source: z.string().describe('`local`, or the name of the identity provider that they sign in through.'),
  lastSignedInAt: z.number().optional(),
  lockedUntil: z.number().optional().describe('Epoch ms until which sign-in is refused after too many tries.'),
});
export type User = z.infer<typeof user>;

/** Who is signed in, and what the console needs to know of the place. */
export const session = z.strictObject({
  user: z.strictObject({
    id: z.string(),
    name: userNameSchema,
    displayName: z.string(),
    email: z.string(),
    secondFactor: z.boolean(),
    source: z.string(),
  }),
  roles: roleGrants,
  csrfToken: z.string().describe('Sent as X-CSRF-Token with every unsafe request of this session.'),
  signedInAt: z.number(),
  idleEndsAt: z.number().describe('Epoch ms at which it ends unless used.'),
  teamName: z.string(),
  version: z.string(),
});
export type Session = z.infer<typeof session>;

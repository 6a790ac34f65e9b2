import * as z from 'zod';
import { lineSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';
import { ROLES } from './role.ts';
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

const displayName = lineSchema.trim().min(1, 'Give a name.').max(64).describe('Name as others see it.');
const email = z.union([z.literal(''), z.email().max(254)]).describe('E-mail address, or empty.');

/** Body of a create. Without a password the person gets a one-time link to choose one. */
export const createUser = z.strictObject({
  name: userNameSchema,
  displayName: displayName.optional().describe('Default: the user name.'),
  email: email.default(''),
  roles: roleGrants,
  password: passwordSchema.optional(),
  source: nameSchema
    .optional()
    .describe('Name of the identity provider that they sign in through; left out: a password of their own.'),
});

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
  mustAddSecondFactor: z
    .boolean()
    .describe('A second factor is required and they have none: until they set one up, only that is allowed.'),
  csrfToken: z.string().describe('Sent as X-CSRF-Token with every unsafe request of this session.'),
  signedInAt: z.number(),
  idleEndsAt: z.number().describe('Epoch ms at which it ends unless used.'),
  teamName: z.string(),
  version: z.string(),
});
export type Session = z.infer<typeof session>;

const shownPassword = z.string().min(1, 'Give the password.').max(256);
const code = z.string().trim().max(64).describe('Time-based code of 6 digits, or a recovery code.');

/** Body of a sign-in. */
export const signIn = z.strictObject({
  name: z.string().trim().min(1, 'Give your name.').max(256).describe('User name; capitals do not matter.'),
  password: shownPassword,
  code: code.optional().describe('Time-based code or recovery code, when a second factor is set up.'),
  keepSignedIn: z.boolean().default(false).describe('Stay signed in on this device.'),
});
export type SignIn = z.infer<typeof signIn>;

/** What the sign-in page needs to know before anybody is signed in. */
export const signInPage = z.strictObject({
  setupOpen: z.boolean().describe('The first administrator is still to be made, with the setup link.'),
  teamName: z.string(),
  identityProviders: z.array(z.strictObject({ name: nameSchema, displayName: z.string() })),
});

/** Body of a patch of one's own profile. */
export const patchProfile = z.strictObject({ displayName, email }).partial();

/** Body of a change of one's own password. */
export const changePassword = z.strictObject({ current: shownPassword, next: passwordSchema });

/** Body of what asks for the password again. */
export const confirmPassword = z.strictObject({ password: shownPassword });

/** The secret of a second factor before it holds: to be scanned, then confirmed with a code. */
export const newSecondFactor = z.strictObject({
  secret: z.string().describe('Base 32, to type in.'),
  uri: z.string().describe('otpauth: URI, to show as a QR code.'),
});

/** Body of the confirmation of a second factor. */
export const confirmSecondFactor = z.strictObject({ code });

/** Codes that work once each instead of a time-based code. Shown this once. */
export const recoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });

/** A one-time link to choose a password. */
export const passwordLink = z.strictObject({
  link: z.string().describe('Shown this once. It works once.'),
  endsAt: z.number().describe('Epoch ms.'),
});

/** Body of the redeeming of a password link. */
export const redeemPasswordLink = z.strictObject({ token: z.string().min(1).max(512), password: passwordSchema });

/** Who calls, by session, key or socket. */
export const whoami = z.strictObject({
  name: z.string().describe('User name, name of a machine key, or `local`.'),
  via: z.enum(['console', 'api', 'socket']),
  roles: z.array(z.strictObject({ role: z.enum(ROLES), serverGroup: z.string().optional() })),
  key: z.strictObject({ name: z.string(), endsAt: z.number().optional() }).optional().describe('The key that calls.'),
});
export type Whoami = z.infer<typeof whoami>;

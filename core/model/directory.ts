import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

/** Kinds of directories of resource owners. */
export const DIRECTORY_KINDS = ['local', 'ldap', 'oidc'] as const;

/** Stands for the name that somebody typed, in DNs and filters. */
export const USERNAME_PLACE = '{username}';

const attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9;-]{0,63}$/, 'An attribute name, e.g. uid.');
const dn = z.string().max(1000);

const ldapFields = {
  url: z
    .string()
    .max(300)
    .regex(/^ldaps?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/, 'For example ldaps://ldap.example.com.')
    .describe('Where the LDAP server is: ldaps://host, or ldap://host with StartTLS.'),
  startTls: z.boolean().describe('With ldap://, TLS before anything else is said (RFC 4511 §4.14).'),
  ca: z.string().max(20_000).describe("Certificates (PEM) that the server's must lead to; empty: those of the system."),
  userDn: dn.describe(
    'DN of a person, with {username} in it, e.g. uid={username},ou=people,dc=example,dc=com; empty: they are searched for.',
  ),
  searchBase: dn.describe('Where people are searched for.'),
  searchFilter: z
    .string()
    .max(1000)
    .describe('How (RFC 4515), with {username} in it, e.g. (&(objectClass=person)(uid={username})).'),
  bindDn: dn.describe('Who searches; empty: anybody may.'),
  idAttribute: attribute.describe(
    'Attribute that stays the same for a person and is never given to another one: entryUUID, objectGUID.',
  ),
  nameAttribute: attribute.describe('Attribute with the name that people sign in with.'),
  displayNameAttribute: attribute.describe('Attribute with the name that others see.'),
  emailAttribute: attribute.describe('Attribute with the e-mail address.'),
  timeoutMs: z.int().min(200).max(10_000).describe('How long an answer of the server is waited for, in ms.'),
};

const bindPassword = z.string().max(1024).describe('Password of the one who searches. Never shown again.');

/** How an LDAP server is asked. */
export const ldapSettings = z.strictObject(ldapFields);
export type LdapSettings = z.infer<typeof ldapSettings>;

const newLdapSettings = z.strictObject({
  ...ldapFields,
  startTls: ldapFields.startTls.default(true),
  ca: ldapFields.ca.default(''),
  userDn: ldapFields.userDn.default(''),
  searchBase: ldapFields.searchBase.default(''),
  searchFilter: ldapFields.searchFilter.default('(uid={username})'),
  bindDn: ldapFields.bindDn.default(''),
  idAttribute: ldapFields.idAttribute.default('entryUUID'),
  nameAttribute: ldapFields.nameAttribute.default('uid'),
  displayNameAttribute: ldapFields.displayNameAttribute.default('cn'),
  emailAttribute: ldapFields.emailAttribute.default('mail'),
  timeoutMs: ldapFields.timeoutMs.default(5000),
  bindPassword: bindPassword.optional(),
});

const oidcFields = {
  issuer: z
    .url({ protocol: /^https?$/, error: 'Give the issuer as an https URL, e.g. https://login.example.com.' })
    .max(2048)
    .describe('Issuer of the provider; its description is read from /.well-known/openid-configuration.'),
  clientId: z.string().min(1).max(512).describe('Client id that the provider gave.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/, 'A scope has no spaces.'))
    .max(20)
    .describe('Asked for beside `openid`.'),
  nameClaim: z
    .string()
    .regex(/^[\x21-\x7E]{1,128}$/, 'A claim name has no spaces.')
    .describe('Claim with the name that people are known by.'),
};
const clientSecret = z.string().min(1).max(1024).describe('Client secret that the provider gave. Never shown again.');

/** How people sign in at an OpenID Connect provider. */
const oidcSettings = z.strictObject(oidcFields);

const newOidcSettings = z.strictObject({
  ...oidcFields,
  scopes: oidcFields.scopes.default(['profile', 'email']),
  nameClaim: oidcFields.nameClaim.default('preferred_username'),
  clientSecret: clientSecret.optional(),
});

const kind = z
  .enum(DIRECTORY_KINDS)
  .describe('local: passwords kept here. ldap: a server checks them. oidc: people sign in at a provider.');
const active = z.boolean().describe('Off: nobody signs in through it; tokens that there are stay.');
const createOwners = z
  .boolean()
  .describe('Whoever signs in first becomes a resource owner; off: they must have been made here.');

/** Body of a create. */
export const createDirectory = z.strictObject({
  name: nameSchema.optional(),
  displayName: displayNameSchema,
  kind: kind.default('local'),
  active: active.default(true),
  createOwners: createOwners.default(true),
  ldap: newLdapSettings.optional().describe('For the kind ldap.'),
  oidc: newOidcSettings.optional().describe('For the kind oidc.'),
});
export type CreateDirectory = z.output<typeof createDirectory>;

/** Body of a patch; what is left out of `ldap` and `oidc` stays. */
export const patchDirectory = z
  .strictObject({
    displayName: displayNameSchema,
    active,
    createOwners,
    ldap: z.strictObject({ ...ldapFields, bindPassword }).partial(),
    oidc: z.strictObject({ ...oidcFields, clientSecret }).partial(),
  })
  .partial();
export type PatchDirectory = z.output<typeof patchDirectory>;

/** Body of a check. */
export const checkDirectoryRequest = z.strictObject({
  username: z
    .string()
    .max(256)
    .optional()
    .describe(
      'Looked up as at a sign-in, without a password; only in an LDAP server in which people are searched for.',
    ),
});

/** Answer to it. */
export const directoryCheck = z.strictObject({
  isReached: z.boolean().describe('The server was reached and takes us for who we say we are.'),
  ms: z.int().describe('How long it took.'),
  problem: z.string().optional().describe('What went wrong, as the server or the way to it says.'),
  person: z
    .strictObject({ id: z.string(), name: z.string(), displayName: z.string(), email: z.string() })
    .optional()
    .describe('Whom it knows by the name; left out: nobody, or no name was given.'),
});
export type DirectoryCheck = z.infer<typeof directoryCheck>;

/** A directory of resource owners. */
export const directory = z.strictObject({
  ...recordFields,
  name: nameSchema,
  displayName: displayNameSchema,
  kind,
  active,
  createOwners,
  ldap: ldapSettings.optional(),
  oidc: oidcSettings.optional(),
  hasCredentials: z.boolean().describe('A bind password or client secret is kept, sealed.'),
});
export type Directory = z.infer<typeof directory>;

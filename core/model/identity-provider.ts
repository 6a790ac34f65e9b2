import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';
import { roleGrants } from './role-grant.ts';

const claim = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7E]+$/, 'A claim name has no spaces.');

const fields = {
  displayName: displayNameSchema,
  issuer: z
    .url({ protocol: /^https?$/, error: 'Give the issuer as an https URL, e.g. https://login.example.com.' })
    .max(2048)
    .describe('Issuer of the provider; its description is read from /.well-known/openid-configuration.'),
  clientId: z.string().min(1).max(512).describe('Client id that the provider gave.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/, 'A scope has no spaces.'))
    .max(20)
    .describe('Asked for beside `openid`.'),
  nameClaim: claim.describe('Claim of the ID token that becomes the user name.'),
  roleClaim: claim.optional().describe('Claim with the groups or roles of the person; left out: `defaultRoles`.'),
  roleMapping: z
    .array(z.strictObject({ value: z.string().min(1).max(256), roles: roleGrants }))
    .max(100)
    .describe('Which value of the role claim gives which roles.'),
  defaultRoles: z
    .array(roleGrants.element)
    .max(50)
    .describe('Roles of those for whom the role claim says nothing. Empty: they are refused.'),
  createUsers: z.boolean().describe('Whoever signs in first becomes a user; off: an admin must have made them.'),
  active: z.boolean().describe('Off: nobody signs in through it.'),
};

const clientSecret = z.string().min(1).max(1024).describe('Client secret that the provider gave. Never shown again.');

/** Body of a create. */
export const createIdentityProvider = z.strictObject({
  ...fields,
  name: nameSchema.optional(),
  clientSecret,
  scopes: fields.scopes.default(['profile', 'email']),
  nameClaim: fields.nameClaim.default('preferred_username'),
  roleMapping: fields.roleMapping.default([]),
  defaultRoles: fields.defaultRoles.default([]),
  createUsers: fields.createUsers.default(false),
  active: fields.active.default(true),
});

/** Body of a patch. */
export const patchIdentityProvider = z.strictObject({ ...fields, clientSecret }).partial();

/** An OpenID Connect provider through which people sign in (OpenID Connect Core 1.0, code flow with PKCE). */
export const identityProvider = z.strictObject({
  ...recordFields,
  name: nameSchema,
  ...fields,
  callbackUrl: z.string().optional().describe('To be registered at the provider as redirect URI.'),
});
export type IdentityProvider = z.infer<typeof identityProvider>;

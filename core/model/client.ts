import * as z from 'zod';
import { CERTIFICATE_NAME_FIELDS, certificateNameFault } from './certificate-name.ts';
import { CLIENT_AUTH_METHODS } from './client-auth-method.ts';
import { clientKeys } from './client-key.ts';
import { descriptionSchema, displayNameSchema, lineSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';
import { redirectUri } from './redirect-uri.ts';

/** Kinds of clients (RFC 6749 §2.1). */
export const CLIENT_KINDS = ['server', 'public'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

const certificateName = z
  .strictObject({
    field: z.enum(CERTIFICATE_NAME_FIELDS).describe('The subject, or one kind of alternative names.'),
    value: lineSchema.min(1).max(1024).describe('The name itself; a subject as RFC 4514 writes it: CN=shop,O=Example.'),
  })
  .describe('The one name that its certificate must bear, for tls_client_auth.');

/** The same, as it must be to be found in a certificate. */
const fitCertificateName = certificateName.superRefine(({ field, value }, { addIssue }) => {
  const message = certificateNameFault(field, value);
  if (message !== undefined) addIssue({ code: 'custom', path: ['value'], message });
});

const fields = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  ownerEmail: z.union([z.literal(''), z.email().max(254)]).describe('Whom to write to.'),
  authMethod: z
    .enum(CLIENT_AUTH_METHODS)
    .describe(
      'How it proves itself at the token end point: client_secret takes header or body, as the policy allows; the others are enforced. none: public clients, and only they. With client_secret_jwt its secrets are kept encrypted instead of hashed, because they must be read again.',
    ),
  redirectUris: z
    .array(redirectUri)
    .max(50)
    .describe('Where resource owners are sent back to. Compared letter by letter.'),
  jwksUri: z
    .union([
      z.literal(''),
      z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .refine((text) => /^(?:https:|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)[:/])/.test(text), 'Use https.'),
    ])
    .describe('Where its public keys are fetched, when they are not given as jwks.'),
  certificateBound: z
    .boolean()
    .describe('Its tokens are good only with the certificate that it showed when it got them (RFC 8705 §3).'),
  tags: z.array(lineSchema.min(1).max(64)).max(20),
};

/** Fields that need not be there; null takes them back. */
const optionalFields = { jwks: clientKeys, certificateName: fitCertificateName };

/** Body of a create. */
export const createClient = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  description: fields.description.default(''),
  ownerEmail: fields.ownerEmail.default(''),
  kind: z
    .enum(CLIENT_KINDS)
    .default('server')
    .describe('server: keeps a secret or key. public: a browser or mobile app, which can keep none.'),
  authMethod: fields.authMethod.optional(),
  redirectUris: fields.redirectUris.default([]),
  jwks: optionalFields.jwks.optional(),
  jwksUri: fields.jwksUri.default(''),
  certificateName: optionalFields.certificateName.optional(),
  certificateBound: fields.certificateBound.default(false),
  tags: fields.tags.default([]),
});

/** Body of a patch; null takes jwks and certificateName back. */
export const patchClient = z
  .strictObject({
    ...fields,
    jwks: optionalFields.jwks.nullable(),
    certificateName: optionalFields.certificateName.nullable(),
  })
  .partial();

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
  kind: z.enum(CLIENT_KINDS),
  ...fields,
  jwks: optionalFields.jwks.optional(),
  // What an earlier version took is still shown.
  certificateName: certificateName.optional(),
  tags: z.array(z.string()),
  redirectUris: z.array(z.string()),
  active: z.boolean().describe('Disabled clients are refused at once; it can be undone.'),
  ...standingFields,
});
export type Client = z.infer<typeof client>;

/** Body of enable, disable, suspend, resume, end, approve, revoke-tokens: why. */
export const stateChange = z.strictObject({
  reason: z.string().max(500).optional().describe('Why, for the audit trail and explain.'),
});

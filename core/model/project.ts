import * as z from 'zod';
import { endpoints, noEndpoints } from './endpoint.ts';
import { descriptionSchema, displayNameSchema, nameSchema } from './name.ts';
import { PROJECT_KINDS } from './project-kind.ts';
import { recordFields } from './record.ts';

export { PROJECT_KIND_TITLES, PROJECT_KINDS } from './project-kind.ts';

/** Spellings of a path that are refused unless a project allows them (decision 17). */
export const PATH_FORMS = ['encoded-slash', 'double-slash', 'semicolon'] as const;

/** A proxy context path: starts with `/`, whole segments, no trailing slash (but `/` itself), unreserved characters only. */
export const contextPathSchema = z
  .string()
  .max(256, 'At most 256 characters.')
  .regex(/^\//, 'Start with /.')
  .regex(
    /^\/(?:[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*)?$/,
    'Segments of letters, digits and - . _ ~, without // and without a / at the end.',
  )
  .refine(
    (path) => path !== '/.well-known' && !path.startsWith('/.well-known/'),
    'The path /.well-known/ is kept for metadata.',
  )
  .describe(
    'Where the project is published, e.g. /orders. Unique per server group and host; the longest whole-segment prefix wins.',
  );

const hostSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'A host name in lower case, without port.');

const fields = {
  displayName: displayNameSchema,
  contextPath: contextPathSchema,
  hosts: z.array(hostSchema).max(50).describe('Host names it answers on; empty: all.'),
  description: descriptionSchema,
  keepContextPath: z
    .boolean()
    .describe('On: the target sees the context path too. Off: /orders/1 becomes /1 behind the target URL.'),
  allowPathForms: z
    .array(z.enum(PATH_FORMS))
    .max(3)
    .describe('Ambiguous spellings that are let through: encoded-slash, double-slash, semicolon.'),
  trailingSlash: z
    .enum(['ignore', 'strict'])
    .describe('ignore: /a/ is routed like /a (and forwarded as sent). strict: they are different.'),
  endpoints: endpoints.describe('Policies attached at project level; they run around those of the resource.'),
};

/** Secure API with: what every resource of the project demands, also those added later (decision 16). */
const secureWithSchema = z
  .enum(['none', 'oauth'])
  .describe('Secure API with: none, or oauth (OAuth 2.0 Access Tokens).');

/** Body of a create. */
export const createProject = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  kind: z
    .enum(PROJECT_KINDS)
    .describe('oauth-token-endpoint, oauth-authorization-endpoint, http (REST/HTTP) or wsdl (SOAP).'),
  contextPath: fields.contextPath,
  hosts: fields.hosts.default([]),
  description: fields.description.default(''),
  keepContextPath: fields.keepContextPath.default(false),
  allowPathForms: fields.allowPathForms.default([]),
  trailingSlash: fields.trailingSlash.default('ignore'),
  secureWith: secureWithSchema.default('none'),
  endpoints: fields.endpoints.default(noEndpoints()),
  /** oauth-token-endpoint: the wizard's own field. */
  accessTokenExpiryMs: z
    .int()
    .min(1000, 'At least 1 s (1000).')
    .max(2_592_000_000, 'At most 30 days.')
    .optional()
    .describe(
      'Access Token Expiry Time of the token end point, in milliseconds (1 s to 30 d). Only for oauth-token-endpoint.',
    ),
  /** oauth-authorization-endpoint: the wizard's own field. */
  tokenProject: nameSchema
    .optional()
    .describe(
      'Token end point project whose issuer, store and keys the authorization end point shares; left out: the only one there is. Only for oauth-authorization-endpoint.',
    ),
  /** http, wsdl: the wizard's target. */
  targetUrl: z
    .string()
    .max(2048)
    .optional()
    .describe('URL of the target, e.g. http://127.0.0.1:8080. Makes the target "default". For http and wsdl.'),
  /** http, wsdl with secureWith oauth: where the token is looked for. */
  tokenIn: z
    .array(z.enum(['header', 'query', 'body']))
    .min(1)
    .optional()
    .describe('Access token location for secureWith oauth; default header.'),
  scopes: z.array(z.string()).max(100).optional().describe('Scopes that secureWith oauth demands; default none.'),
});
export type CreateProject = z.infer<typeof createProject>;

/** Body of a patch: only what changes. */
export const patchProject = z.strictObject({ ...fields, secureWith: secureWithSchema }).partial();

/** A project's draft. `securePolicy` names the policy that *Secure API with* attached. */
export const project = z.strictObject({
  ...recordFields,
  name: nameSchema,
  kind: z.enum(PROJECT_KINDS),
  ...fields,
  secureWith: secureWithSchema,
  securePolicy: nameSchema.optional().describe('The policy that Secure API with put on every resource.'),
});
export type Project = z.infer<typeof project>;

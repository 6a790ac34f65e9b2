import * as z from 'zod';
import { nameSchema } from '#core/model/name';
import { PROFILES } from '#core/model/oauth-profile';
import { SIGNING_ALGORITHMS } from '#core/signing-keys';
import { GRANT_TYPES } from '#core/token-issuer';
import { ASSIGNABLE_MESSAGE, isAssignable } from '#core/whiteboard';
import { additionalParameters, KEPT_SECRET_MESSAGE, keepsSecret } from './additional-parameters.ts';
import { trustedIssuers } from './trusted-issuers.ts';

const MAX_EXPIRY_MS = 2_592_000_000;
const YEAR_MS = 31_536_000_000;

/** A list in which nothing stands twice. */
const once = (values: readonly string[]) => new Set(values).size === values.length;

const parameterName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21\x23-\x24\x27-\x3C\x3E-\x5B\x5D-\x7E]+$/, 'Printable characters without space, ", %, &, = and \\.');

const credentialsIn = z
  .strictObject({
    header: z.boolean().default(true).meta({
      title: 'In Authorization header',
      description: 'Read client id and secret from HTTP Basic (RFC 6749 §2.3.1).',
    }),
    body: z.boolean().default(true).meta({
      title: 'In form body',
      description: 'Read client id and secret from the form body.',
    }),
    query: z.boolean().default(false).meta({
      title: 'In query string',
      description:
        'Read client id and secret from the query too. RFC 6749 §2.3.1 forbids it: others may log the secret.',
      group: 'advanced',
    }),
    idParameter: parameterName.default('client_id').meta({
      title: 'Client id parameter',
      description: 'Name of the client id (consumer key) in body and query.',
      group: 'advanced',
    }),
    secretParameter: parameterName.default('client_secret').meta({
      title: 'Client secret parameter',
      description: 'Name of the client secret (consumer secret) in body and query.',
      group: 'advanced',
    }),
  })
  .refine(({ header, body, query }) => header || body || query, 'Read credentials from one place at least.')
  .refine(({ idParameter, secretParameter }) => idParameter !== secretParameter, {
    path: ['secretParameter'],
    message: 'Id and secret need different names.',
  });

/** Every setting, with what the form says of it. */
const settings = z.strictObject({
  accessTokenExpiryMs: z
    .int()
    .min(1000, 'At least 1 s (1000).')
    .max(MAX_EXPIRY_MS, 'At most 30 days.')
    .default(3_600_000)
    .meta({
      title: 'Access Token Expiry Time',
      description: 'How long an access token is valid; answered as expires_in in whole seconds.',
      unit: 'ms',
    }),
  profile: z.enum(PROFILES).default('custom').meta({
    title: 'Profile',
    description:
      'seed: as the older products have it. bcp: RFC 9700, the best current practice. Deviations from it are listed, not refused. custom: none.',
  }),
  grantTypes: z
    .array(z.enum(GRANT_TYPES))
    .min(1, 'Offer one grant type at least.')
    .refine(once, 'Each grant type once.')
    .default(['client_credentials', 'authorization_code', 'refresh_token'])
    .meta({
      title: 'Grant types',
      description:
        'Grant types that are offered here. authorization_code needs an OAuth Authorization End Point project; RFC 9700 §2.4 advises against password.',
    }),
  directory: z
    .union([z.literal(''), nameSchema])
    .default('local')
    .meta({
      title: 'User directory',
      description: 'Name of the directory, local or LDAP, against which the password grant checks names and passwords.',
      when: { field: 'grantTypes', is: 'password' },
    }),
  trustedIssuers: trustedIssuers.meta({
    title: 'Trusted issuers',
    description: 'Whose JWTs are believed as grants (RFC 7523 §2.1).',
    when: { field: 'grantTypes', is: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
  }),
  clientCredentialsIn: credentialsIn.prefault({}).meta({
    title: 'Find client credentials',
    description: 'Where client id and secret are read from. Sending them in two places is refused.',
  }),
  scopeSource: z.enum(['registered', 'policy']).default('registered').meta({
    title: 'Generate token scopes',
    description:
      'registered: from the scopes registered for the subscription. policy: a policy chain decides, and leaves a set of strings.',
  }),
  scopeMatch: z.enum(['any', 'all']).default('any').meta({
    title: 'Scopes must match',
    description:
      'any: the token gets those of the requested scopes that are registered, one at least. all: every requested scope must be registered.',
  }),
  scopeChain: z
    .union([z.literal(''), nameSchema])
    .default('')
    .meta({
      title: 'Policy chain for scopes',
      description: 'Name of the policy chain of this project that decides.',
      when: { field: 'scopeSource', is: 'policy' },
    }),
  scopeAttribute: z
    .string()
    .min(1)
    .refine(isAssignable, ASSIGNABLE_MESSAGE)
    .default('scopes.for.token')
    .meta({
      title: 'Scopes approved for token are stored in',
      description: 'Attribute on the whiteboard where the chain leaves a set of strings.',
      when: { field: 'scopeSource', is: 'policy' },
    }),
  includeRefreshToken: z.boolean().default(true).meta({
    title: 'Include Refresh Token',
    description: 'Hand out a refresh token with each access token of a resource owner, where refresh_token is offered.',
  }),
  refreshTokenForClientCredentials: z.boolean().default(false).meta({
    title: 'Also for client_credentials',
    description: 'RFC 6749 §4.4.3 advises against it: such a client can ask again at any time.',
    group: 'advanced',
  }),
  refreshTokenExpiryMs: z
    .int()
    .min(1000, 'At least 1 s (1000).')
    .max(YEAR_MS, 'At most 365 days.')
    .default(43_200_000)
    .meta({
      title: 'Refresh Token Expiry',
      description: 'How long a refresh token is valid; each rotation begins anew.',
      unit: 'ms',
    }),
  refreshTokenLength: z.int().min(22, 'At least 22: fewer can be guessed.').max(512, 'At most 512.').default(46).meta({
    title: 'Refresh Token Length',
    description: 'Characters of a refresh token. Below 43 it has less than 256 bits.',
    unit: 'characters',
    group: 'advanced',
  }),
  refreshTokenRotation: z.enum(['rotate', 'preserve', 'none']).default('rotate').meta({
    title: 'Refresh token rotation',
    description:
      'rotate: each use gives a new one, and one that comes again ends everything that came of it (RFC 9700 §4.14). preserve: the same one goes on, except for public clients. none: it works once and gives no other.',
    group: 'advanced',
  }),
  refreshGraceMs: z.int().min(0).max(60_000, 'At most 60 s.').default(0).meta({
    title: 'Grace for retries',
    description:
      'A used refresh token that comes again within this time gets an access token, and nothing ends: for clients that lose answers.',
    unit: 'ms',
    group: 'advanced',
  }),
  tokenStore: z
    .union([z.literal(''), nameSchema])
    .default('')
    .meta({
      title: 'Token store',
      description:
        'Name of the token store in which tokens, codes and refresh tokens are kept; empty: the default one. What was issued before stays where it is, and stays usable.',
      namesOf: 'token-stores',
    }),
  accessTokenFormat: z.enum(['opaque', 'jwt']).default('opaque').meta({
    title: 'Access token format',
    description:
      'opaque: random characters. jwt: a signed JWT (RFC 9068), which others can check by the keys at /jwks.',
  }),
  signingAlgorithm: z
    .enum(SIGNING_ALGORITHMS)
    .default('ES256')
    .meta({
      title: 'Signing algorithm',
      description: 'With which JWT access tokens are signed.',
      when: { field: 'accessTokenFormat', is: 'jwt' },
    }),
  accessTokenLength: z.int().min(22, 'At least 22: fewer can be guessed.').max(512, 'At most 512.').default(54).meta({
    title: 'Access Token Length',
    description:
      'Characters of an opaque access token. Below 43 it has less than 256 bits; from 54 up made-up tokens are refused without asking the store.',
    unit: 'characters',
    group: 'advanced',
  }),
  accessTokenType: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9._-]+$/, 'Letters, digits and . _ - only (RFC 6749 appendix A.13).')
    .default('Bearer')
    .meta({
      title: 'Access Token Type',
      description: 'token_type of the answer; clients that do not know it cannot use the token.',
      group: 'advanced',
    }),
  additionalParameters: additionalParameters.meta({
    title: 'Additional parameters',
    description:
      'Stored with each token; policies behind Verify can read them, and introspection shows them. They are not in the answer.',
    group: 'advanced',
  }),
  reuseWindowMs: z.int().min(0).max(3_600_000, 'At most 1 h.').default(0).meta({
    title: 'Reuse window',
    description:
      'An identical client_credentials request within this time gets the same token again; 0: never. Its life counts from the begin of the window.',
    unit: 'ms',
    group: 'advanced',
  }),
  deviceCodeExpiryMs: z
    .int()
    .min(60_000, 'At least 1 min (60000).')
    .max(3_600_000, 'At most 1 h.')
    .default(600_000)
    .meta({
      title: 'Device Code Expiry Time',
      description: 'How long people have to enter the code that their device shows (RFC 8628).',
      unit: 'ms',
      when: { field: 'grantTypes', is: 'urn:ietf:params:oauth:grant-type:device_code' },
    }),
  devicePollMs: z
    .int()
    .min(1000, 'At least 1 s (1000).')
    .max(60_000, 'At most 60 s.')
    .default(5000)
    .meta({
      title: 'Device polling interval',
      description: 'How long a device waits between two tries.',
      unit: 'ms',
      when: { field: 'grantTypes', is: 'urn:ietf:params:oauth:grant-type:device_code' },
    }),
  tokenInformation: z.boolean().default(false).meta({
    title: 'Token information',
    description:
      'Answer token information at /tokeninfo to whoever has a token, as Axway does. RFC 7662 wants callers to prove who they are: /introspect does.',
    group: 'advanced',
  }),
  monitoring: z.boolean().default(true).meta({
    title: 'Record usage',
    description: 'Count issued tokens and name the client in the records.',
    group: 'advanced',
  }),
});

/** Settings of the OAuth Token End Point policy (`product.md` §3). */
export const schema = settings
  .refine((all) => !keepsSecret(all.additionalParameters, all.clientCredentialsIn.secretParameter), {
    path: ['additionalParameters'],
    message: KEPT_SECRET_MESSAGE,
  })
  .refine(({ scopeSource, scopeChain }) => scopeSource === 'registered' || scopeChain !== '', {
    path: ['scopeChain'],
    message: 'Name the policy chain that decides the scopes.',
  })
  .refine(({ grantTypes, directory }) => !grantTypes.includes('password') || directory !== '', {
    path: ['directory'],
    message: 'The password grant needs a user directory.',
  })
  .refine(({ reuseWindowMs, accessTokenFormat }) => reuseWindowMs === 0 || accessTokenFormat === 'opaque', {
    path: ['reuseWindowMs'],
    message: 'Only opaque tokens can be given again.',
  })
  .refine(({ reuseWindowMs, accessTokenExpiryMs }) => reuseWindowMs <= accessTokenExpiryMs / 2, {
    path: ['reuseWindowMs'],
    message: 'At most half of the access token expiry time.',
  })
  .refine(({ reuseWindowMs, accessTokenLength }) => reuseWindowMs === 0 || accessTokenLength >= 43, {
    path: ['reuseWindowMs'],
    message: 'Tokens that are given again need at least 43 characters.',
  });

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

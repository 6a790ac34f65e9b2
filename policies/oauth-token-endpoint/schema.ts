import * as z from 'zod';
import { selectorText } from '../text.ts';

const MAX_EXPIRY_MS = 2_592_000_000;

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

/** Settings of the OAuth Token End Point policy (`product.md` §3). */
export const schema = z.strictObject({
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
  grantTypes: z
    .array(z.enum(['client_credentials']))
    .min(1, 'Offer one grant type at least.')
    .refine((types) => new Set(types).size === types.length, 'Each grant type once.')
    .default(['client_credentials'])
    .meta({ title: 'Grant types', description: 'Grant types that are offered here.' }),
  clientCredentialsIn: credentialsIn.prefault({}).meta({
    title: 'Find client credentials',
    description: 'Where client id and secret are read from. Sending them in two places is refused.',
  }),
  scopeMatch: z.enum(['any', 'all']).default('any').meta({
    title: 'Scopes must match',
    description:
      'any: the token gets those of the requested scopes that are registered, one at least. all: every requested scope must be registered.',
  }),
  accessTokenLength: z.int().min(22, 'At least 22: fewer can be guessed.').max(512, 'At most 512.').default(54).meta({
    title: 'Access Token Length',
    description:
      'Characters of an access token. Below 43 it has less than 256 bits; from 54 up made-up tokens are refused without asking the store.',
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
  additionalParameters: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(64)
          .regex(/^[A-Za-z0-9._-]+$/, 'Letters, digits and . _ - only.')
          .meta({ title: 'Name', description: 'Name of the parameter, e.g. Department.' }),
        value: selectorText(1024).meta({ title: 'Value', description: 'Its value, e.g. Engineering.' }),
      }),
    )
    .max(20)
    .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, 'Each name once.')
    .default([])
    .meta({
      title: 'Additional parameters',
      description: 'Stored with each token; policies behind Verify can read them. They are not in the answer.',
      group: 'advanced',
    }),
  monitoring: z.boolean().default(true).meta({
    title: 'Record usage',
    description: 'Count issued tokens and name the client in the records.',
    group: 'advanced',
  }),
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

import * as z from 'zod';
import { scopeSchema } from '#core/model/scope';
import { hasOnlySelectors, SELECTOR_MESSAGE } from '#core/selector';
import { headerNameSchema } from '../text.ts';
import { foreignIssuer, neededBy } from './foreign-schema.ts';

const parameterName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._~-]+$/, 'Letters, digits and . _ ~ - only.');

const settings = z.strictObject({
  tokenIn: z
    .array(z.enum(['header', 'query', 'body']))
    .min(1, 'Look in one place at least.')
    .refine((places) => new Set(places).size === places.length, 'Each place once.')
    .default(['header'])
    .meta({
      title: 'Access token location',
      description: 'Where the token is looked for. A token in the query may be logged by others (RFC 6750 §2.3).',
    }),
  scopes: z
    .array(scopeSchema)
    .max(100)
    .refine((scopes) => new Set(scopes).size === scopes.length, 'Each scope once.')
    .default([])
    .meta({ title: 'Scopes', description: 'Scopes that a token needs here; none: every valid token will do.' }),
  scopeMatch: z.enum(['any', 'all']).default('all').meta({
    title: 'Scopes must match',
    description: 'all: the token needs every scope listed. any: one of them is enough.',
  }),
  issuer: z.enum(['own', 'foreign']).default('own').meta({
    title: 'Issuer',
    description:
      'own: tokens of our token end points, opaque or JWT. foreign: tokens of somebody else, which have no subscription here.',
  }),
  foreign: foreignIssuer.prefault({}).meta({
    title: 'Foreign issuer',
    description: 'Whose tokens are believed, and how they are checked.',
    when: { field: 'issuer', is: 'foreign' },
  }),
  audience: z
    .array(z.string().min(1).max(2048))
    .max(20)
    .refine((names) => new Set(names).size === names.length, 'Each name once.')
    .default([])
    .meta({
      title: 'Audience',
      description:
        'Further names of this API in resource and audience of token requests (RFC 8707). Its public URL and its name always count; a token that was asked for without them may be used everywhere in its product.',
      group: 'advanced',
      when: { field: 'issuer', is: 'own' },
    }),
  revocationCheck: z
    .enum(['bounded', 'strict'])
    .default('bounded')
    .meta({
      title: 'Revocation',
      description:
        'bounded: a revoked token is refused within a second, at the latest after five. strict: the token store is asked for each call, which costs a look-up and needs the store.',
      group: 'advanced',
      when: { field: 'issuer', is: 'own' },
    }),
  requireActiveSubscription: z.boolean().default(true).meta({
    title: 'Require an active subscription',
    description: "The token's subscription must be active and its product contain this project.",
  }),
  removeToken: z.boolean().default(true).meta({
    title: 'Remove the token',
    description: 'Cut the token out before the call goes to the target.',
  }),
  realm: z
    .string()
    .max(128)
    .regex(/^[\x20\x21\x23-\x5B\x5D-\x7E]*$/, 'Printable ASCII without " and \\.')
    .refine(hasOnlySelectors, SELECTOR_MESSAGE)
    .default('')
    .meta({
      title: 'Realm',
      description: "Named in WWW-Authenticate when a call is refused; empty: the project's display name.",
      group: 'advanced',
    }),
  headerName: headerNameSchema.default('Authorization').meta({
    title: 'Header',
    description: 'Header field that carries the token.',
    group: 'advanced',
    when: { field: 'tokenIn', is: 'header' },
  }),
  headerPrefix: z
    .string()
    .max(32)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, 'One word, or nothing.')
    .default('Bearer')
    .meta({
      title: 'Header prefix',
      description: 'Word before the token; empty: the whole field is the token.',
      group: 'advanced',
      when: { field: 'tokenIn', is: 'header' },
    }),
  queryParameter: parameterName.default('access_token').meta({
    title: 'Query parameter',
    description: 'Name of the token in the query.',
    group: 'advanced',
    when: { field: 'tokenIn', is: 'query' },
  }),
  bodyParameter: parameterName.default('access_token').meta({
    title: 'Body parameter',
    description: 'Name of the token in a form body.',
    group: 'advanced',
    when: { field: 'tokenIn', is: 'body' },
  }),
});

/** Settings of the OAuth Verify Access Token policy (`product.md` §4). */
export const schema = settings.superRefine(({ issuer, foreign, requireActiveSubscription }, { addIssue }) => {
  if (issuer === 'own') return;
  const refuse = (path: string[], message: string) => addIssue({ code: 'custom', path, message });
  if (requireActiveSubscription)
    refuse(['requireActiveSubscription'], "A foreign issuer's token has no subscription here: turn this off.");
  for (const name of neededBy(foreign.check))
    if (foreign[name] === '') refuse(['foreign', name], 'A foreign issuer needs this.');
});

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

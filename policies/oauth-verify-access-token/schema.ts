import * as z from 'zod';
import { scopeSchema } from '#core/model/scope';
import { hasOnlySelectors, SELECTOR_MESSAGE } from '#core/selector';
import { headerNameSchema } from '../text.ts';

const parameterName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._~-]+$/, 'Letters, digits and . _ ~ - only.');

/** Settings of the OAuth Verify Access Token policy (`product.md` §4). */
export const schema = z.strictObject({
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

/** The settings, parsed. */
export type Config = z.infer<typeof schema>;

import * as z from 'zod';
import { hasOnlySelectors, SELECTOR_MESSAGE, selectorText } from '#core/selector';
import type { ForeignIssuer } from '#core/token-verifier';
import { foreignAlgorithms, keySetUrl } from '../foreign-issuer.ts';

const byKeys = { field: 'check', is: 'jwks' };
const byQuestion = { field: 'check', is: 'introspection' };

/** A foreign issuer's access tokens: JWTs, checked by signature and claims alone (RFC 9068 §4), or any, which it is asked about (RFC 7662). */
export const foreignIssuer = z.strictObject({
  check: z.enum(['jwks', 'introspection']).default('jwks').meta({
    title: 'Checked by',
    description:
      'jwks: JWTs, by signature and claims. introspection: tokens of any form; the issuer is asked about each, at most once in 5 s.',
  }),
  issuer: z
    .string()
    .max(2048)
    .default('')
    .meta({ title: 'Issuer', description: 'iss of its tokens, letter by letter.' }),
  jwksUri: z
    .union([z.literal(''), keySetUrl])
    .default('')
    .meta({
      title: 'Key set',
      description: 'URL of its public keys (JWKS). Loopback must be in outbound.allow.',
      when: byKeys,
    }),
  introspectionUrl: z
    .union([z.literal(''), keySetUrl])
    .default('')
    .meta({
      title: 'Introspection end point',
      description: 'URL at which it tells of its tokens (RFC 7662). Loopback must be in outbound.allow.',
      when: byQuestion,
    }),
  clientId: z.string().max(1024).refine(hasOnlySelectors, SELECTOR_MESSAGE).default('').meta({
    title: 'Client ID',
    description: 'As whom the gateway asks; sent with HTTP Basic.',
    when: byQuestion,
  }),
  clientSecret: z
    .string()
    .max(4096)
    .refine(hasOnlySelectors, SELECTOR_MESSAGE)
    .default('')
    .meta({
      title: 'Client secret',
      description: `A secret of the server group, ${selectorText({ kind: 'secrets', name: 'NAME' })}: there it is kept encrypted. What is written here itself can be read by whoever may read the project.`,
      when: byQuestion,
    }),
  algorithms: foreignAlgorithms.meta({
    title: 'Algorithms',
    description: 'Algorithms with which its tokens may be signed.',
    when: byKeys,
  }),
  audience: z.string().max(2048).default('').meta({
    title: 'Audience',
    description:
      'What aud of its tokens must contain: how the issuer calls this API. Empty, by introspection only: every active token will do.',
  }),
  typ: z
    .string()
    .regex(/^[A-Za-z0-9+.-]{1,64}$/, 'A media type without application/, e.g. at+jwt.')
    .default('at+jwt')
    .meta({
      title: 'Token type',
      description: 'typ of its tokens: at+jwt (RFC 9068), or JWT as older issuers have it.',
      when: byKeys,
    }),
  clockSkewMs: z
    .int()
    .min(0)
    .max(300_000, 'At most 5 min.')
    .default(30_000)
    .meta({ title: 'Clock skew', description: 'How far its clock may be off.', unit: 'ms', group: 'advanced' }),
});

/** What must be set for a way of checking. */
export function neededBy(check: z.infer<typeof foreignIssuer>['check']) {
  return check === 'jwks'
    ? (['issuer', 'jwksUri', 'audience'] as const)
    : (['issuer', 'introspectionUrl', 'clientId', 'clientSecret'] as const);
}

/** The settings as the port takes them. */
export function issuerOf({ check, ...settings }: z.infer<typeof foreignIssuer>): ForeignIssuer {
  if (check === 'jwks') return { check, ...settings };
  const { issuer, introspectionUrl: url, clientId, clientSecret, audience, clockSkewMs } = settings;
  return { check, issuer, url, clientId, clientSecret, audience, clockSkewMs };
}

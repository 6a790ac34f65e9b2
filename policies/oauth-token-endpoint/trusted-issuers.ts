import * as z from 'zod';

/** Algorithms of foreign JWTs: asymmetric ones only (RFC 8725 §3.1). */
const FOREIGN_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
] as const;

const httpsUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((text) => /^(?:https:|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)[:/])/.test(text), 'Use https.');

/** Issuers whose JWTs are believed as grants (RFC 7523 §2.1). */
export const trustedIssuers = z
  .array(
    z.strictObject({
      issuer: z.string().min(1).max(2048).meta({ title: 'Issuer', description: 'iss of its JWTs, letter by letter.' }),
      jwksUri: httpsUrl.meta({ title: 'Key set', description: 'URL of its public keys (JWKS).' }),
      algorithms: z
        .array(z.enum(FOREIGN_ALGORITHMS))
        .min(1, 'Allow one algorithm at least.')
        .refine((list) => new Set(list).size === list.length, 'Each algorithm once.')
        .default(['ES256', 'RS256'])
        .meta({ title: 'Algorithms', description: 'Algorithms with which its JWTs may be signed.' }),
    }),
  )
  .max(10)
  .refine((rows) => new Set(rows.map(({ issuer }) => issuer)).size === rows.length, 'Each issuer once.')
  .default([]);

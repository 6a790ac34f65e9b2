import * as z from 'zod';
import { foreignAlgorithms, keySetUrl } from '../foreign-issuer.ts';

/** Issuers whose JWTs are believed as grants (RFC 7523 §2.1). */
export const trustedIssuers = z
  .array(
    z.strictObject({
      issuer: z.string().min(1).max(2048).meta({ title: 'Issuer', description: 'iss of its JWTs, letter by letter.' }),
      jwksUri: keySetUrl.meta({ title: 'Key set', description: 'URL of its public keys (JWKS).' }),
      algorithms: foreignAlgorithms.meta({
        title: 'Algorithms',
        description: 'Algorithms with which its JWTs may be signed.',
      }),
    }),
  )
  .max(10)
  .refine((rows) => new Set(rows.map(({ issuer }) => issuer)).size === rows.length, 'Each issuer once.')
  .default([]);

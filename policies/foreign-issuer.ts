import * as z from 'zod';

/** Algorithms of foreign JWTs: asymmetric ones only, so that a public key is never taken for a secret (RFC 8725 §3.1). */
const FOREIGN_ALGORITHMS = [
  ...['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512'],
  ...['PS256', 'PS384', 'PS512', 'EdDSA'],
] as const;

/** Which of them a foreign issuer may sign with. */
export const foreignAlgorithms = z
  .array(z.enum(FOREIGN_ALGORITHMS))
  .min(1, 'Allow one algorithm at least.')
  .refine((list) => new Set(list).size === list.length, 'Each algorithm once.')
  .default(['ES256', 'RS256']);

/** Where a foreign issuer's public keys are: https, except on this machine. */
export const keySetUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((text) => /^(?:https:|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)[:/])/.test(text), 'Use https.');

import * as z from 'zod';

/** One scope token (RFC 6749 §3.3): printable ASCII without space, quote and backslash. */
export const scopeSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'Printable characters without space, " and \\.')
  .describe('A scope, e.g. orders:read.');

/** A scope registered for a product or subscription. `default`: granted when a request names none. */
export const registeredScope = z.strictObject({
  scope: scopeSchema,
  default: z.boolean().default(false).describe('Granted when a token request names no scope.'),
});
export type RegisteredScope = z.infer<typeof registeredScope>;

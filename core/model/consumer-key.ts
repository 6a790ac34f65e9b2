import * as z from 'zod';
import { lineSchema } from './name.ts';

/** Most secrets that a consumer key has at a time. */
export const MAX_SECRETS = 5;

/** Body of "generate consumer key and secret" and of "add a secret". */
export const createSecret = z.strictObject({
  name: lineSchema.min(1).max(64).optional().describe('To tell secrets apart; default: secret-N.'),
  endsAt: z.number().optional().describe('Epoch ms at which it ends by itself.'),
});

/** Body of a rotation. */
export const rotateSecret = z.strictObject({
  name: lineSchema.min(1).max(64).optional(),
  keepOldMs: z
    .int()
    .min(0)
    .max(31_536_000_000)
    .default(86_400_000)
    .describe('How long the old secrets keep working, in ms; 0: not at all. Default 24 h.'),
  revokeTokens: z.boolean().default(false).describe('Also revoke the tokens issued with the old secrets.'),
});

/** Body of "end secret". */
export const endSecret = z.strictObject({
  revokeTokens: z.boolean().default(false).describe('Also revoke the tokens issued with it.'),
  reason: z.string().max(500).optional(),
});

/** A secret as it may be shown: never its value. */
export const consumerSecret = z.strictObject({
  id: z.string(),
  name: z.string(),
  hint: z.string().describe('… and its last three characters.'),
  kept: z
    .enum(['hash', 'encrypted'])
    .describe('encrypted: it can be read again by the gateways, which client_secret_jwt needs; hash: by nobody.'),
  state: z.enum(['current', 'ending', 'ended']).describe('ending: works until endsAt.'),
  createdAt: z.number(),
  createdBy: z.string(),
  endsAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  lastUsedGateway: z.string().optional(),
  lastUsedAddress: z.string().optional(),
  tokensRevoked: z.boolean(),
});
export type ConsumerSecret = z.infer<typeof consumerSecret>;

/** Keys of a subscription. */
export const consumerKeys = z.strictObject({
  subscription: z.string(),
  client: z.string(),
  product: z.string(),
  consumerKey: z.string().optional(),
  secrets: z.array(consumerSecret),
});
export type ConsumerKeys = z.infer<typeof consumerKeys>;

/** Answer of generate, add and rotate: the only time that the secret is shown. */
export const newSecret = z.strictObject({
  subscription: z.string(),
  client: z.string(),
  consumerKey: z.string(),
  consumerSecret: z
    .string()
    .optional()
    .describe('Shown this once. Left out for clients that prove themselves otherwise, or not at all.'),
  secret: consumerSecret.optional(),
});
export type NewSecret = z.infer<typeof newSecret>;

import * as z from 'zod';

/** Algorithms as core/signing-keys.ts has them, which no browser can load. */
const algorithm = z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']).describe('The one algorithm that it signs by.');

/** A key that signs JWT access tokens: its public half and its times. */
export const signingKey = z.strictObject({
  kid: z.string().describe('Id of the key, in the head of each JWT that it signed.'),
  algorithm,
  state: z
    .enum(['next', 'current', 'retired'])
    .describe('next: published, signs later. current: signs. retired: published until what it signed has ended.'),
  createdAt: z.number(),
  createdBy: z.string(),
  signsAt: z.number().describe('Epoch ms from which it signs, or signed.'),
  rotatesAt: z.number().optional().describe('Epoch ms at which the next one takes over; of a current key.'),
  retiredAt: z.number().optional(),
  removedAt: z.number().optional().describe('Epoch ms from which it is no longer published; of a retired key.'),
  publicJwk: z.record(z.string(), z.string()).describe('Public key (RFC 7517).'),
});
export type SigningKeyView = z.infer<typeof signingKey>;

/** Body of a rotation. */
export const rotateSigningKeys = z.strictObject({
  algorithm: algorithm.optional().describe('Only the key of this algorithm; left out: all.'),
  force: z
    .boolean()
    .default(false)
    .describe('The next key signs at once, though others may not have heard of it yet; else a day after it was made.'),
});

/** Body of a retirement. */
export const retireSigningKey = z.strictObject({
  force: z
    .boolean()
    .default(false)
    .describe('It is no longer published at once: what it signed is refused. For a key that got lost.'),
});

import * as z from 'zod';
import { standingFields } from './client.ts';
import { nameSchema } from './name.ts';
import { recordFields } from './record.ts';
import { registeredScope } from './scope.ts';

const fields = {
  scopes: z.array(registeredScope).max(200).describe("Scopes registered for it, a subset of the product's."),
  startsAt: z.number().describe('Epoch ms from which it counts.'),
  endsAt: z.number().describe('Epoch ms at which it ends by itself.'),
};

/** Body of a create. */
export const createSubscription = z.strictObject({
  name: nameSchema.optional().describe('Default: client-product.'),
  client: z.string().max(128).describe('Name or id of the client.'),
  product: z.string().max(128).describe('Name or id of the product.'),
  scopes: fields.scopes.optional().describe('Default: all scopes of the product, also those added later.'),
  startsAt: fields.startsAt.optional(),
  endsAt: fields.endsAt.optional(),
});

/** Body of a patch; null gives a field back to its default. */
export const patchSubscription = z
  .strictObject({
    scopes: fields.scopes.nullable(),
    startsAt: fields.startsAt.nullable(),
    endsAt: fields.endsAt.nullable(),
  })
  .partial();

/** A client's subscription to a product; carries the consumer key. */
export const subscription = z.strictObject({
  ...recordFields,
  name: nameSchema,
  clientId: z.string(),
  client: z.string().describe('Name of the client.'),
  productId: z.string(),
  product: z.string().describe('Name of the product.'),
  state: z.enum(['pending', 'active', 'suspended', 'ended']),
  scopes: fields.scopes.optional(),
  startsAt: fields.startsAt.optional(),
  endsAt: fields.endsAt.optional(),
  consumerKey: z.string().optional().describe('client_id; there once keys were generated.'),
  ...standingFields,
});
export type Subscription = z.infer<typeof subscription>;

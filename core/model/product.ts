import * as z from 'zod';
import { descriptionSchema, displayNameSchema, nameSchema } from './name.ts';
import { productPlan } from './period.ts';
import { recordFields } from './record.ts';
import { registeredScope } from './scope.ts';

const fields = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  projects: z.array(z.string().max(128)).max(200).describe('Names of the API projects it contains.'),
  scopes: z.array(registeredScope).max(200).describe('Scopes that its subscriptions may ask for.'),
  approval: z
    .enum(['automatic', 'by-hand'])
    .describe('automatic: a new subscription is Active; by-hand: Pending until approved.'),
  state: z.enum(['draft', 'published', 'retired']).describe('draft and retired products take no new subscriptions.'),
};

/** What policies of type Quota that use the plan let a subscription do. */
const plan = productPlan.describe(
  'How many calls each subscription may make, over all its projects. Left out: as the policies say.',
);

/** Body of a create. */
export const createProduct = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  description: fields.description.default(''),
  projects: fields.projects.default([]),
  scopes: fields.scopes.default([]),
  approval: fields.approval.default('automatic'),
  state: fields.state.default('published'),
  plan: plan.optional(),
});

/** Body of a patch; null takes the plan back. */
export const patchProduct = z.strictObject({ ...fields, plan: plan.nullable() }).partial();

/** A set of API projects offered together. */
export const product = z.strictObject({ ...recordFields, name: nameSchema, ...fields, plan: plan.optional() });
export type Product = z.infer<typeof product>;

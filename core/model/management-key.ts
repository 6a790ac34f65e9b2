import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { roleGrants } from './role-grant.ts';

/** Body of a create. */
export const createManagementKey = z.strictObject({
  name: nameSchema.optional(),
  displayName: displayNameSchema,
  roles: roleGrants.describe('What it may do; a personal key never more than its owner may at that moment.'),
  endsAt: z.number().optional().describe('Epoch ms at which it ends.'),
  owner: z
    .enum(['self', 'machine'])
    .optional()
    .describe('`self`: belongs to the person who makes it. `machine`: to nobody. Default: self for people.'),
});

/** A key for the management API. Its value is shown once. */
export const managementKey = z.strictObject({
  id: z.string(),
  name: nameSchema,
  displayName: displayNameSchema,
  roles: roleGrants,
  owner: z.string().optional().describe('Name of the person whose it is; left out for machine keys.'),
  hint: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  endsAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  active: z.boolean(),
});
export type ManagementKey = z.infer<typeof managementKey>;

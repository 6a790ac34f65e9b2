import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';

/** Body of a create. */
export const createManagementKey = z.strictObject({
  name: nameSchema.optional(),
  displayName: displayNameSchema,
  endsAt: z.number().optional().describe('Epoch ms at which it ends.'),
});

/** A key for the management API. Its value is shown once. */
export const managementKey = z.strictObject({
  id: z.string(),
  name: nameSchema,
  displayName: displayNameSchema,
  role: z.enum(['admin']),
  hint: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  endsAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  active: z.boolean(),
});
export type ManagementKey = z.infer<typeof managementKey>;

import * as z from 'zod';
import { nameSchema } from './name.ts';
import { isGroupRole, ROLES } from './role.ts';

/** A role, everywhere or, for Releaser and Operator, on one server group. */
const roleGrant = z
  .strictObject({
    role: z.enum(ROLES),
    serverGroup: nameSchema.optional().describe('Only on this server group; for releaser and operator.'),
  })
  .refine(({ role, serverGroup }) => serverGroup === undefined || isGroupRole(role), {
    path: ['serverGroup'],
    message: 'Only Releaser and Operator can be granted for one server group.',
  });

/** The roles of a person or a key. */
export const roleGrants = z
  .array(roleGrant)
  .min(1, 'Give one role at least.')
  .max(50)
  .describe('What they may do. Releaser and Operator may be given for one server group.');

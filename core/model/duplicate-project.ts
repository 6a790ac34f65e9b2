import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { contextPathSchema } from './project.ts';

/** Body of a duplication: what the copy cannot have of the original. */
export const duplicateProject = z.strictObject({
  name: nameSchema.optional().describe('Default: made of the display name.'),
  displayName: displayNameSchema,
  contextPath: contextPathSchema,
});
export type DuplicateProject = z.infer<typeof duplicateProject>;

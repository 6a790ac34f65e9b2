import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

const config = z.record(z.string(), z.unknown()).describe('Settings, by the schema of the policy type.');

/** Body of a create. Settings left out take the type's defaults. */
export const createPolicy = z.strictObject({
  name: nameSchema.optional(),
  displayName: displayNameSchema.optional().describe("Default: the type's title."),
  type: z.string().max(64).describe('Policy type, e.g. oauth-verify-access-token; see /api/v1/policy-types.'),
  config: config.default({}),
});

/** Body of a patch. `config` is merged field by field at the top level; null removes a field so that its default holds. */
export const patchPolicy = z.strictObject({ displayName: displayNameSchema, config }).partial();

/** A configured policy of a project's draft. */
export const policy = z.strictObject({
  ...recordFields,
  name: nameSchema,
  displayName: displayNameSchema,
  projectId: z.string(),
  type: z.string(),
  config,
  summary: z.string().describe('One line made from the settings.'),
});
export type Policy = z.infer<typeof policy>;

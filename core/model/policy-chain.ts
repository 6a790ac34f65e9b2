import * as z from 'zod';
import { attachment } from './endpoint.ts';
import { descriptionSchema, displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

const fields = {
  displayName: displayNameSchema,
  description: descriptionSchema,
  policies: z
    .array(attachment)
    .max(50, 'At most 50 policies in one chain.')
    .describe(
      'Policies of the project in their running order. They run at the endpoint of the policy that calls the chain.',
    ),
};

/** Body of a create. */
export const createPolicyChain = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  description: fields.description.default(''),
  policies: fields.policies.default([]),
});

/** Body of a patch. */
export const patchPolicyChain = z.strictObject(fields).partial();

/** A policy chain of a project's draft: a named, ordered list of policies that a policy calls (decision 21). */
export const policyChain = z.strictObject({ ...recordFields, name: nameSchema, projectId: z.string(), ...fields });
export type PolicyChain = z.infer<typeof policyChain>;

import * as z from 'zod';
import { PROFILES } from './oauth-profile.ts';

/** Body of a choice of a profile. */
export const choosePolicyProfile = z.strictObject({
  profile: z
    .enum(PROFILES)
    .describe('custom asks for nothing, seed has the older products’ defaults, bcp is RFC 9700.'),
});

/** A setting that is not as a profile has it. */
const deviation = z.strictObject({
  pointer: z.string().describe("JSON pointer into the policy's settings."),
  is: z.unknown().describe('Left out: nothing is set.'),
  should: z.unknown(),
  why: z.string().describe('One sentence: what is at stake.'),
  source: z.string().describe('Where it is written.'),
});

/** How a policy stands to a profile. */
export const policyProfile = z.strictObject({
  profile: z.enum(PROFILES),
  changes: z
    .array(deviation)
    .describe('Settings that are not as the profile has them; of a choice: those that were set, with what they were.'),
  others: z
    .array(z.strictObject({ project: z.string(), policy: z.string(), changes: z.array(deviation) }))
    .describe('The same of authorization end points that belong to this token end point. They are never set along.'),
});
export type PolicyProfile = z.infer<typeof policyProfile>;

import * as z from 'zod';
import { policy } from './policy.ts';
import { policyChain } from './policy-chain.ts';
import { project } from './project.ts';
import { resource } from './resource.ts';
import { target } from './target.ts';

const unrecorded = { revision: true, createdAt: true, createdBy: true, updatedAt: true, updatedBy: true } as const;

/** A project with everything in it, without revisions and dates: what a version freezes, the diff compares and a gateway compiles. */
export const projectSnapshot = z.strictObject({
  project: project.omit(unrecorded),
  policies: z.array(policy.omit({ ...unrecorded, projectId: true, summary: true })),
  resources: z.array(resource.omit({ ...unrecorded, projectId: true })),
  targets: z.array(target.omit({ ...unrecorded, projectId: true })),
  chains: z
    .array(policyChain.omit({ ...unrecorded, projectId: true }))
    .optional()
    .describe('Policy chains; left out when there are none.'),
});
export type ProjectSnapshot = z.infer<typeof projectSnapshot>;

/** An immutable, numbered snapshot of a project. */
export const version = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  project: z.string().describe('Name of the project.'),
  number: z.int().describe('1, 2, 3 … per project.'),
  note: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  snapshot: projectSnapshot,
});
export type Version = z.infer<typeof version>;

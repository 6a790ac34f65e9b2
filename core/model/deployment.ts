import * as z from 'zod';

/** How far one gateway is with a deployment. */
export const gatewayProgress = z.strictObject({
  gateway: z.string().describe('Name of the gateway.'),
  gatewayId: z.string(),
  state: z
    .enum(['waiting', 'running', 'refused', 'lost'])
    .describe('running: it serves this. refused: it kept the old set; problem says why.'),
  problem: z.string().optional(),
  afterMs: z.number().optional().describe('Milliseconds from the deployment to the gateway running it.'),
});
export type GatewayProgress = z.infer<typeof gatewayProgress>;

/** A version of a project placed on a server group. */
export const deployment = z.strictObject({
  id: z.string(),
  projectId: z.string(),
  project: z.string().describe('Name of the project.'),
  projectDisplayName: z.string(),
  serverGroup: z.string().describe('Name of the server group.'),
  serverGroupDisplayName: z.string(),
  serverGroupId: z.string(),
  version: z.int(),
  state: z
    .enum(['live', 'replaced', 'rolled-back', 'undeployed'])
    .describe('live: the newest for its project and group.'),
  previousVersion: z.int().optional().describe('The version that ran before.'),
  kind: z.enum(['deploy', 'rollback', 'undeploy']),
  note: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  seq: z.int().describe('Its number in the change feed.'),
  gateways: z.array(gatewayProgress).describe('Progress of each gateway of the group.'),
});
export type Deployment = z.infer<typeof deployment>;

/** Body of a deploy: the draft becomes a version and is placed, or an existing version is promoted. */
export const createDeployment = z.strictObject({
  project: z.string().max(128).describe('Name or id of the project.'),
  serverGroup: z.string().max(128).describe('Name or id of the server group.'),
  version: z
    .int()
    .min(1)
    .optional()
    .describe(
      'An existing version; left out: the draft becomes a new one (or the newest version, when nothing changed since).',
    ),
  note: z.string().max(500).default('').describe('Why, for the deployment list and the audit trail.'),
  dryRun: z.boolean().default(false).describe('Check and show the changes only.'),
});

/** Body of a rollback. */
export const rollbackDeployment = z.strictObject({
  project: z.string().max(128),
  serverGroup: z.string().max(128),
  toVersion: z.int().min(1).optional().describe('Left out: the version that ran before.'),
  reason: z.string().max(500).default(''),
  dryRun: z.boolean().default(false),
});

/** Body of an undeploy. */
export const undeploy = z.strictObject({
  project: z.string().max(128),
  serverGroup: z.string().max(128),
  note: z.string().max(500).default(''),
});

/** One difference between two snapshots. */
export const change = z.strictObject({
  kind: z.enum(['added', 'removed', 'changed']),
  pointer: z.string().describe('JSON pointer with names instead of indexes, e.g. /policies/quota/config/limit.'),
  sentence: z.string().describe('The change in words.'),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
});
export type Change = z.infer<typeof change>;

/** Difference between two states of a project. */
export const diff = z.strictObject({
  project: z.string(),
  from: z.string().describe('v3, draft or nothing.'),
  to: z.string(),
  changes: z.array(change),
});
export type Diff = z.infer<typeof diff>;

import * as z from 'zod';
import { nameSchema } from './name.ts';

export { PHASE_TITLES, PHASES, type Phase } from './phase.ts';

/** A policy attached at an endpoint. */
export const attachment = z.strictObject({
  policy: nameSchema.describe('Name of a policy of this project.'),
  enabled: z.boolean().default(true).describe('Off: stays attached, does not run.'),
});
export type Attachment = z.infer<typeof attachment>;

const attachments = z.array(attachment).max(50, 'At most 50 policies at one endpoint.').default([]);

/** The four endpoints, each an ordered list of policies. The order is the running order. */
export const endpoints = z.strictObject({
  proxyRequest: attachments.describe('Client → gateway.'),
  targetRequest: attachments.describe('Gateway → target.'),
  targetResponse: attachments.describe('Target → gateway.'),
  proxyResponse: attachments.describe('Gateway → client.'),
});
export type Endpoints = z.infer<typeof endpoints>;

/** Four empty endpoints. */
export const noEndpoints = (): Endpoints => ({
  proxyRequest: [],
  targetRequest: [],
  targetResponse: [],
  proxyResponse: [],
});

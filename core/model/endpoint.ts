import * as z from 'zod';
import { nameSchema } from './name.ts';

/** The four endpoints of a flow, in running order. */
export const PHASES = ['proxyRequest', 'targetRequest', 'targetResponse', 'proxyResponse'] as const;
export type Phase = (typeof PHASES)[number];

/** The endpoints' names as people read them (seeds' words). */
export const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  proxyRequest: 'Proxy Request',
  targetRequest: 'Target Request',
  targetResponse: 'Target Response',
  proxyResponse: 'Proxy Response',
};

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

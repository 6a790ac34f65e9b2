import * as z from 'zod';

/** One change, by whom, written in the transaction that made it. */
export const auditEntry = z.strictObject({
  id: z.string(),
  seq: z.int().describe('Order of the trail.'),
  at: z.number(),
  actor: z.string().describe('Who: an API key\'s name, or "local" for the CLI on this machine.'),
  via: z.enum(['api', 'socket', 'system']),
  operation: z.string().describe('Operation id, e.g. projects.create.'),
  objectKind: z.string(),
  objectId: z.string(),
  objectName: z.string(),
  sentence: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  requestId: z.string().optional(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

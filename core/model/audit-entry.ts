import * as z from 'zod';

/** SHA-256 in lower-case hex. */
export const chainHash = z.string().regex(/^[0-9a-f]{64}$/);

/** By which way somebody acted. */
export const AUDIT_WAYS = ['console', 'api', 'socket', 'system'] as const;

/** One change, by whom, written in the transaction that made it. Each is chained to the one before by its hash (core/audit-chain.ts). */
export const auditEntry = z.strictObject({
  id: z.string(),
  seq: z.int().describe('Order of the trail: from 1, without gaps.'),
  at: z.number(),
  actor: z.string().describe('Who: a user\'s or API key\'s name, or "local" for the CLI on this machine.'),
  via: z.enum(AUDIT_WAYS).describe('Console, API key, the socket on this machine, or the manager by itself.'),
  operation: z.string().describe('Operation id, e.g. projects.create.'),
  objectKind: z.string(),
  objectId: z.string(),
  objectName: z.string(),
  sentence: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  requestId: z.string().optional(),
  prevHash: chainHash.describe('Hash of the entry before; zeros for the first.'),
  hash: chainHash.describe('SHA-256 over the canonical JSON of everything else here.'),
});
export type AuditEntry = z.infer<typeof auditEntry>;

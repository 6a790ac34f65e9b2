import * as z from 'zod';
import { chainHash } from './audit-entry.ts';

/** Says, signed, that the trail's entry `seq` had this hash at a time: one a thousand entries or a minute, also written outside. */
export const auditCheckpoint = z.strictObject({
  seq: z.int().min(1),
  hash: chainHash,
  at: z.number(),
  keyId: z.string().max(64).describe('Which key signed.'),
  signature: z
    .string()
    .max(200)
    .describe('Ed25519 (RFC 8032) over the canonical JSON of the rest and its kind; base64url.'),
});
export type AuditCheckpoint = z.infer<typeof auditCheckpoint>;

/** Says, signed, that everything up to `seq` was forgotten by retention: where the chain begins now. Formed like a checkpoint. */
export type AuditAnchor = AuditCheckpoint;

/** A key that signs checkpoints and anchors. */
export const auditKey = z.strictObject({
  keyId: z.string(),
  publicKey: z.string().describe('PEM (SubjectPublicKeyInfo).'),
  createdAt: z.number(),
});
export type AuditKey = z.infer<typeof auditKey>;

/** A place outside the database that gets every checkpoint. */
export const auditOutside = z.strictObject({
  kind: z.enum(['file', 'webhook']),
  seq: z.int().describe('Up to which entry it has checkpoints; 0: none yet.'),
  problem: z.string().optional().describe('Why the newest could not be written there.'),
});
export type AuditOutside = z.infer<typeof auditOutside>;

/** What is known of the trail as a whole: everything that whoever checks it needs beside the entries. */
export const auditState = z.strictObject({
  head: z.strictObject({ seq: z.int(), hash: chainHash }).describe('The newest entry; seq 0: there is none.'),
  anchor: auditCheckpoint.optional().describe('Everything up to it was forgotten by retention.'),
  checkpoint: auditCheckpoint.optional().describe('The newest one.'),
  keys: z.array(auditKey),
  outside: z.array(auditOutside),
  retentionDays: z.int().describe('How long entries are kept; 0: for ever.'),
});
export type AuditState = z.infer<typeof auditState>;

/** What is wrong with a trail. */
const FAULTS = [
  'entry_changed',
  'entry_missing',
  'tail_missing',
  'checkpoint_mismatch',
  'signature_wrong',
  'unreadable',
] as const;

/** What checking the trail found. */
export const auditVerification = z.strictObject({
  ok: z.boolean(),
  entries: z.int().describe('How many were checked.'),
  firstSeq: z.int().optional(),
  lastSeq: z.int().optional(),
  checkpoints: z.int().describe('How many signed checkpoints were compared.'),
  outside: z
    .int()
    .describe('How many of these were kept outside the database: only they show that the end was cut off.'),
  fault: z
    .strictObject({
      kind: z.enum(FAULTS),
      seq: z.int().describe('The first entry that is wrong or missing.'),
      message: z.string(),
    })
    .optional(),
});
export type AuditVerification = z.infer<typeof auditVerification>;

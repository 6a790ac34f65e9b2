import { Readable } from 'node:stream';
import * as z from 'zod';
import { auditCheckpoint, auditState, auditVerification } from '#core/model/audit-checkpoint';
import { ProblemError } from '#core/problem';
import { findNewest } from '../audit/checkpoints.ts';
import { EXPORT_FORMATS, EXPORT_MEDIA, exportEntries, readEntries } from '../audit/export.ts';
import { auditFilterFields } from '../audit/filter.ts';
import { auditPage, listEntries } from '../audit/page.ts';
import { readAnchor, readRetentionDays } from '../audit/retention.ts';
import { listSigningKeys } from '../audit/signing-key.ts';
import { readHead } from '../audit/trail.ts';
import { verifyDatabase } from '../audit/verify.ts';
import type { ManagerContext } from '../context.ts';
import { pageFields } from '../list.ts';
import { operation, streamed } from '../operation.ts';

const exportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS).default('csv'),
  after: z.coerce.number().int().min(0).default(0).describe('Only entries behind this number.'),
  ...auditFilterFields,
});

/** Checks under way, one a manager: reading the whole trail twice at once helps nobody. */
const checking = new WeakSet<ManagerContext>();

/** The audit trail: who changed what. */
export const auditOperations = [
  operation({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    permission: 'audit:read',
    summary: 'Read the audit trail, newest first.',
    query: z.strictObject({ ...auditFilterFields, ...pageFields }),
    response: auditPage,
    handler: async ({ context, query }) => ({ body: await listEntries(context.db.read, query) }),
  }),
  operation({
    id: 'audit.export',
    method: 'GET',
    path: '/audit/export',
    permission: 'audit:read',
    summary: 'Take the audit trail away, oldest first, as CSV, JSON or lines of JSON.',
    query: exportQuery,
    response: streamed,
    media: 'application/x-ndjson',
    handler: ({ context, query: { format, after, ...filter } }) => ({
      body: Readable.from(exportEntries(readEntries(context.db.read, filter, after), format)),
      media: EXPORT_MEDIA[format],
      fileName: `audit.${format}`,
    }),
  }),
  operation({
    id: 'audit.state',
    method: 'GET',
    path: '/audit/checkpoint',
    permission: 'audit:read',
    summary: 'Read where the audit trail is: its end, newest signed checkpoint, public keys and what is kept outside.',
    response: auditState,
    handler: async ({ context }) => {
      const { db, services, options } = context;
      const anchor = await readAnchor(db.read);
      const checkpoint = await findNewest(db.read);
      return {
        body: {
          head: await readHead(db.read),
          ...(anchor !== undefined && { anchor }),
          ...(checkpoint !== undefined && { checkpoint }),
          keys: await listSigningKeys(db.read),
          outside: await services.auditKeeping.outside.list(),
          retentionDays: await readRetentionDays(db.read, options.audit.retentionDays),
        },
      };
    },
  }),
  operation({
    id: 'audit.verify',
    method: 'POST',
    path: '/audit/verify',
    permission: 'audit:read',
    summary: 'Check the whole audit trail: hashes, order, and every signed checkpoint. Changes nothing.',
    body: z.strictObject({
      checkpoints: z.array(auditCheckpoint).max(2000).default([]).describe('Checkpoints that were kept elsewhere.'),
    }),
    response: auditVerification,
    handler: async ({ context, body }) => {
      if (checking.has(context))
        throw new ProblemError('too_many_requests', 'The trail is being checked already. Try again when that is done.');
      checking.add(context);
      try {
        const { checkpointFile } = context.options.audit;
        return { body: await verifyDatabase(context.db.read, { checkpoints: body.checkpoints, checkpointFile }) };
      } finally {
        checking.delete(context);
      }
    },
  }),
];

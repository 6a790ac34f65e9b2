import * as z from 'zod';
import { COPIED_KINDS } from '#core/token-store';

// A backup: a gzip-ed file of JSON lines. The first is the header, the last one the end; between them each line is a page of rows, of a table of
// the manager's data or of a token store.

/** Raised when a line changes its meaning. */
export const ARCHIVE_VERSION = 1;
export const ARCHIVE_FORMAT = 'gatewright-backup';

/** What the first line of every version says. */
export const anyHeader = z.looseObject({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.int(),
  program: z.string().max(64).optional(),
});

export const archiveHeader = z.strictObject({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.literal(ARCHIVE_VERSION),
  /** Version of the program that wrote it. */
  program: z.string().max(64),
  /** Epoch ms. */
  createdAt: z.int(),
  /** Number of the change feed that the manager's data are at. */
  feed: z.strictObject({ epoch: z.string().max(128), seq: z.int() }),
  /** Migrations that the manager's data have had. */
  migrations: z.array(z.string().max(128)).min(1).max(1000),
});
export type ArchiveHeader = z.infer<typeof archiveHeader>;

const storeName = z.string().min(1).max(128);
const counts = z.record(z.string(), z.int());

export const tablePage = z.strictObject({
  table: z.string().max(64),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
});
/** Rows are looked at by token-rows.ts. */
export const storePage = z.strictObject({ store: storeName, rows: z.array(z.unknown()) });

export const archiveEnd = z.strictObject({
  end: z.strictObject({
    /** Rows of each table. */
    tables: counts,
    /** Rows of each token store, by kind. */
    stores: z.record(storeName, z.partialRecord(z.enum(COPIED_KINDS), z.int())),
    /** SHA-256 of all bytes before this line, hex. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
export type ArchiveCounts = Omit<z.infer<typeof archiveEnd>['end'], 'sha256'>;

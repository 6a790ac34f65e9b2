import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type * as z from 'zod';
import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import type { CopiedRow } from '#core/token-store';
import type { TableRow } from '#manager/backup/snapshot';
import {
  ARCHIVE_VERSION,
  type ArchiveCounts,
  type ArchiveHeader,
  anyHeader,
  archiveEnd,
  archiveHeader,
  storePage,
  tablePage,
} from './archive-format.ts';
import { parseTokenRow } from './token-rows.ts';

/** A line has at most a page of rows; the largest are documents of 10 MiB, ten of them. */
const LINE_LIMIT_BYTES = 256 * 1024 * 1024;

/** What is between header and end. */
export type ArchivePage =
  | { readonly table: string; readonly rows: readonly TableRow[] }
  | { readonly store: string; readonly rows: readonly CopiedRow[] };

/** What a backup says of itself. */
export interface ArchiveSummary {
  readonly header: ArchiveHeader;
  readonly counts: ArchiveCounts;
}

/** Reads a whole backup without keeping it: afterwards it is known to be whole and readable. @throws CliError `backup_damaged`, `backup_newer` */
export async function checkArchive(file: string): Promise<ArchiveSummary> {
  const reading = readArchive(file);
  for (;;) {
    const { done, value } = await reading.next();
    if (done === true) return value;
  }
}

/**
 * The pages of a backup, in order; at the end what it says of itself. What was given is only known to be right when the end was reached.
 * @throws CliError `not_found`, `backup_damaged` or `backup_newer`
 */
export async function* readArchive(file: string): AsyncGenerator<ArchivePage, ArchiveSummary> {
  const hash = createHash('sha256');
  const counted: Counted = { tables: {}, stores: {} };
  let header: ArchiveHeader | undefined;
  let counts: ArchiveCounts | undefined;
  for await (const bytes of linesOf(file)) {
    const line = parseJson(bytes, file);
    if (counts !== undefined) throw damaged(file, 'there is something behind its end');
    if (header === undefined) header = parseHeader(line, file);
    else if (typeof line === 'object' && line !== null && 'end' in line) {
      const { sha256, ...said } = parse(archiveEnd, line, file).end;
      if (sha256 !== hash.digest('hex')) throw damaged(file, 'its checksum is wrong');
      if (!isSame(said, counted)) throw damaged(file, 'it holds other numbers of rows than it says');
      counts = said;
      continue;
    } else yield parsePage(line, counted, file);
    hash.update(bytes).update('\n');
  }
  if (header === undefined || counts === undefined) throw damaged(file, 'it is cut off');
  return { header, counts };
}

interface Counted {
  readonly tables: Record<string, number>;
  readonly stores: Record<string, Record<string, number>>;
}

function parsePage(line: unknown, counted: Counted, file: string): ArchivePage {
  if (typeof line === 'object' && line !== null && 'table' in line) {
    const { table, rows } = parse(tablePage, line, file);
    counted.tables[table] = (counted.tables[table] ?? 0) + rows.length;
    return { table, rows };
  }
  const { store, rows: found } = parse(storePage, line, file);
  const of = counted.stores[store] ?? {};
  counted.stores[store] = of;
  const rows = found.map((row) => {
    const parsed = parseTokenRow(row);
    if (parsed === undefined) throw damaged(file, 'it has rows of tokens that this version does not know');
    of[parsed.kind] = (of[parsed.kind] ?? 0) + 1;
    return parsed;
  });
  return { store, rows };
}

function isSame(said: ArchiveCounts, counted: Counted): boolean {
  const text = ({ tables, stores }: ArchiveCounts | Counted) =>
    JSON.stringify([
      Object.entries(tables).sort(),
      Object.entries(stores)
        .map(([name, kinds]) => [name, Object.entries(kinds).sort()])
        .sort(),
    ]);
  return text(said) === text(counted);
}

function parseHeader(line: unknown, file: string): ArchiveHeader {
  const any = anyHeader.safeParse(line);
  if (!any.success) throw damaged(file, 'it does not begin as a backup of Gatewright');
  const { version, program = 'a newer one' } = any.data;
  if (version > ARCHIVE_VERSION)
    throw new CliError(
      `The backup ${file} has the format ${version}, written by Gatewright ${program}; this version reads ${ARCHIVE_VERSION}. Restore it with that version or a newer one.`,
      { code: 'backup_newer', exit: EXIT.refused },
    );
  return parse(archiveHeader, line, file);
}

function parse<Schema extends z.ZodType>(schema: Schema, line: unknown, file: string): z.infer<Schema> {
  const parsed = schema.safeParse(line);
  if (!parsed.success) throw damaged(file, 'it has a line that this version does not know');
  return parsed.data;
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw damaged(file, 'it has a line that is no JSON');
  }
}

async function* linesOf(file: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const read = pipeline(createReadStream(file), gunzip);
  read.catch(() => {}); // reading from gunzip says so
  let rest: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, end)]);
        [rest, size, from] = [[], 0, end + 1];
      }
      rest.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > LINE_LIMIT_BYTES) throw damaged(file, 'it has a line that is too long');
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT') throw new CliError(`There is no file ${file}.`, { exit: EXIT.notFound });
    if (!code.startsWith('Z_')) throw error;
    throw damaged(file, code === 'Z_BUF_ERROR' ? 'it is cut off' : 'its compressed data are wrong');
  } finally {
    gunzip.destroy();
  }
  if (size > 0) throw damaged(file, 'it is cut off');
}

function damaged(file: string, why: string): CliError {
  return new CliError(`The backup ${file} cannot be used: ${why}. Nothing was restored.`, {
    code: 'backup_damaged',
    exit: EXIT.refused,
    fixes: [{ text: 'Take another backup, or fetch this one anew from where you keep it.' }],
  });
}

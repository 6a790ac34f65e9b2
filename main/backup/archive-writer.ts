import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CopiedKind, CopiedRow } from '#core/token-store';
import type { TableRow } from '#manager/backup/snapshot';
import type { ArchiveCounts, ArchiveHeader } from './archive-format.ts';

/** Writes a backup, line by line. */
export interface ArchiveWriter {
  table(name: string, rows: readonly TableRow[]): Promise<void>;
  store(name: string, rows: readonly CopiedRow[]): Promise<void>;
}

/**
 * Writes a backup under another name, and gives it its own when it is whole and on disk; otherwise nothing stays, also when Ctrl-C or SIGTERM ends
 * the process. Readable by its owner only.
 * @returns how many rows are in it
 */
export async function writeArchive(
  file: string,
  work: (begin: (header: ArchiveHeader) => Promise<ArchiveWriter>) => Promise<void>,
): Promise<ArchiveCounts> {
  const draft = `${file}.${process.pid}.part`;
  using _ = removeWhenInterrupted(draft);
  const gzip = createGzip();
  const written = pipeline(gzip, createWriteStream(draft, { mode: 0o600, flags: 'wx' }));
  // Whoever writes is told by `write`; this is for the time between two lines.
  written.catch(() => {});
  const hash = createHash('sha256');
  const tables: Record<string, number> = {};
  const stores: Record<string, Partial<Record<CopiedKind, number>>> = {};

  async function write(line: object): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    hash.update(bytes);
    if (gzip.destroyed || gzip.write(bytes)) return gzip.destroyed ? written : undefined;
    await Promise.race([once(gzip, 'drain'), written]);
  }
  const writer: ArchiveWriter = {
    async table(table, rows) {
      tables[table] = (tables[table] ?? 0) + rows.length;
      await write({ table, rows });
    },
    async store(store, rows) {
      const of = stores[store] ?? {};
      stores[store] = of;
      for (const { kind } of rows) of[kind] = (of[kind] ?? 0) + 1;
      await write({ store, rows });
    },
  };
  try {
    await work(async (header) => {
      await write(header);
      return writer;
    });
    const counts = { tables, stores };
    gzip.end(`${JSON.stringify({ end: { ...counts, sha256: hash.digest('hex') } })}\n`);
    await written;
    await reachDisk(draft);
    await rename(draft, file);
    await reachDisk(path.dirname(file));
    return counts;
  } catch (error) {
    gzip.destroy();
    await written.catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

/** A signal ends the process as ever, and the file goes before. */
function removeWhenInterrupted(draft: string): Disposable {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const interrupted = (signal: NodeJS.Signals) => {
    rmSync(draft, { force: true });
    for (const name of names) process.off(name, interrupted);
    process.kill(process.pid, signal);
  };
  for (const name of names) process.on(name, interrupted);
  return {
    [Symbol.dispose]() {
      for (const name of names) process.off(name, interrupted);
    },
  };
}

async function reachDisk(place: string): Promise<void> {
  await using handle = await open(place);
  await handle.sync();
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { gatewayReport } from '#core/model/exchange-record';
import type { ReportBatch } from './ipc.ts';
import { writeWhole } from './replica-files.ts';

/** A batch under the id by which the manager takes it once. */
export interface NumberedBatch {
  readonly batchId: string;
  readonly batch: ReportBatch;
}

/** Batches that wait for the manager, one file each, oldest first. They survive a restart. */
export interface Spool {
  /** Adds a batch. Gives the batches that had to go to make room, oldest first. */
  push(batch: NumberedBatch): NumberedBatch[];
  /** The oldest batch; undefined: there is none. A file that cannot be read is removed. */
  peek(): NumberedBatch | undefined;
  /** Removes the oldest batch: the manager has it. */
  shift(): void;
  readonly count: number;
  readonly bytes: number;
}

/** A file takes at least a block of the disk. */
const BLOCK_BYTES = 4096;
const NAME = /^(\d{12})\.json$/;
const spooledBatch = gatewayReport.pick({
  batchId: true,
  records: true,
  counts: true,
  dropped: true,
  secretsUsed: true,
});

/** Opens the spool in a folder, with what an earlier process left there. */
export function openSpool(folder: string, limitBytes: number): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: { readonly name: string; readonly bytes: number }[] = [];
  for (const name of readdirSync(folder).sort()) {
    // an incomplete file is one whose process was killed while it wrote
    if (NAME.test(name)) files.push({ name, bytes: room(statSync(path.join(folder, name)).size) });
    else if (name.endsWith('.tmp')) rmSync(path.join(folder, name), { force: true });
  }
  let next = Number(NAME.exec(files.at(-1)?.name ?? '')?.[1] ?? 0) + 1;
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);

  const remove = (): void => {
    const oldest = files.shift();
    if (oldest === undefined) return;
    bytes -= oldest.bytes;
    rmSync(path.join(folder, oldest.name), { force: true });
  };
  const read = (): NumberedBatch | undefined => {
    for (;;) {
      const [oldest] = files;
      if (oldest === undefined) return undefined;
      try {
        return parseSpooled(readFileSync(path.join(folder, oldest.name), 'utf8'));
      } catch {
        remove();
      }
    }
  };
  return {
    push({ batchId, batch }) {
      const text = JSON.stringify({ batchId, ...batch });
      const needed = room(Buffer.byteLength(text));
      const gone: NumberedBatch[] = [];
      while (bytes + needed > limitBytes && files.length > 0) {
        const oldest = read();
        if (oldest !== undefined) gone.push(oldest);
        remove();
      }
      const name = `${String(next).padStart(12, '0')}.json`;
      next += 1;
      writeWhole(path.join(folder, name), text);
      files.push({ name, bytes: needed });
      bytes += needed;
      return gone;
    },
    peek: read,
    shift: remove,
    get count() {
      return files.length;
    },
    get bytes() {
      return bytes;
    },
  };
}

function parseSpooled(text: string): NumberedBatch {
  const { batchId, ...batch } = spooledBatch.parse(JSON.parse(text));
  return { batchId, batch };
}

function room(bytes: number): number {
  return Math.max(BLOCK_BYTES, bytes);
}

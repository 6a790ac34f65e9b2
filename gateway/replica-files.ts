import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** Where a gateway keeps what is its own: everything here can be fetched anew, but for the spool. */
export interface GatewayFiles {
  readonly folder: string;
  /** The gateway's id, made once. */
  readonly id: string;
  readonly replica: string;
  /** The last good generation of the replica. */
  readonly good: string;
  /** What was last committed, beside the replica. */
  readonly mark: string;
  /** Reports that wait for the manager. */
  readonly spool: string;
}

/** The gateway's paths in its folder, which is made (0700). */
export function gatewayFiles(folder: string): GatewayFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    folder,
    id: path.join(folder, 'gateway.id'),
    replica: path.join(folder, 'replica.db'),
    good: path.join(folder, 'replica.good.db'),
    mark: path.join(folder, 'replica.mark'),
    spool: path.join(folder, 'spool'),
  };
}

/** SQLite's companions of a database file. */
const COMPANIONS = ['-wal', '-shm'];
/** How many damaged replicas are kept for whoever wants to know what happened. */
const DAMAGED_KEPT = 2;

/** Writes a small file so that it is there whole or not at all, also after a crash. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const half = `${file}.tmp`;
  const fd = openSync(half, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(half, file);
}

/** Makes a file durable, or the names in a folder after a rename. */
export function sync(fileOrFolder: string): void {
  const fd = openSync(fileOrFolder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Moves a database out of the way as `replica.damaged-<n>`; keeps the newest two of them. Gives the new name. */
export function setAside(files: GatewayFiles): string {
  const damaged = path.join(files.folder, `replica.damaged-${(damagedNumbers(files).at(-1) ?? 0) + 1}`);
  for (const companion of ['', ...COMPANIONS]) {
    if (existsSync(files.replica + companion)) renameSync(files.replica + companion, damaged + companion);
  }
  for (const number of damagedNumbers(files).slice(0, -DAMAGED_KEPT)) {
    removeDatabase(path.join(files.folder, `replica.damaged-${number}`));
  }
  return damaged;
}

/** Removes a database with its companions. */
export function removeDatabase(file: string): void {
  for (const companion of ['', ...COMPANIONS]) rmSync(file + companion, { force: true });
}

function damagedNumbers(files: GatewayFiles): number[] {
  return readdirSync(files.folder)
    .map((name) => /^replica\.damaged-(\d+)$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

import { readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';

/** A place in the feed. */
export interface FeedPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** What a replica last committed, kept in a file of its own: an older copy of the replica, consistent in itself, is behind it. */
export interface ReplicaMark {
  /** Notes a commit. Returns at once; of several notes the newest is written. */
  note(position: FeedPosition): void;
  /** Resolves when the last note is on disk. */
  flush(): Promise<void>;
}

/** Reads a mark; undefined when there is none or it cannot be read (then an older copy cannot be told, which is all it costs). */
export function readMark(file: string): FeedPosition | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof mark !== 'object' || mark === null || !('epoch' in mark) || !('seq' in mark)) return undefined;
    return typeof mark.epoch === 'string' && typeof mark.seq === 'number'
      ? { epoch: mark.epoch, seq: mark.seq }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets a mark: the replica starts anew. */
export function removeMark(file: string): void {
  rmSync(file, { force: true });
}

/**
 * A mark that is written behind the commit, so that a slow disk does not hold back a revocation. When the machine stops in between, the
 * mark is behind the replica, which is harmless.
 */
export function createReplicaMark(file: string, onError: (error: unknown) => void): ReplicaMark {
  let wanted: FeedPosition | undefined;
  let writing: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    while (wanted !== undefined) {
      const position = wanted;
      wanted = undefined;
      await writeMark(file, position);
    }
  };
  const flush = (): Promise<void> => {
    writing ??= run()
      .catch(onError)
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };
  return {
    note(position) {
      wanted = position;
      void flush();
    },
    async flush() {
      while (wanted !== undefined || writing !== undefined) await flush();
    },
  };
}

async function writeMark(file: string, position: FeedPosition): Promise<void> {
  const half = `${file}.tmp`;
  const handle = await open(half, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(position));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(half, file);
}

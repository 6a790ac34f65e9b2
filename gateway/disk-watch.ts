import { statfs } from 'node:fs/promises';
import type { Logger } from '#core/logger';
import type { StorageLevel, StorageState } from './ipc.ts';

const CHECK_MS = 1000;

/** Watches how much room the disk of a folder has. */
export interface DiskWatch {
  readonly storage: StorageState;
  close(): void;
}

/**
 * The level for so much free space (decision 36): below the limit successes are not recorded, below half of it refusals neither, below a
 * quarter no token is issued. Revocation and purge always go on.
 */
export function storageLevelOf(freeBytes: number, minFreeBytes: number): StorageLevel {
  if (freeBytes >= minFreeBytes) return 0;
  if (freeBytes >= minFreeBytes / 2) return 1;
  return freeBytes >= minFreeBytes / 4 ? 2 : 3;
}

/** What is left undone at a level, in words; undefined: nothing. */
export function storageProblem({ level, freeBytes }: StorageState): string | undefined {
  if (level === 0) return undefined;
  const kept = ['', 'successes are not recorded', 'nothing is recorded', 'nothing is recorded and no token is issued'][
    level
  ];
  return `The disk is nearly full (${Math.round(freeBytes / 2 ** 20)} MiB free): ${kept}.`;
}

/** Starts watching: asks at once, then each second. */
export async function watchDisk(deps: {
  readonly folder: string;
  readonly minFreeBytes: number;
  readonly logger: Logger;
  readonly onChange: (storage: StorageState) => void;
}): Promise<DiskWatch> {
  const { folder, minFreeBytes, logger } = deps;
  let storage: StorageState = { level: 0, freeBytes: Number.MAX_SAFE_INTEGER };

  const check = async (): Promise<void> => {
    try {
      const { bavail, bsize } = await statfs(folder);
      const freeBytes = bavail * bsize;
      const level = storageLevelOf(freeBytes, minFreeBytes);
      const isOther = level !== storage.level;
      storage = { level, freeBytes };
      if (!isOther) return;
      logger.warn(
        { freeBytes, minFreeBytes, level },
        level === 0 ? 'The disk has room again' : 'The disk is nearly full',
      );
      deps.onChange(storage);
    } catch (error) {
      logger.warn({ err: error }, 'The free space of the disk cannot be read');
    }
  };
  await check();
  const timer = setInterval(() => void check(), CHECK_MS);
  timer.unref();
  return {
    get storage() {
      return storage;
    },
    close: () => clearInterval(timer),
  };
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file system of its own that is soon full. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Makes it so many MiB large. */
  resize(mebibytes: number): void;
}

/** Mounts one. A sentence that says why not where that is not permitted: it needs root, and a container may forbid it even then. */
export function mountSmallDisk(mebibytes: number): SmallDisk | string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-full-'));
  const run = (file: string, ...args: readonly string[]) => {
    const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
    return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n')[0]);
  };
  const problem = run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder);
  if (problem !== undefined) {
    rmSync(folder, { recursive: true });
    return `a file system cannot be mounted here: ${problem}`;
  }
  let isMounted = true;
  const end = () => {
    process.off('exit', end).off('SIGTERM', endBySignal).off('SIGINT', endBySignal);
    if (!isMounted) return;
    isMounted = false;
    // Lazily: a process that is about to end may still have a file open.
    run('umount', '--lazy', folder);
    rmSync(folder, { recursive: true, force: true });
  };
  // Nothing else would take it away.
  const endBySignal = () => {
    end();
    process.exit(1);
  };
  process.on('exit', end).on('SIGTERM', endBySignal).on('SIGINT', endBySignal);
  return {
    folder,
    resize(size) {
      const wrong = run('mount', '-o', `remount,size=${size}m`, folder);
      if (wrong !== undefined) throw new Error(wrong);
    },
    [Symbol.dispose]: end,
  };
}

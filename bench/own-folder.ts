// Where programs of the bench that start engines put everything, and how it is all gone at the end, whatever happens.

import { chmodSync } from 'node:fs';
import { createTempDir } from './place.ts';
import { listTree } from './proc.ts';

/** How long what is under way may go on after the time is up. */
const GRACE_MS = 120_000;

/**
 * Makes a folder in which everything else that makes temporary folders makes them too. When the time has been up for two minutes, because something
 * hangs, every process started from here is killed, the folder is removed, and this process ends with exit code 1.
 * @param limitMs the time
 */
export function createOwnFolder(limitMs: number): { readonly dir: string; remove(): void } {
  const temp = createTempDir();
  chmodSync(temp.dir, 0o711); // an engine that refuses to run as root must reach its own folder in it
  process.env.TMPDIR = temp.dir;
  const watchdog = setTimeout(() => {
    console.error('The time is up and something hangs: everything is killed.');
    for (const pid of listTree(process.pid)) if (pid !== process.pid) killNow(pid);
    temp.remove();
    process.exit(1);
  }, limitMs + GRACE_MS);
  return {
    dir: temp.dir,
    remove() {
      clearTimeout(watchdog);
      temp.remove();
    },
  };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended by itself.
  }
}

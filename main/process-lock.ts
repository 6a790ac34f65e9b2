import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { isBusy } from '#core/sqlite';

const TRY_EVERY_MS = 50;

/** Locks that this process holds: a database that nothing refers to would be closed. */
const held: DatabaseSync[] = [];

/** How to wait for a lock, and what to say when somebody keeps it. */
export interface LockWish {
  /** A predecessor whose supervisor was killed may take a few seconds to drain and end. */
  readonly waitMs: number;
  readonly problem: string;
  readonly clock: Clock;
}

/**
 * Holds a lock until this process ends, however it ends: the system lets go of a file's lock, here one of SQLite's, after kill -9 too.
 * @throws ConfigurationError with `problem` when another process keeps it
 */
export async function holdLock(file: string, { waitMs, problem, clock }: LockWish): Promise<void> {
  const deadline = clock.monotonic() + waitMs;
  for (;;) {
    const lock = takeLock(file);
    if (lock !== undefined) {
      held.push(lock);
      return;
    }
    if (clock.monotonic() > deadline) throw new ConfigurationError(problem, '/dataDir');
    await sleep(TRY_EVERY_MS);
  }
}

/** undefined: somebody else has it. */
function takeLock(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

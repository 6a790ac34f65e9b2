import type { DatabaseSync } from 'node:sqlite';
import { systemClock } from './clock.ts';

const SQLITE_BUSY = 5;
/** How long a connection waits for the others that open the file at the same time. */
const OPEN_WAIT_MS = 10_000;
const TRY_EVERY_MS = 5;
const never = new Int32Array(new SharedArrayBuffer(4));

/** True when SQLite refused because another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

/**
 * Switches a file to its write-ahead log, as the first thing that is done on a connection. SQLite's own waiting (`busy_timeout`) does not hold
 * here: of two that switch a new file at once, one is told at once that it is locked. So this tries again, and holds up its thread meanwhile.
 * @throws SQLite's error when the others keep it locked for 10 s
 */
export function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = systemClock.monotonic() + OPEN_WAIT_MS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || systemClock.monotonic() > deadline) throw error;
      Atomics.wait(never, 0, 0, TRY_EVERY_MS);
    }
  }
}

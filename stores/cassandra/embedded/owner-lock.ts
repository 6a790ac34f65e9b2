import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '#core/sqlite';

/**
 * The lock of a folder, held until it is let go or this process ends, however it ends: the system lets go of a file's lock, here one of SQLite's.
 * Undefined: another process has it.
 */
export function takeOwnerLock(file: string): Disposable | undefined {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => lock.close() };
}

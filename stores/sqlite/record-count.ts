import type { DatabaseSync } from 'node:sqlite';
import type { RecordKind } from '../record-kind.ts';

/** Notes that so many records were added, or with a negative number removed. */
export type CountRecords = (name: RecordKind, added: number) => void;

/** Counts in memory while a transaction is written, so that each kind costs one update in it. */
export interface RecordCounts {
  readonly count: CountRecords;
  /** Writes what was counted: the last statements of the transaction. */
  write(): void;
  /** Forgets what was counted: the transaction was rolled back. */
  forget(): void;
}

/** Prepares the statement. */
export function createRecordCounts(database: DatabaseSync): RecordCounts {
  const add = database.prepare(
    `INSERT INTO record_count (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n`,
  );
  const added = new Map<RecordKind, number>();
  return {
    count: (name, n) => void (n !== 0 && added.set(name, (added.get(name) ?? 0) + n)),
    write() {
      for (const [name, n] of added) add.run(name, n);
      added.clear();
    },
    forget: () => added.clear(),
  };
}

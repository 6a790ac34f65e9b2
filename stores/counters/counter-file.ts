import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from '#core/logger';
import { useWriteAheadLog } from '#core/sqlite';

/** What of a counter is kept over a restart: how much was taken in one of its slots, and until when (epoch ms) it counts. */
export interface CounterRow {
  readonly name: string;
  readonly slot: number;
  readonly taken: number;
  readonly countsUntil: number;
}

/** Counts on disk. Written so that they outlive the process; after a power cut the newest may be missing. */
export interface CounterFile {
  /** Everything that still counts. */
  read(now: number): CounterRow[];
  /** @throws SQLite's error, e.g. when the disk is full */
  write(rows: Iterable<CounterRow>): void;
  /** Removes what counts no more. @throws SQLite's error */
  purge(now: number): void;
  close(): void;
}

const FORMAT = 1;
const COMPANIONS = ['', '-wal', '-shm'];

/** Opens the file, or makes it. One that cannot be read is set aside as `FILE.damaged` and counting begins anew. */
export function openCounterFile(file: string, logger: Logger): CounterFile {
  try {
    return open(file);
  } catch (error) {
    logger.error({ err: error, file }, 'The counts cannot be read: they are set aside and counting begins anew');
    rmSync(`${file}.damaged`, { force: true });
    renameSync(file, `${file}.damaged`);
    for (const companion of COMPANIONS) rmSync(file + companion, { force: true });
    return open(file);
  }
}

function open(file: string): CounterFile {
  const database = new DatabaseSync(file, { timeout: 1000 });
  try {
    useWriteAheadLog(database);
    database.exec('PRAGMA synchronous = NORMAL');
    const format = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (format !== 0 && format !== FORMAT) throw new Error(`It has format ${format}, not ${FORMAT}.`);
    database.exec(`CREATE TABLE IF NOT EXISTS counter (name TEXT NOT NULL, slot INTEGER NOT NULL, taken INTEGER NOT NULL,
        counts_until INTEGER NOT NULL, PRIMARY KEY (name, slot)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS counter_by_end ON counter (counts_until);
      PRAGMA user_version = ${FORMAT}`);
  } catch (error) {
    database.close();
    throw error;
  }
  const upsert = database.prepare(`INSERT INTO counter VALUES (?, ?, ?, ?)
    ON CONFLICT (name, slot) DO UPDATE SET taken = excluded.taken, counts_until = excluded.counts_until`);
  const select = database.prepare('SELECT name, slot, taken, counts_until FROM counter WHERE counts_until > ?');
  const purge = database.prepare('DELETE FROM counter WHERE counts_until <= ?');
  return {
    read: (now) =>
      select.all(now).map(({ name, slot, taken, counts_until }) => ({
        ...{ name: String(name), slot: Number(slot) },
        ...{ taken: Number(taken), countsUntil: Number(counts_until) },
      })),
    write(rows) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { name, slot, taken, countsUntil } of rows) upsert.run(name, slot, taken, countsUntil);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    purge: (now) => void purge.run(now),
    close: () => database.close(),
  };
}

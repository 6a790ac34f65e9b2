// A child process that opens the databases of the product as its processes do. It is sent names of files; it opens them all at once, as the
// ending of the name says, writes and reads something where it can, closes them, and answers with what went wrong.

import { openDatabase as openReplica } from '#gateway/replica-database';
import { openExchangeFile } from '#manager/exchanges/exchange-file';
import { openSqlite } from '#manager/sqlite';
import { openReader } from '#stores/sqlite/reader';
import { openForWriting } from '#stores/sqlite/schema';

const OPENERS: Readonly<Record<string, (file: string) => void>> = {
  tokens(file) {
    using _ = openForWriting(file, 'e');
    using reader = openReader(file);
    reader.readStandings();
  },
  manager(file) {
    using write = openSqlite(file, 'write');
    write.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS t (n INTEGER); INSERT INTO t VALUES (1); COMMIT');
    using read = openSqlite(file, 'read');
    read.prepare('SELECT * FROM t').all();
  },
  replica(file) {
    using database = openReplica(file);
    database.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS t (n INTEGER); INSERT INTO t VALUES (1); COMMIT');
  },
  exchanges(file) {
    const { file: opened, warning } = openExchangeFile(file);
    opened.db.close();
    if (warning !== undefined) throw new Error(warning);
  },
};

process.on('message', (file: string) => {
  const kind = file.split('.').at(-1) ?? '';
  let problem: string | undefined;
  try {
    OPENERS[kind]?.(file);
  } catch (error) {
    problem = `${kind}: ${error instanceof Error ? error.message : error}`;
  }
  process.send?.({ problem });
});
process.send?.({ problem: undefined });

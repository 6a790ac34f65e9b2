import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';
import { useWriteAheadLog } from '#core/sqlite';

const BUSY_TIMEOUT_MS = 5000;
const STATEMENTS_KEPT = 300;

/** How a connection is used: `write` for transactions, `read` refuses every write. */
export type SqliteUse = 'write' | 'read';

/**
 * Kysely's SQLite dialect over `node:sqlite`: the two differ in how parameters are given and in how one sees that a statement gives rows.
 * Prepared statements are kept by their text, since Kysely prepares anew each time.
 */
export function sqliteDialect(file: string, use: SqliteUse): Dialect {
  return new SqliteDialect({ database: async () => adapt(openSqlite(file, use)) });
}

/** Opens a file with the pragmas that durability needs (WAL, synchronous FULL: what was answered is on disk). */
export function openSqlite(file: string, use: SqliteUse): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    useWriteAheadLog(database);
    database.exec('pragma synchronous = full; pragma foreign_keys = on;');
    if (use === 'read') database.exec('pragma query_only = on;');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

interface Statement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
}

function adapt(database: DatabaseSync): { close(): void; prepare(sql: string): Statement } {
  const statements = new Map<string, Statement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      // Taking the write lock at once, so that a transaction that reads first never fails when it begins to write.
      const statement = adaptStatement(database.prepare(sql === 'begin' ? 'begin immediate' : sql));
      if (statements.size >= STATEMENTS_KEPT) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): Statement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toSqlite)),
    run: (parameters) => statement.run(...parameters.map(toSqlite)),
    iterate: (parameters) => statement.iterate(...parameters.map(toSqlite)),
  };
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite takes no ${typeof value} as a parameter.`);
}

import { createHash } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { typesOfSqlite } from '#manager/postgres-types';

/** Says where the PostgreSQL server is that test/support/manager-postgres.ts has started. */
export const SERVER_VARIABLE = 'GATEWRIGHT_TEST_POSTGRES_URL';
/** The database with all tables and no rows. */
export const MANAGER_TEMPLATE = 'gatewright_template';

/** True when the manager's tests run on PostgreSQL: GATEWRIGHT_TEST_DATABASE=postgres. */
export const isOnPostgres = () => process.env.GATEWRIGHT_TEST_DATABASE === 'postgres';

const made = new Set<string>();

/** Where the data of a test's manager lie, by its data directory: a file in there, or a database of its own, made when it is not there. */
export async function managerDatabase(dataDir: string): Promise<string> {
  if (!isOnPostgres()) return path.join(dataDir, 'manager.db');
  const name = nameOf(dataDir);
  if (!made.has(name))
    await withServer((client) => client.query(`create database ${name} template ${MANAGER_TEMPLATE} strategy wal_log`));
  made.add(name);
  return urlOf(name);
}

/** Removes the database of a data directory that is about to be removed. */
export async function dropManagerDatabase(dataDir: string): Promise<void> {
  const name = nameOf(dataDir);
  if (made.delete(name)) await withServer((client) => client.query(`drop database ${name} with (force)`));
}

/** Changes the manager's database behind its back, one statement after the other. */
export async function changeByHand(dataDir: string, ...statements: readonly string[]): Promise<void> {
  if (isOnPostgres()) return withDatabase(dataDir, async (client) => void (await client.query(statements.join(';\n'))));
  using database = new DatabaseSync(path.join(dataDir, 'manager.db'), { timeout: 5000 });
  for (const statement of statements) database.exec(statement);
}

/** Reads the manager's database behind its back. `?` stands for a parameter. */
export async function readByHand(
  dataDir: string,
  text: string,
  ...parameters: readonly (string | number)[]
): Promise<Row[]> {
  if (isOnPostgres()) {
    let n = 0;
    const numbered = text.replaceAll('?', () => `$${++n}`);
    return withDatabase(dataDir, async (client) => (await client.query<Row>(numbered, [...parameters])).rows);
  }
  using database = new DatabaseSync(path.join(dataDir, 'manager.db'), { readOnly: true });
  return database.prepare(text).all(...parameters);
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
type Row = Record<string, any>;

async function withDatabase<Result>(dataDir: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: await managerDatabase(dataDir), types: typesOfSqlite });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs something on the server of the tests, outside of any manager's database. */
export async function withServer<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** URL of a database on the server of the tests, by its name. */
export function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = database;
  return url.href;
}

function serverUrl(): string {
  const url = process.env[SERVER_VARIABLE];
  if (url === undefined)
    throw new Error(
      'No PostgreSQL: run with --test-global-setup=test/support/manager-postgres.ts, as `npm test -- postgres` does.',
    );
  return url;
}

function nameOf(dataDir: string): string {
  return `m_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`;
}

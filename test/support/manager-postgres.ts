import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openDatabase } from '#manager/database';
import { MANAGER_TEMPLATE, SERVER_VARIABLE, urlOf, withServer } from './manager-database.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

// For `node --test --test-global-setup=…`: one PostgreSQL server for all test files, with a database that has all tables, which each test copies.

/** Nothing of the tests need outlive a power cut, and their databases are small and many. */
const SETTINGS = {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: '0' },
  ...{ max_connections: '400', shared_buffers: '32MB', autovacuum: 'off', jit: 'off' },
};

/** Making and removing hundreds of databases is hundreds of thousands of files: in memory, where there is room for them. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 * 2 ** 30;

function chooseParent(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

let server: PostgresServer | undefined;

/** Runs before the test files, whose processes get its environment. */
export async function globalSetup(): Promise<void> {
  server = await startPostgres(SETTINGS, chooseParent());
  // Where the tests run in this very process, it has ended when nothing else is open.
  server.process.unref();
  process.env[SERVER_VARIABLE] = server.url;
  process.env.GATEWRIGHT_TEST_DATABASE = 'postgres';
  await withServer((client) => client.query(`create database ${MANAGER_TEMPLATE}`));
  await (await openDatabase(urlOf(MANAGER_TEMPLATE)))[Symbol.asyncDispose]();
}

/** Runs when all files have ended. */
export async function globalTeardown(): Promise<void> {
  server?.process.ref();
  await server?.[Symbol.asyncDispose]();
}

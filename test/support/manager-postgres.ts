import { openDatabase } from '#manager/database';
import { MANAGER_TEMPLATE, SERVER_VARIABLE, withServer } from './manager-database.ts';
import { type ManagerPostgres, startManagerPostgres } from './manager-postgres-server.ts';

// For `node --test --test-global-setup=…`: one PostgreSQL server for all test files, with a database that has all tables, which each test copies.

let server: ManagerPostgres | undefined;

/** Runs before the test files, whose processes get its environment. */
export async function globalSetup(): Promise<void> {
  server = await startManagerPostgres();
  process.env[SERVER_VARIABLE] = server.url();
  process.env.GATEWRIGHT_TEST_DATABASE = 'postgres';
  await withServer((client) => client.query(`create database ${MANAGER_TEMPLATE}`));
  await (await openDatabase(server.url(MANAGER_TEMPLATE)))[Symbol.asyncDispose]();
}

/** Runs when all files have ended. */
export async function globalTeardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}

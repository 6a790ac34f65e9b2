import { type Dialect, PostgresDialect, type PostgresPoolClient, type PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { asDatabaseProblem } from './postgres-errors.ts';
import { toPostgres, typesOfSqlite } from './postgres-types.ts';

/** Channel of NOTIFY on which managers tell each other of changes. The payload is the name of the one who tells. */
export const CHANNEL = 'gatewright_changes';

/** First key of the advisory locks for writing to token stores; the second one is the store's. */
export const PUBLISHING = 6_712_003;

/** How a pool is used: `write` for changes, `read` refuses every write, `migrate` waits as long as it takes. */
export type PostgresUse = 'write' | 'read' | 'migrate';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_MS = 60_000;
/** Changes come one after the other anyway (see {@link TAKE_TURN}); what is read need not wait for them. */
const CONNECTIONS: Readonly<Record<PostgresUse, number>> = { write: 1, read: 6, migrate: 1 };
const TIMEOUTS_MS = { statement: 30_000, lock: 10_000, idleInTransaction: 15_000 };

/**
 * A transaction that changes something begins with this lock and holds it to its end, as SQLite's `begin immediate` does: changes come one
 * after the other, whichever manager makes them. So what a change has read still holds when it writes, and no update is lost.
 */
const TAKE_TURN = `select pg_advisory_xact_lock(${keyOf('change')})`;

/** Kysely's PostgreSQL dialect over `pg`, with the values, flags and transactions of the SQLite one. */
export function postgresDialect(url: string, use: PostgresUse): Dialect {
  const pool = new pg.Pool({ ...clientConfig(url), max: CONNECTIONS[use], idleTimeoutMillis: IDLE_MS });
  // A connection that breaks while nobody uses it: the pool makes another one.
  pool.on('error', () => {});
  const adapted = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return new PostgresDialect({
    pool: {
      async connect() {
        const client = await explained(pool.connect());
        const known = adapted.get(client);
        if (known !== undefined) return known;
        const made = await adapt(client, use);
        adapted.set(client, made);
        return made;
      },
      end: () => pool.end(),
      options: pool.options,
    },
  });
}

/** What every connection to the database is opened with. */
export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'gatewright manager',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: typesOfSqlite,
  };
}

/** Key of an advisory lock of the manager's, by what it stands for; a number that no other program is likely to use. */
function keyOf(what: 'change' | 'start'): number {
  return { change: 6_712_001, start: 6_712_002 }[what];
}

/** Runs something that only one manager at a time may do, however long it takes; the others wait. */
export async function alone<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => {});
  try {
    await explained(client.connect());
    await explained(client.query(`select pg_advisory_lock(${keyOf('start')})`));
    return await work();
  } finally {
    await client.end().catch(() => {});
  }
}

async function adapt(client: pg.PoolClient, use: PostgresUse): Promise<PostgresPoolClient> {
  // One that breaks while it is lent out, between two statements: the next statement says so.
  client.on('error', () => {});
  const query = async (text: string, parameters: readonly unknown[]) => {
    const answer = parameters.length === 0 ? client.query(text) : client.query(text, parameters.map(toPostgres));
    const { command, rowCount, rows } = lastOf(await explained(answer));
    return { command: commandOf(command), rowCount: rowCount ?? 0, rows };
  };
  const begin = async (text: string) => {
    try {
      return await query(`${text}; ${TAKE_TURN}`, []);
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
  };
  try {
    await query(settingsOf(use), []);
  } catch (error) {
    client.release(true);
    throw error;
  }
  // Kysely's interface has a cursor's form of `query` too, which the manager never uses.
  const adapted = {
    query: (text: string, parameters: readonly unknown[] = []) =>
      use === 'write' && text === 'begin' ? begin(text) : query(text, parameters),
    release: (discard?: boolean) => client.release(discard === true),
  };
  return adapted as PostgresPoolClient;
}

/** A text of several statements has an answer each; without parameters `pg` gives them all. */
function lastOf(answer: pg.QueryResult | pg.QueryResult[]): pg.QueryResult {
  if (!Array.isArray(answer)) return answer;
  const last = answer.at(-1);
  if (last === undefined) throw new Error('A statement had no answer.');
  return last;
}

type Command = PostgresQueryResult<unknown>['command'];

function commandOf(command: string): Command {
  return command as Command;
}

function settingsOf(use: PostgresUse): string {
  const { statement, lock, idleInTransaction } = TIMEOUTS_MS;
  const timeouts =
    use === 'migrate'
      ? 'set statement_timeout = 0; set lock_timeout = 0'
      : `set statement_timeout = ${statement}; set lock_timeout = ${lock}`;
  const readOnly = use === 'read' ? '; set default_transaction_read_only = on' : '';
  // A manager that was stopped in the middle of a change would keep all others waiting.
  return `${timeouts}; set idle_in_transaction_session_timeout = ${idleInTransaction}${readOnly}`;
}

async function explained<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    throw asDatabaseProblem(error);
  }
}

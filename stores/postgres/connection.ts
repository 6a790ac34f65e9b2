import pg from 'pg';
import type { Clock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import { isAnswer, isRefusedLogin, isRolledBack } from './errors.ts';
import type { PostgresPlace } from './url.ts';

/** How long connecting, or waiting for a connection of the pool, may take. */
const CONNECT_TIMEOUT_MS = 2000;
/** How long the engine works on one statement; then it takes back what the statement did. */
const STATEMENT_TIMEOUT_MS = 2000;
/** How long statement or transaction may take altogether: then its connection is cut, and nobody knows what became of it. */
const ANSWER_TIMEOUT_MS = 2500;
/** What may be carried out twice is tried again after a connection was cut, when no more time than this has passed. */
const REPEAT_WITHIN_MS = 1000;
/** Tries of what the engine takes back because others were in the way (deadlock). */
const TRIES = 5;
/** So many may wait for a connection (decision 22). */
const MAX_WAITING = 10_000;
const IDLE_MS = 60_000;

/** A row: its columns in the order of the statement. */
export type Row = readonly unknown[];
/** A statement; with a name it is prepared once a connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}
/** Carries out a statement on one connection. */
export type Run = (statement: Statement, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** Connections that come back by themselves. Every failure of the engine is an UnavailableError. */
export interface PostgresConnection extends AsyncDisposable {
  /**
   * One statement, which is one transaction. @param isRepeatable true: carried out twice it has the same effect and answer as once, so that it
   * is tried again when its outcome is unknown
   */
  run(statement: Statement, values?: readonly unknown[], isRepeatable?: boolean): Promise<readonly Row[]>;
  /** Several statements as one transaction, committed when `work` ends well. */
  transaction<T>(work: (run: Run) => Promise<T>, isRepeatable?: boolean): Promise<T>;
}

/** Makes a pool; it connects when it is first asked. @param size connections at most */
export function createConnection(
  place: PostgresPlace,
  { size, clock, logger }: { readonly size: number; readonly clock: Clock; readonly logger: Logger },
): PostgresConnection {
  const pool = new pg.Pool({ ...clientConfig(place), max: size, idleTimeoutMillis: IDLE_MS });
  const onError = (error: unknown) => logger.debug({ err: error }, 'a connection to PostgreSQL failed');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError)); // also while it is in use
  let isClosed = false;

  async function onClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (isClosed) throw new UnavailableError('the token store is closed');
    if (pool.waitingCount >= MAX_WAITING) throw new UnavailableError('too many requests wait for the token store');
    const client = await pool.connect();
    let isBroken = false;
    const timer = setTimeout(() => {
      isBroken = true;
      client.end().catch(onError); // cuts the connection: what waits on it fails
    }, ANSWER_TIMEOUT_MS);
    try {
      return await work(client);
    } catch (error) {
      if (!isAnswer(error)) isBroken = true;
      throw error;
    } finally {
      clearTimeout(timer);
      client.release(isBroken);
    }
  }

  async function tried<T>(work: (client: pg.PoolClient) => Promise<T>, isRepeatable: boolean): Promise<T> {
    const begun = clock.monotonic();
    for (let tries = 1; ; tries += 1) {
      try {
        return await onClient(work);
      } catch (error) {
        const isWorthIt = isRepeatable && !isAnswer(error) && clock.monotonic() - begun < REPEAT_WITHIN_MS;
        if (tries === TRIES || isClosed || !(isRolledBack(error) || isWorthIt)) throw away(error);
      }
    }
  }

  return {
    run: (statement, values = [], isRepeatable = false) =>
      tried((client) => runOn(client, statement, values), isRepeatable),
    transaction: (work, isRepeatable = false) =>
      tried(async (client) => {
        await client.query('begin');
        try {
          const result = await work((statement, values = []) => runOn(client, statement, values));
          await client.query('commit');
          return result;
        } catch (error) {
          if (isAnswer(error)) await client.query('rollback');
          throw error;
        }
      }, isRepeatable),
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await pool.end();
    },
  };
}

/** What every connection is made with. Plans are made for look-ups by index: tables grow from nothing faster than their statistics. */
export function clientConfig({ postgres, password }: PostgresPlace): pg.ClientConfig {
  const { host, port, database, schema, user, tls, ca } = postgres;
  const settings = {
    search_path: `"${schema}"`,
    jit: 'off',
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    idle_in_transaction_session_timeout: '5000',
    client_min_messages: 'warning',
  };
  return {
    ...{ host, port, database, user, keepAlive: true },
    ...(password !== undefined && { password }),
    application_name: 'gatewright tokens',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    ssl: tls ? { rejectUnauthorized: true, ...(ca !== '' && { ca }) } : false,
  };
}

async function runOn(client: pg.ClientBase, { name, text }: Statement, values: readonly unknown[]) {
  const named = name === undefined ? {} : { name };
  const result = await client.query<unknown[], unknown[]>({ ...named, text, values: [...values], rowMode: 'array' });
  return result.rows;
}

/** What the engine or the way to it says stays inside: it may hold values of a statement. */
export function away(error: unknown): Error {
  if (error instanceof UnavailableError || error instanceof ConfigurationError || error instanceof RangeError)
    return error;
  if (isRefusedLogin(error))
    return new UnavailableError('PostgreSQL refuses the user or password of the token store', { cause: error });
  return new UnavailableError('the token store does not answer', { cause: error });
}

import { setTimeout as sleep } from 'node:timers/promises';
import cassandra, { type Client, type QueryOptions, type types } from 'cassandra-driver';
import type { Clock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { CassandraStoreSettings, TokenStorePlace } from '#core/model/token-store';
import type { Random } from '#core/random';

const { policies, auth } = cassandra;
/** How long one request to one node may take; a node itself gives up after 2 s. */
const REQUEST_TIMEOUT_MS = 2500;
const CONNECT_TIMEOUT_MS = 2000;
/** A node that was away is tried again so often. */
const RECONNECT_MS = 500;
/** What may be asked twice is asked of a second node when the first says nothing for so long. */
const SECOND_NODE_AFTER_MS = 500;
/** A step that is refused again and again, because others change the same, is given up after so long. */
const CHANGE_TIMEOUT_MS = 4500;
/** Between two tries of a step, at most; so that those who race do not meet again. */
const PAUSE_MS = 20;

/** So many requests of this process are under way at once, below what the driver takes; further ones wait. */
const AT_ONCE = 1024;
/** So many may wait (decision 22). */
const MAX_WAITING = 50_000;

/** One statement with its parameters. */
export interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

/** What a step comes to after a look at the rows: an answer alone, or one that holds once the statements are carried out. */
export interface Decision<T> {
  readonly answer: T;
  /** Statements of one partition with conditions (LWT). Left out: there is nothing to do. */
  readonly statements?: readonly Statement[];
}

/** A page of rows. `next`: where the next one begins. */
export interface RowPage {
  readonly rows: readonly types.Row[];
  readonly next: string | undefined;
}

/** A connection to a cluster that comes back by itself. Every failure of the engine is an UnavailableError. */
export interface CassandraConnection extends AsyncDisposable {
  /** Reads at the consistency of the settings; `serial`: after everything that was begun has been brought to an end. */
  read(query: string, params: readonly unknown[], isSerial?: boolean): Promise<readonly types.Row[]>;
  readPage(query: string, after: string | undefined, limit: number): Promise<RowPage>;
  /** Writes something that may be written twice; several statements are sent in one go. */
  write(...statements: readonly Statement[]): Promise<void>;
  /**
   * A step that is carried out in one go or not at all (LWT): `decide` looks at the rows and says what to write under which conditions. When others
   * changed them meanwhile, or the outcome is unknown, it looks again, serially: there it must recognise what it wrote itself. Steps of this
   * process on one key take turns, since racing ones cost Cassandra several rounds each.
   */
  change<T>(key: string, decide: (isSerial: boolean) => Promise<Decision<T>>): Promise<T>;
  readonly client: Client;
}

/** What connections are made with. */
export interface ConnectionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/** Connects. @throws UnavailableError when no node answers; ConfigurationError when user or password are refused */
export async function connectCassandra(
  place: Extract<TokenStorePlace, { kind: 'cassandra' }>,
  { clock, logger, random }: ConnectionOptions,
): Promise<CassandraConnection> {
  const client = createClient(place);
  client.on('hostDown', (host: { address: string }) =>
    logger.warn({ node: host.address }, 'a node of Cassandra is away'),
  );
  client.on('hostUp', (host: { address: string }) =>
    logger.info({ node: host.address }, 'a node of Cassandra is back'),
  );
  // The driver (4.10) puts another in place of a node that comes back, and would try to reach the old one for ever, after shutdown too.
  client.on('hostRemove', (host: object) => {
    if ('shutdown' in host && typeof host.shutdown === 'function') host.shutdown(false);
  });
  try {
    await client.connect();
  } catch (error) {
    await client.shutdown();
    if (isRefused(error)) throw new ConfigurationError('Cassandra refuses the user or password of the token store.');
    throw away(error);
  }
  const { serial } = cassandra.types.consistencies;
  const turns = createTurns();
  const gate = createGate();
  const execute = (query: string, params: readonly unknown[], options: QueryOptions) =>
    gate.pass(() => client.execute(query, [...params], options));

  function send(statements: readonly Statement[], options: QueryOptions): Promise<types.ResultSet> {
    const [only, second] = statements;
    if (only !== undefined && second === undefined) return execute(only.query, only.params, options);
    const queries = statements.map(({ query, params }) => ({ query, params: [...params] }));
    return gate.pass(() => client.batch(queries, { ...options, logged: false }));
  }

  /** undefined: nobody knows whether it was carried out. */
  async function carryOut(statements: readonly Statement[]): Promise<boolean | undefined> {
    const options = { prepare: true, isIdempotent: false };
    try {
      const result = await send(statements, options);
      return result.wasApplied();
    } catch (error) {
      if (isWrongQuery(error)) throw away(error);
      logger.debug({ err: error }, 'the outcome of a step in Cassandra is unknown: it is looked up');
      return undefined;
    }
  }

  return {
    client,
    async read(query, params, isSerial = false) {
      const options: QueryOptions = { prepare: true, isIdempotent: true };
      try {
        return (await execute(query, params, isSerial ? { ...options, consistency: serial } : options)).rows;
      } catch (error) {
        throw away(error);
      }
    },
    async readPage(query, after, limit) {
      const options = { prepare: true, isIdempotent: true, autoPage: false, fetchSize: limit };
      try {
        const page = await execute(query, [], after === undefined ? options : { ...options, pageState: after });
        return { rows: page.rows, next: page.pageState ?? undefined };
      } catch (error) {
        throw away(error);
      }
    },
    async write(...statements) {
      try {
        await send(statements, { prepare: true, isIdempotent: true });
      } catch (error) {
        throw away(error);
      }
    },
    change(key, decide) {
      return turns.take(key, async () => {
        const deadline = clock.monotonic() + CHANGE_TIMEOUT_MS;
        for (let isSerial = false; ; isSerial = true) {
          const { answer, statements } = await decide(isSerial);
          if (statements === undefined) return answer;
          if ((await carryOut(statements)) === true) return answer;
          if (clock.monotonic() > deadline) throw new UnavailableError('the token store is too busy');
          await sleep((random.byte() * PAUSE_MS) / 255);
        }
      });
    },
    [Symbol.asyncDispose]: () => client.shutdown(),
  };
}

function createClient({ cassandra: settings, password }: Extract<TokenStorePlace, { kind: 'cassandra' }>): Client {
  const { contactPoints, dataCentre, user, tls, ca } = settings;
  const [first = ''] = contactPoints;
  const port = Number(/:(\d+)$/.exec(first.replace(/^\[.*\]/, ''))?.[1] ?? 9042);
  return new cassandra.Client({
    contactPoints: [...contactPoints],
    localDataCenter: dataCentre,
    // Nodes announce their addresses, not their ports.
    protocolOptions: { port, maxSchemaAgreementWaitSeconds: 30 },
    ...(user !== '' && { authProvider: new auth.PlainTextAuthProvider(user, password ?? '') }),
    ...(tls && { sslOptions: { rejectUnauthorized: true, ...(ca !== '' && { ca }) } }),
    socketOptions: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      readTimeout: REQUEST_TIMEOUT_MS,
      defunctReadTimeoutThreshold: 8,
    },
    pooling: { heartBeatInterval: 5000, coreConnectionsPerHost: { 0: 2, 1: 1, 2: 0 } },
    policies: {
      reconnection: new policies.reconnection.ConstantReconnectionPolicy(RECONNECT_MS),
      speculativeExecution: new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(
        SECOND_NODE_AFTER_MS,
        2,
      ),
    },
    queryOptions: {
      consistency: consistencyOf(settings.consistency),
      serialConsistency: cassandra.types.consistencies.serial,
    },
  });
}

function consistencyOf(name: CassandraStoreSettings['consistency']): types.consistencies {
  const { localQuorum, quorum, eachQuorum, all, localOne, one } = cassandra.types.consistencies;
  const byName = { LOCAL_QUORUM: localQuorum, QUORUM: quorum, EACH_QUORUM: eachQuorum, ALL: all };
  return { ...byName, LOCAL_ONE: localOne, ONE: one }[name];
}

/** What the engine or the way to it says stays inside: it may hold values of a statement. */
function away(error: unknown): UnavailableError {
  return error instanceof UnavailableError
    ? error
    : new UnavailableError('the token store does not answer', { cause: error });
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
/** Syntax, permission, configuration, …: nothing was carried out, and nothing will be. */
function isWrongQuery(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'number' && code >= 0x2000 && code < 0x2500;
}

function isRefused(error: unknown): boolean {
  const inner = error instanceof Error && 'innerErrors' in error ? Object.values(error.innerErrors ?? {}) : [];
  return [error, ...inner].some((one) => one instanceof Error && one.name === 'AuthenticationError');
}

/** Lets so many go at once. */
function createGate() {
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  return {
    /** @throws UnavailableError when too many wait */
    async pass<T>(run: () => Promise<T>): Promise<T> {
      if (free > 0) free -= 1;
      else if (waiting.length >= MAX_WAITING) throw new UnavailableError('too many requests wait for the token store');
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await run();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}

/** Lets those of one key go one after another. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take<T>(key: string, run: () => Promise<T>): Promise<T> {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(run, run);
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}

import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import { connectInTime, createRedisClient } from './client.ts';
import { listenForHints } from './hints.ts';
import { findRisks } from './risks.ts';
import { SCRIPT } from './script.ts';
import type { RedisPlace } from './url.ts';

/** How long one command may take: then its outcome is unknown, and the caller is told that the store is away. */
const COMMAND_TIMEOUT_MS = 2000;
/** What the client says of a connection and of a Cluster whatever happened to them. */
const SAYS_NOTHING = /^(Connection is closed|Failed to refresh slots cache)/;
const SCRIPT_SHA = hash('sha1', SCRIPT);

/** A connection that comes back by itself; what is asked meanwhile is refused at once. */
export interface RedisConnection extends AsyncDisposable {
  /** @throws UnavailableError when the engine does not answer in time, or refuses */
  run(operation: string, ...args: readonly string[]): Promise<unknown>;
  /** A plain command on one key. @throws UnavailableError */
  call(command: string, key: string, ...args: readonly string[]): Promise<unknown>;
  /** What its settings put at risk. @throws UnavailableError */
  warnings(): Promise<readonly string[]>;
  /** Hears of what is added to the feed: see hints.ts. */
  listen(told: () => void): AsyncDisposable;
}

/** Connects, and says what of the engine's settings could lose tokens. @throws UnavailableError */
export async function connectRedis(place: RedisPlace, logger: Logger): Promise<RedisConnection> {
  const client = createRedisClient(place, COMMAND_TIMEOUT_MS);
  let lastError: unknown;
  const failed = (error: Error) => {
    if (!SAYS_NOTHING.test(error.message)) lastError = error;
    logger.debug({ err: error }, 'the connection to Redis failed');
  };
  const isThere = () => {
    lastError = undefined;
  };
  client.on('error', failed).on('ready', isThere);
  // Of a Cluster each node has its own connection, and those that nobody needs may be away.
  client.on('node error', failed).on('+node', (node: Redis) => node.on('ready', isThere));
  client.on('close', () => logger.info({}, 'the connection to Redis is closed; it is tried again'));

  async function asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      // Of a connection that failed the client only says that it is closed; why it told before. What Redis answers says itself what is wrong.
      const cause = isReply(error) || error instanceof UnavailableError ? error : (lastError ?? error);
      throw new UnavailableError('the token store does not answer', { cause });
    }
  }
  async function carryOut(operation: string, ...args: readonly string[]): Promise<unknown> {
    try {
      return await client.evalsha(SCRIPT_SHA, 1, place.prefix, operation, ...args);
    } catch (error) {
      // After a restart the engine has forgotten the script; nothing of it was carried out.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await client.eval(SCRIPT, 1, place.prefix, operation, ...args);
    }
  }
  /** @throws UnavailableError which names the commands that the user may not run */
  async function checkRights(): Promise<void> {
    const missing = await carryOut('rights', '{}', '0', '0');
    if (!Array.isArray(missing) || missing.length === 0) return;
    const keys = `keys that begin with ${place.prefix}`;
    throw new UnavailableError(`The user of Redis may not run ${missing.join(', ')} on ${keys}: see its ACL.`);
  }
  const connection: RedisConnection = {
    run: (operation, ...args) =>
      asked(async () => {
        try {
          return await carryOut(operation, ...args);
        } catch (error) {
          // Redis does not say which command of a script was refused.
          if (isReply(error) && /^NOPERM|user executing the script/.test(error.message)) await checkRights();
          throw error;
        }
      }),
    call: (command, key, ...args) => asked(() => client.call(command, key, ...args)),
    warnings: () => asked(() => findRisks(client, place)),
    listen: (told) => listenForHints(place, { timeoutMs: COMMAND_TIMEOUT_MS, logger, told }),
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
  try {
    await asked(() => connectInTime(client, place));
    await asked(checkRights);
    for (const risk of await asked(() => findRisks(client, place))) logger.warn({}, risk);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return connection;
}

/** True for what Redis itself answered. */
const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

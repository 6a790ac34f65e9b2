import { hash } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import { createRedisClient } from './client.ts';
import { SCRIPT } from './script.ts';
import type { RedisPlace } from './url.ts';

/** How long one command may take: then its outcome is unknown, and the caller is told that the store is away. */
const COMMAND_TIMEOUT_MS = 2000;
const SCRIPT_SHA = hash('sha1', SCRIPT);

/** A connection that comes back by itself; what is asked meanwhile is refused at once. */
export interface RedisConnection extends AsyncDisposable {
  /** @throws UnavailableError when the engine does not answer in time, or refuses */
  run(operation: string, ...args: readonly string[]): Promise<unknown>;
  /** A plain command on one key. @throws UnavailableError */
  call(command: string, key: string, ...args: readonly string[]): Promise<unknown>;
  /** What its settings put at risk. @throws UnavailableError */
  warnings(): Promise<readonly string[]>;
}

/** Connects, and says what of the engine's settings could lose tokens. @throws UnavailableError */
export async function connectRedis(place: RedisPlace, logger: Logger): Promise<RedisConnection> {
  const client = createRedisClient(place, COMMAND_TIMEOUT_MS);
  let lastError: unknown;
  client.on('error', (error: unknown) => {
    lastError = error;
    logger.debug({ err: error }, 'the connection to Redis failed');
  });
  client.on('ready', () => {
    lastError = undefined;
  });
  client.on('close', () => logger.info({}, 'the connection to Redis is closed; it is tried again'));

  async function asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      // Of a connection that failed the client only says that it is closed; why it told before.
      throw new UnavailableError('the token store does not answer', { cause: lastError ?? error });
    }
  }
  const connection: RedisConnection = {
    run: (operation, ...args) =>
      asked(async () => {
        try {
          return await client.evalsha(SCRIPT_SHA, 1, place.prefix, operation, ...args);
        } catch (error) {
          // After a restart the engine has forgotten the script; nothing of it was carried out.
          if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
          return await client.eval(SCRIPT, 1, place.prefix, operation, ...args);
        }
      }),
    call: (command, key, ...args) => asked(() => client.call(command, key, ...args)),
    warnings: () => asked(() => findRisks(client, place)),
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
  try {
    await asked(() => client.connect());
    for (const risk of await asked(() => findRisks(client, place))) logger.warn({}, risk);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return connection;
}

/** What the settings of the engine put at risk (decision 39). A server that shows no settings is taken at its word. */
async function findRisks(client: Redis | Cluster, place: RedisPlace): Promise<readonly string[]> {
  const risks: string[] = [];
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const values = async (name: string) => {
    const answers = await Promise.all(nodes.map((node) => node.call('CONFIG', 'GET', name).catch(() => undefined)));
    return answers.flatMap((answer) => (Array.isArray(answer) && answer[1] !== undefined ? [String(answer[1])] : []));
  };
  const isAll = (found: readonly string[], wanted: string) => found.every((value) => value === wanted);
  const isDurable = isAll(await values('appendonly'), 'yes') && isAll(await values('appendfsync'), 'always');
  if (!isDurable && !place.isLossAccepted)
    risks.push(
      'Redis may lose tokens, revocations and used codes that were acknowledged: set appendonly yes and appendfsync always, or accept the loss (lossAccepted).',
    );
  if (place.mode !== 'single' && !place.isLossAccepted)
    risks.push(
      'A failover of Redis may lose what was written last: replication does not wait. Accept the loss (lossAccepted), or use PostgreSQL or Cassandra.',
    );
  if (!isAll(await values('maxmemory-policy'), 'noeviction'))
    risks.push('Redis may evict tokens and revocations when its memory is full: set maxmemory-policy noeviction.');
  return risks;
}

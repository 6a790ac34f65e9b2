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
}

/** Connects, and says what of the engine's settings could lose tokens. @throws UnavailableError */
export async function connectRedis(place: RedisPlace, logger: Logger): Promise<RedisConnection> {
  const client = createRedisClient(place, COMMAND_TIMEOUT_MS);
  client.on('error', (error: unknown) => logger.debug({ err: error }, 'the connection to Redis failed'));
  client.on('close', () => logger.info({}, 'the connection to Redis is closed; it is tried again'));

  async function asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw new UnavailableError('the token store does not answer', { cause: error });
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
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
  try {
    await asked(() => client.connect());
    await warnOfLoss(client, place, logger);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return connection;
}

async function warnOfLoss(client: Redis | Cluster, place: RedisPlace, logger: Logger): Promise<void> {
  const settings = new Map<string, string>();
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  for (const node of nodes) {
    for (const name of ['appendonly', 'appendfsync', 'maxmemory-policy']) {
      const answer = await node.call('CONFIG', 'GET', name).catch(() => []);
      const value = Array.isArray(answer) && answer[1] !== undefined ? String(answer[1]) : 'unknown';
      settings.set(name, settings.has(name) && settings.get(name) !== value ? 'mixed' : value);
    }
  }
  const isDurable = settings.get('appendonly') === 'yes' && settings.get('appendfsync') === 'always';
  if (!isDurable && !place.isLossAccepted)
    logger.warn(
      { appendonly: settings.get('appendonly'), appendfsync: settings.get('appendfsync') },
      'Redis may lose tokens, revocations and used codes that were acknowledged: set appendonly yes and appendfsync always, or accept the loss with lossAccepted=true in the URL of the token store',
    );
  if (settings.get('maxmemory-policy') !== 'noeviction')
    logger.warn(
      { policy: settings.get('maxmemory-policy') },
      'Redis may evict tokens and revocations when its memory is full: set maxmemory-policy noeviction',
    );
}

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import { SCRIPT } from './script.ts';
import type { RedisPlace } from './url.ts';

/** How long one command may take: then its outcome is unknown, and the caller is told that the store is away. */
const COMMAND_TIMEOUT_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_MS = { least: 50, most: 1000 };
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
  const client = createClient(place);
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

function createClient(place: RedisPlace): Redis | Cluster {
  const { nodes, mode, sentinelName, isTls, caFile, username, password, database } = place;
  const tls = isTls ? { tls: caFile === undefined ? {} : { ca: readFileSync(caFile) } } : {};
  const retry = (times: number) => Math.min(RECONNECT_MS.least * times, RECONNECT_MS.most);
  const own = {
    ...tls,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A primary that became a replica refuses writes: look for the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  const common = { lazyConnect: true, enableOfflineQueue: false, enableAutoPipelining: true };
  const [first = { host: '127.0.0.1', port: 6379 }] = nodes;
  switch (mode) {
    case 'cluster':
      return new Cluster([...nodes], {
        ...common,
        redisOptions: own,
        clusterRetryStrategy: retry,
        // Certificates are checked against the name that the nodes announce.
        ...(isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
      });
    case 'sentinel':
      return new Redis({
        ...{ ...common, ...own, db: database, retryStrategy: retry, sentinelRetryStrategy: retry },
        sentinels: [...nodes],
        ...(sentinelName === undefined ? {} : { name: sentinelName }),
        ...(isTls ? { sentinelTLS: tls.tls ?? {}, enableTLSForSentinelMode: true } : {}),
      });
    case 'single':
      return new Redis({ ...common, ...own, ...first, db: database, retryStrategy: retry });
  }
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

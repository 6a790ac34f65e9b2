import { Cluster, Redis } from 'ioredis';
import type { RedisPlace } from './url.ts';

const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_MS = { least: 50, most: 1000 };

/**
 * Makes a client for one server, Sentinels or a Cluster. It comes back by itself; what is asked while it is away fails at once.
 * @param commandTimeoutMs how long one command may take
 */
export function createRedisClient(place: RedisPlace, commandTimeoutMs: number): Redis | Cluster {
  const { nodes, mode, sentinelName, isTls, ca, username, password, database } = place;
  const tls = isTls ? { tls: ca === undefined ? {} : { ca } } : {};
  const retry = (times: number) => Math.min(RECONNECT_MS.least * times, RECONNECT_MS.most);
  const own = {
    ...tls,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs,
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

import { Cluster, Redis } from 'ioredis';
import type { RedisPlace } from './url.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** How long a node of a Cluster may take to say why it cannot be reached. */
const PROBE_TIMEOUT_MS = 1000;
const RECONNECT_MS = { least: 50, most: 1000 };
/** How often a Cluster is asked which node holds what: of a node that hangs no answer tells that another one took its place. */
const SLOTS_REFRESH_MS = 5000;

/**
 * A Cluster that carries out nothing in a slot that is on its way to another node: a script would find half of its keys. What is asked meanwhile
 * is refused (ASK), and goes to the new node as soon as it has everything (MOVED).
 */
class WholeSlotCluster extends Cluster {
  override handleError(...[error, ttl, handlers]: Parameters<Cluster['handleError']>): void {
    if (error.message.startsWith('ASK ')) handlers.defaults();
    else super.handleError(error, ttl, handlers);
  }
}

/**
 * Makes a client for one server, Sentinels or a Cluster. It comes back by itself; what is asked while it is away fails at once, and is never
 * sent twice: the first time may have been carried out.
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
  const common = { lazyConnect: true, enableOfflineQueue: false };
  const pipelined = { ...common, ...own, enableAutoPipelining: true };
  const [first = { host: '127.0.0.1', port: 6379 }] = nodes;
  switch (mode) {
    case 'cluster':
      return new WholeSlotCluster([...nodes], {
        ...common,
        redisOptions: own,
        // No pipelines of its own: one that is refused by ASK as a whole ends the process with a TypeError (ioredis 5, autoPipelining.js).
        enableAutoPipelining: false,
        clusterRetryStrategy: retry,
        ...{ retryDelayOnFailover: 0, retryDelayOnClusterDown: 0, slotsRefreshInterval: SLOTS_REFRESH_MS },
        // With it `connect` never ends while the Cluster says that it is down.
        enableReadyCheck: false,
        // Certificates are checked against the name that the nodes announce.
        ...(isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
      });
    case 'sentinel':
      return new Redis({
        ...{ ...pipelined, db: database, retryStrategy: retry, sentinelRetryStrategy: retry },
        sentinels: [...nodes],
        ...(sentinelName === undefined ? {} : { name: sentinelName }),
        ...(isTls ? { sentinelTLS: tls.tls ?? {}, enableTLSForSentinelMode: true } : {}),
        sentinelCommandTimeout: commandTimeoutMs,
        // A primary that hangs keeps its connections: the Sentinels tell when another one took its place.
        failoverDetector: true,
      });
    case 'single':
      return new Redis({ ...pipelined, ...first, db: database, retryStrategy: retry });
  }
}

/**
 * Connects, within a bound: the client itself asks Sentinels again and again. Where it does not get through, it goes on trying by itself until
 * it is disconnected.
 * @throws what the client says, or that there was no answer in time
 */
export async function connectInTime(client: Redis | Cluster, place: RedisPlace): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Error(`Redis does not answer within ${CONNECT_TIMEOUT_MS} ms.`));
  const timer = setTimeout(late, CONNECT_TIMEOUT_MS);
  const connecting = client.connect();
  connecting.catch(() => undefined); // It may fail long after the bound.
  try {
    await Promise.race([connecting, promise]);
  } catch (error) {
    throw client instanceof Cluster ? ((await whyNot(place)) ?? error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Why no node of a Cluster can be reached: the client only says that there is none. Undefined when the first one can. */
async function whyNot(place: RedisPlace): Promise<unknown> {
  const probe = createRedisClient({ ...place, mode: 'single' }, PROBE_TIMEOUT_MS);
  let reason: unknown;
  probe.on('error', (error: unknown) => {
    reason = error;
  });
  await probe.connect().catch((error: unknown) => {
    reason ??= error;
  });
  probe.disconnect();
  return reason;
}

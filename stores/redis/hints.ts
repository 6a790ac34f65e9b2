import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#core/logger';
import { createRedisClient } from './client.ts';
import type { RedisPlace } from './url.ts';

const RETRY_MS = 1000;

/**
 * Calls `told` whenever something was added to the feed, and whenever the connection came back: what was said meanwhile is lost. A connection of
 * its own, since one that listens can ask nothing (https://redis.io/docs/latest/develop/pubsub/). A user who may not listen is told so in the log.
 */
export function listenForHints(
  place: RedisPlace,
  { timeoutMs, logger, told }: { readonly timeoutMs: number; readonly logger: Logger; told(): void },
): AsyncDisposable {
  const client = createRedisClient(place, timeoutMs);
  const channel = `${place.prefix}changes`; // script.ts publishes there
  let isWarned = false;
  let isClosed = false;
  // What is on its way when the connection is closed still comes.
  const hear = () => {
    if (!isClosed) told();
  };
  const failed = (error: unknown) => {
    const isForbidden = error instanceof Error && error.message.startsWith('NOPERM');
    if (!isForbidden || isWarned) return logger.debug({ err: error }, 'the channel of Redis cannot be listened to');
    isWarned = true;
    logger.warn(
      {},
      `The user of Redis may not listen to ${channel}: what other processes revoke is looked for and not heard of at once. Allow +subscribe, +publish and &${channel}.`,
    );
  };
  const subscribe = async (): Promise<void> => {
    try {
      await client.subscribe(channel);
      hear();
    } catch (error) {
      failed(error);
      // A Cluster may not have chosen yet with which node it listens.
      await sleep(RETRY_MS, undefined, { ref: false });
      if (!isClosed && client.status === 'ready') await subscribe();
    }
  };
  client.on('error', failed).on('message', hear);
  client.on('ready', () => void subscribe());
  client.connect().catch(failed);
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      client.disconnect();
    },
  };
}

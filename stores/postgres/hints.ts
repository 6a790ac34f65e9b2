import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '#core/logger';
import { clientConfig } from './connection.ts';
import type { PostgresPlace } from './url.ts';

/** Channel on which a transaction that added to the feed says so when it is committed. The payload is empty; it is one for all schemas. */
export const CHANNEL = 'gatewright_tokens';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/**
 * Calls `told` whenever something was added to the feed, and whenever the connection came back: what was said meanwhile is lost. A connection of
 * its own, outside the pool (https://www.postgresql.org/docs/current/sql-listen.html). A pooler that shares connections passes nothing on.
 */
export function listenForHints(
  place: PostgresPlace,
  { logger, told }: { readonly logger: Logger; told(): void },
): AsyncDisposable {
  const stopped = new AbortController();
  // What is on its way when the connection is closed still comes.
  const hear = () => {
    if (!stopped.signal.aborted) told();
  };
  const listening = listen();

  async function listen(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!stopped.signal.aborted) {
      const client = new pg.Client(clientConfig(place));
      const ended = Promise.withResolvers<void>();
      const end = () => ended.resolve();
      client.on('end', end).on('error', end);
      stopped.signal.addEventListener('abort', end);
      try {
        client.on('notification', hear);
        await client.connect();
        await client.query(`listen ${CHANNEL}`);
        retryMs = FIRST_RETRY_MS;
        hear();
        await ended.promise;
      } catch (error) {
        logger.debug({ err: error }, 'PostgreSQL cannot be listened to');
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
      stopped.signal.removeEventListener('abort', end);
      await client.end().catch(() => {});
      if (!stopped.signal.aborted)
        await sleep(retryMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await listening;
    },
  };
}

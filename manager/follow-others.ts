import pg from 'pg';
import type { Logger } from '#core/logger';
import type { ManagerDatabase } from './database.ts';
import { createSignal } from './feed/signal.ts';
import { CHANNEL, clientConfig } from './postgres.ts';

const POLL_EVERY_MS = 1000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** What following needs. */
export interface Following {
  readonly db: ManagerDatabase;
  readonly logger: Logger;
  /** Runs after other managers have changed something, once for many changes; never twice at a time. */
  onChange(): Promise<void>;
}

/**
 * Hears of the changes that other managers make: at once by LISTEN/NOTIFY, and once a second by a look at the end of the audit trail, in which
 * every change writes a line. A notification is a hint only; what was missed while the connection was away is seen by the look (decision 8).
 * Nobody else changes an SQLite file: nothing is followed there.
 */
export function followOthers({ db, logger, onChange }: Following): AsyncDisposable {
  if (db.sharedUrl === undefined) return { [Symbol.asyncDispose]: async () => {} };
  const heard = createSignal();
  const stopped = new AbortController();
  const tasks = [
    listen(db.sharedUrl, { self: db.name, logger, signal: stopped.signal, onNotice: () => heard.wake() }),
    look(),
  ];

  async function look(): Promise<void> {
    let known: number | undefined;
    let isDown = false;
    while (!heard.closed) {
      const seen = heard.count;
      try {
        const seq = await endOfTrail(db);
        if (seq !== known) await onChange();
        known = seq;
        isDown = false;
      } catch (error) {
        if (!isDown && !heard.closed) logger.warn({ err: error }, 'Changes of other managers could not be looked for.');
        isDown = true;
      }
      await heard.next(isDown ? Number.POSITIVE_INFINITY : seen, POLL_EVERY_MS);
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      heard.close();
      stopped.abort();
      await Promise.all(tasks);
    },
  };
}

async function endOfTrail(db: ManagerDatabase): Promise<number> {
  const { seq } = await db.read.selectFrom('audit_chain').select('seq').executeTakeFirstOrThrow();
  return Number(seq);
}

interface Listening {
  readonly self: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  onNotice(): void;
}

/** Listens until it is aborted, on a connection of its own; one that breaks is made again. */
async function listen(url: string, { self, logger, signal, onNotice }: Listening): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const client = new pg.Client(clientConfig(url));
    const ended = Promise.withResolvers<void>();
    const end = () => ended.resolve();
    client.on('end', end).on('error', end);
    signal.addEventListener('abort', end);
    try {
      client.on('notification', ({ payload }) => {
        if (payload !== self) onNotice();
      });
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      retryMs = FIRST_RETRY_MS;
      await ended.promise;
    } catch (error) {
      if (retryMs === FIRST_RETRY_MS)
        logger.warn({ err: error }, 'The database sends no notifications; looking once a second.');
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
    signal.removeEventListener('abort', end);
    await client.end().catch(() => {});
    if (!signal.aborted) await pause(retryMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

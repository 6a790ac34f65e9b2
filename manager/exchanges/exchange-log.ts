import { Worker } from 'node:worker_threads';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { createSignal, type Signal } from '../feed/signal.ts';
import type { ExchangeStore, Retention } from './exchange-store.ts';
import type { ExchangeFilter, ExchangePlace } from './query.ts';
import type { ReportIdentity, TakenReport } from './report.ts';
import type { CallName, Calls, Question, Reply, ThreadData } from './thread-protocol.ts';

/** Questions that the store answers as they are: see {@link ExchangeStore}. */
type PassedOn =
  | 'count'
  | 'numbers'
  | 'classes'
  | 'places'
  | 'clients'
  | 'around'
  | 'firstServerError'
  | 'secretUses'
  | 'countedOnly'
  | 'retain';

/** The exchange records of all gateways. Every method may throw UnavailableError: the log is worth having, not worth waiting for. */
export interface ExchangeLog
  extends AsyncDisposable,
    Readonly<{
      [Name in PassedOn]: (...args: Parameters<ExchangeStore[Name]>) => Promise<ReturnType<ExchangeStore[Name]>>;
    }> {
  /** Parses a gateway's report and stores its records and counts, once a batch. `identity`: who sent it, whatever it says. */
  takeReport(text: string, now: number, identity?: ReportIdentity): Promise<TakenReport>;
  find(id: string): Promise<ExchangeRecord | undefined>;
  list(
    filter: ExchangeFilter,
    page: { readonly before?: ExchangePlace | undefined; readonly limit: number },
  ): Promise<RecordPage>;
  readonly arrivals: Arrivals;
}

/** What arrived since the manager started, for those who follow. */
export interface Arrivals {
  /** Woken by each report with records or counts; closed when the manager stops. */
  readonly signal: Signal;
  /** New records so far. */
  readonly recorded: number;
  /** When the newest recorded exchange began; 0: none was. */
  readonly newestAt: number;
}

/** One page, newest first. `next`: where to go on. */
export interface RecordPage {
  readonly items: readonly ExchangeRecord[];
  readonly next: ExchangePlace | undefined;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Opens the log in a thread of its own; should the thread end, the next question starts another. */
export function openExchangeLog(path: string, logger: Logger, retention: Retention): ExchangeLog {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let closed = false;
  let lastId = 0;
  const arrivals = { signal: createSignal(), recorded: 0, newestAt: 0 };

  function start(): Worker {
    const workerData: ThreadData = { path, retention };
    const started = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
    started.on('message', (reply: Reply) => {
      for (const warning of reply.warnings) logger.warn({ file: path }, warning);
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.error === undefined) call?.resolve(reply.result);
      else call?.reject(new UnavailableError(`Exchange records: ${reply.error}`));
      if (waiting.size === 0) started.unref();
    });
    started.on('error', (error) => logger.error({ err: error }, 'The thread of the exchange records failed.'));
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      for (const call of waiting.values()) call.reject(new UnavailableError('Exchange records: the thread ended.'));
      waiting.clear();
    });
    return started;
  }

  function ask<Name extends CallName>(call: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    if (closed) return Promise.reject(new UnavailableError('Exchange records: closed.'));
    worker ??= start();
    worker.ref();
    const question: Question = { id: ++lastId, call, args };
    const answered = new Promise<unknown>((resolve, reject) => waiting.set(question.id, { resolve, reject }));
    worker.postMessage(question);
    return answered as Promise<ReturnType<Calls[Name]>>; // thread.ts answers by the same interface
  }

  return {
    takeReport: async (text, now, identity) => {
      const taken = await ask('takeReport', text, now, identity);
      if (!taken.ok || taken.news === undefined) return taken;
      arrivals.recorded += taken.news.recorded;
      arrivals.newestAt = Math.max(arrivals.newestAt, taken.news.newestAt);
      arrivals.signal.wake();
      return taken;
    },
    find: async (id) => {
      const text = await ask('find', id);
      return text === undefined ? undefined : parseRecord(text);
    },
    list: async (filter, page) => {
      const { records, next } = await ask('list', filter, page);
      return { items: records.map(parseRecord), next };
    },
    count: (...args) => ask('count', ...args),
    numbers: (...args) => ask('numbers', ...args),
    classes: (...args) => ask('classes', ...args),
    places: (...args) => ask('places', ...args),
    clients: (...args) => ask('clients', ...args),
    around: (...args) => ask('around', ...args),
    firstServerError: (...args) => ask('firstServerError', ...args),
    secretUses: (...args) => ask('secretUses', ...args),
    countedOnly: (...args) => ask('countedOnly', ...args),
    retain: (...args) => ask('retain', ...args),
    arrivals,
    async [Symbol.asyncDispose]() {
      closed = true;
      arrivals.signal.close();
      const ending = worker;
      if (ending === undefined) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.ref();
      ending.postMessage('close'); // behind the questions under way: they are answered first
      await ended;
    },
  };
}

/** Reads what this store wrote from a checked report. */
function parseRecord(text: string): ExchangeRecord {
  return JSON.parse(text) as ExchangeRecord;
}

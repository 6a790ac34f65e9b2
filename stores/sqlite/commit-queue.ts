import { Worker } from 'node:worker_threads';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { AccessToken } from '#core/token-store';
import { checkWholeNumbers } from '../whole-numbers.ts';
import { addToken, type BatchResult, createBatch, type WriterData, type WriterMessage } from './batch.ts';
import type { Input, OperationName, Result } from './operation.ts';

/** Writes that may wait for their commit; further ones are refused at once (decision 22). */
const QUEUE_LIMIT = 50_000;
const RESTART_MS = 250;

/** The way to the writer thread. Every promise resolves after the commit that holds its write. */
export interface CommitQueue extends AsyncDisposable {
  /** The hot path: access tokens travel as flat lists. */
  saveToken(token: AccessToken): Promise<void>;
  /**
   * Asks the writer thread for anything else.
   * @throws RangeError for numbers that cannot be kept
   */
  run<Name extends OperationName>(name: Name, input: Input<Name>): Promise<Result<Name>>;
}

/** Who waits for a batch. */
interface Waiting {
  /** Called with the batch's result, in the order in which writes were added. */
  readonly settle: ((result: BatchResult & { ok: true }) => void)[];
  readonly fail: ((error: Error) => void)[];
}

/** How a queue is made. */
export interface CommitQueueOptions {
  readonly data: WriterData;
  readonly logger: Logger;
  readonly queueLimit?: number;
  /** Starts the thread; tests keep hold of it to end it. */
  readonly startThread?: (data: WriterData) => Worker;
}

/**
 * Starts the writer thread and waits until the file is open. A thread that dies takes the writes that wait with it (their outcome is unknown:
 * UnavailableError) and is started again.
 * @throws ConfigurationError when the file cannot be opened or is of a newer version
 */
export async function openCommitQueue(options: CommitQueueOptions): Promise<CommitQueue> {
  const { data, logger, queueLimit = QUEUE_LIMIT, startThread = startWriter } = options;
  const inFlight = new Map<number, Waiting>();
  let holders = new Map<string, number>();
  let batch = createBatch(1);
  let waiting: Waiting = { settle: [], fail: [] };
  let queued = 0;
  let isScheduled = false;
  let isClosed = false;
  let thread: Worker | undefined;
  let threadEnded: Promise<undefined> = Promise.resolve(undefined);

  function post(): void {
    isScheduled = false;
    if (waiting.settle.length === 0) return;
    const full = batch;
    inFlight.set(full.number, waiting);
    batch = createBatch(full.number + 1);
    waiting = { settle: [], fail: [] };
    holders = new Map();
    if (thread === undefined) fail(full.number, 'the writer is being started again');
    else thread.postMessage(full);
  }

  /** Adds a write to the batch of this turn of the event loop. */
  function enqueue<T>(add: () => void, resultOf: (result: BatchResult & { ok: true }) => T): Promise<T> {
    if (isClosed) return Promise.reject(new UnavailableError('the token store is closed'));
    if (queued >= queueLimit)
      return Promise.reject(new UnavailableError('the commit queue of the token store is full'));
    queued += 1;
    add();
    if (!isScheduled) {
      isScheduled = true;
      setImmediate(post);
    }
    return new Promise<T>((resolve, reject) => {
      waiting.settle.push((result) => resolve(resultOf(result)));
      waiting.fail.push(reject);
    });
  }

  function take(number: number): Waiting {
    const taken = inFlight.get(number) ?? { settle: [], fail: [] };
    inFlight.delete(number);
    queued -= taken.settle.length;
    return taken;
  }

  function fail(number: number, message: string): void {
    const error = new UnavailableError(`the token store could not commit: ${message}`);
    for (const reject of take(number).fail) reject(error);
  }

  function onResult(result: BatchResult): void {
    if (!result.ok) {
      logger.error({ detail: result.message }, 'the token store could not commit');
      fail(result.number, result.message);
      return;
    }
    for (const settle of take(result.number).settle) settle(result);
  }

  async function start(): Promise<void> {
    const started = startThread(data);
    const ended = new Promise<undefined>((resolve) => started.once('exit', () => resolve(undefined)));
    const opened = new Promise<WriterMessage>((resolve) => started.once('message', resolve));
    started.on('error', (error) => logger.error({ err: error }, 'the writer of the token store failed'));
    const first = await Promise.race([opened, ended]);
    if (first?.type !== 'ready') {
      await started.terminate();
      const message = first?.type === 'failed' ? first.message : 'its thread ended';
      if (first?.type === 'failed' && first.isConfiguration) throw new ConfigurationError(message);
      throw new UnavailableError(`the token store ${data.file} could not be opened: ${message}`);
    }
    started.on('message', (message: WriterMessage) => {
      if (message.type === 'results') message.results.forEach(onResult);
    });
    thread = started;
    threadEnded = ended;
    void ended.then(() => onEnd(started));
  }

  function onEnd(ended: Worker): void {
    if (thread !== ended) return;
    thread = undefined;
    for (const number of [...inFlight.keys()]) fail(number, 'the writer ended');
    if (!isClosed) void restart();
  }

  async function restart(): Promise<void> {
    try {
      await start();
      logger.warn({}, 'the writer of the token store ended and was started again');
      if (isClosed) thread?.postMessage('close');
    } catch (error) {
      logger.error({ err: error }, 'the writer of the token store could not be started; it is tried again');
      if (!isClosed) setTimeout(() => void restart(), RESTART_MS).unref();
    }
  }

  await start();
  return {
    saveToken: (token) =>
      enqueue(
        () => addToken(batch.tokens, holders, token),
        () => undefined,
      ),
    async run<Name extends OperationName>(name: Name, input: Input<Name>) {
      checkWholeNumbers(input);
      const index = batch.operations.length;
      return enqueue(
        () => batch.operations.push({ name, input }),
        ({ results }) => parseResult<Name>(results[index]),
      );
    },
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      post();
      isClosed = true;
      thread?.postMessage('close'); // behind everything that waits
      await threadEnded;
    },
  };
}

/** The writer thread runs the same program: what it gives has the type of the operation. */
function parseResult<Name extends OperationName>(result: unknown): Result<Name> {
  return result as Result<Name>;
}

function startWriter(data: WriterData): Worker {
  return new Worker(new URL('./writer.ts', import.meta.url), { workerData: data, name: 'token-writer' });
}

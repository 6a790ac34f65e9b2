import { Worker } from 'node:worker_threads';
import { ProblemError } from '#core/problem';

/** What one hash costs. */
export interface HashCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
  /** Length of the hash. */
  readonly bytes: number;
}

export interface HashQuestion {
  readonly id: number;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly cost: HashCost;
}

export interface HashAnswer {
  readonly id: number;
  readonly hash: Uint8Array;
}

/** Hashes with argon2id (RFC 9106). */
export interface Argon2 extends AsyncDisposable {
  /** @throws ProblemError `unavailable` when too many wait already */
  hash(password: string, salt: Uint8Array, cost: HashCost): Promise<Uint8Array>;
}

const THREADS = 2;
const QUEUE = 32;
const IDLE_MS = 30_000;

interface Job {
  readonly question: HashQuestion;
  readonly resolve: (hash: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
  idle: NodeJS.Timeout | undefined;
}

/** At most two hashes at a time, in threads of their own that end when nobody signs in; 32 wait, more are refused (decision 35). */
export function createArgon2(): Argon2 {
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let lastId = 0;

  function start(): Thread {
    const worker = new Worker(new URL('./argon2-thread.ts', import.meta.url), { name: 'argon2' });
    const thread: Thread = { worker, job: undefined, idle: undefined };
    worker.on('message', ({ hash }: HashAnswer) => {
      thread.job?.resolve(hash);
      thread.job = undefined;
      next(thread);
    });
    const fail = (error: Error) => {
      threads.delete(thread);
      thread.job?.reject(error);
      thread.job = undefined;
      if (waiting.length > 0 && threads.size < THREADS) next(start());
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The hashing thread ended.')));
    threads.add(thread);
    return thread;
  }

  function next(thread: Thread): void {
    clearTimeout(thread.idle);
    thread.job = waiting.shift();
    if (thread.job !== undefined) {
      thread.worker.ref();
      thread.worker.postMessage(thread.job.question);
      return;
    }
    thread.worker.unref();
    thread.idle = setTimeout(() => {
      threads.delete(thread);
      void thread.worker.terminate();
    }, IDLE_MS).unref();
  }

  return {
    hash: (password, salt, cost) =>
      new Promise((resolve, reject) => {
        const free = [...threads].find(({ job }) => job === undefined);
        if (free === undefined && threads.size >= THREADS && waiting.length >= QUEUE)
          return reject(new ProblemError('unavailable', 'Too many people sign in at once. Try again in a moment.'));
        lastId += 1;
        waiting.push({ question: { id: lastId, password, salt, cost }, resolve, reject });
        const thread = free ?? (threads.size < THREADS ? start() : undefined);
        if (thread !== undefined) next(thread);
      }),
    async [Symbol.asyncDispose]() {
      const error = new ProblemError('unavailable', 'The manager stops.');
      for (const { reject } of waiting.splice(0)) reject(error);
      const ended = [...threads].map(({ worker, idle }) => {
        clearTimeout(idle);
        return worker.terminate();
      });
      await Promise.all(ended);
    },
  };
}

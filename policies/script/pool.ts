import { Worker } from 'node:worker_threads';
import { Refusal } from '#core/errors';
import type { ScriptEnd, ScriptRun } from './sandbox.ts';

/** Threads of one gateway worker, for all its scripts. */
const THREADS = 2;
/** Scripts that wait for a thread; one more is refused. */
const WAITING_LIMIT = 200;
/** A thread that says nothing so long after its script's limit is ended: limits count its own work, and some built-in functions cannot be interrupted. */
const GRACE_MS = 3000;

/** Runs scripts on threads of their own. */
export interface ScriptPool {
  /** @throws Refusal `gateway_busy` */
  run(job: ScriptRun): Promise<ScriptEnd>;
  /** Ends the threads; nothing may be running. */
  close(): Promise<void>;
}

interface Job {
  readonly run: ScriptRun;
  readonly settle: (end: ScriptEnd) => void;
}

interface Thread {
  readonly worker: Worker;
  isReady: boolean;
  job: Job | undefined;
  watchdog: NodeJS.Timeout | undefined;
}

/** Threads are started with the first script and kept; one that dies or hangs is replaced. */
export function createScriptPool(): ScriptPool {
  const threads = new Set<Thread>();
  const waiting: Job[] = [];

  function start(): void {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const thread: Thread = { worker, isReady: false, job: undefined, watchdog: undefined };
    threads.add(thread);
    worker.on('message', (said: 'ready' | ScriptEnd) => {
      thread.isReady = true;
      if (said !== 'ready') settle(thread, said);
      next();
    });
    worker.on('error', () => {}); // `exit` follows
    worker.on('exit', () => {
      threads.delete(thread);
      settle(thread, { kind: 'failed', detail: 'it broke the sandbox', line: undefined });
      next();
    });
  }

  function settle(thread: Thread, end: ScriptEnd): void {
    clearTimeout(thread.watchdog);
    const { job } = thread;
    thread.job = undefined;
    job?.settle(end);
  }

  function hand(thread: Thread, job: Job): void {
    thread.job = job;
    thread.watchdog = setTimeout(() => {
      settle(thread, { kind: 'failed', detail: `it ran longer than ${job.run.timeLimitMs} ms`, line: undefined });
      thread.isReady = false;
      void thread.worker.terminate();
    }, job.run.timeLimitMs + GRACE_MS);
    thread.worker.postMessage(job.run);
  }

  function next(): void {
    for (const thread of threads) {
      const job = thread.isReady && thread.job === undefined ? waiting.shift() : undefined;
      if (job !== undefined) hand(thread, job);
    }
    const isBusy = [...threads].some(({ job }) => job !== undefined);
    if (waiting.length > 0 && threads.size < THREADS) start();
    // An idle pool keeps no process alive; one that somebody waits for does.
    for (const { worker } of threads) waiting.length > 0 || isBusy ? worker.ref() : worker.unref();
  }

  return {
    run(run) {
      if (waiting.length >= WAITING_LIMIT) throw new Refusal('gateway_busy', { what: 'scripts', limit: WAITING_LIMIT });
      return new Promise((resolve) => {
        waiting.push({ run, settle: resolve });
        next();
      });
    },
    async close() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

let shared: ScriptPool | undefined;

/** The pool of this process. */
export function sharedScriptPool(): ScriptPool {
  shared ??= createScriptPool();
  return shared;
}

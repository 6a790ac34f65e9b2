import { type ChildProcess, fork } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Clock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import { ConfigErrors, readConfig } from './config.ts';
import type { Config } from './config-schema.ts';

/** What a child says to the supervisor. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly [detail: string]: unknown }
  | { readonly type: 'failed'; readonly message: string };

/** A child process that is kept alive: started again when it ends unasked, slower each time it does not last. */
export interface KeptChild {
  /** What it said when it was ready the first time. Rejects when it failed before it ever was. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end and waits; kills it after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** What to start and how to tell of it. */
export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LASTED_MS = 10_000;
const SLOWEST_MS = 5_000;

/** Starts and keeps a child. It ends by itself when this process goes: its channel closes then. */
export function keepChild({ name, script, args, env, clock, logger }: ChildOptions): KeptChild {
  const ready = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  ready.promise.catch(() => {});
  let child: ChildProcess | undefined;
  let stopping = false;
  let everReady = false;
  let failure: string | undefined;
  let quickEnds = 0;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = clock.monotonic();
    child = fork(script, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') {
        everReady = true;
        ready.resolve(message);
      } else if (message.type === 'failed') {
        failure = message.message;
      }
    });
    child.on('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      if (!everReady) {
        ready.reject(new Error(failure ?? `The ${name} ended before it was ready (${signal ?? `exit ${code}`}).`));
        return;
      }
      quickEnds = clock.monotonic() - startedAt < LASTED_MS ? quickEnds + 1 : 0;
      const delayMs = quickEnds < 2 ? 0 : Math.min(SLOWEST_MS, 100 * 2 ** quickEnds);
      logger.error({ child: name, code, signal, restartInMs: delayMs }, `the ${name} ended and is started again`);
      timer = setTimeout(start, delayMs);
    });
  };
  start();

  return {
    ready: ready.promise,
    signal: (signal) => child?.kill(signal),
    async stop(timeoutMs) {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running === undefined) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const killer = setTimeout(() => running.kill('SIGKILL'), timeoutMs);
      await ended;
      clearTimeout(killer);
    },
  };
}

/** In a child: tells the supervisor, if there is one. */
export function tellSupervisor(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

/**
 * Runs a process script's work when the script is what was started (and not imported): reads the configuration from the environment, and
 * tells the supervisor when it cannot start.
 */
export async function runChild(scriptUrl: string, run: (config: Config) => Promise<void>): Promise<void> {
  if (scriptUrl !== pathToFileURL(process.argv[1] ?? '').href) return;
  try {
    await run(readConfig({ env: process.env }));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown error';
    const isExpected = error instanceof ConfigurationError || error instanceof ConfigErrors;
    if (!isExpected || !process.connected)
      process.stderr.write(`${error instanceof Error && !isExpected ? error.stack : message}\n`);
    if (process.connected)
      await new Promise<void>((resolve) => process.send?.({ type: 'failed', message }, undefined, {}, () => resolve()));
    process.exit(1);
  }
}

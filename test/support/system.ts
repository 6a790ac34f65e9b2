import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** The program, as a user starts it. */
export const GATEWRIGHT = join(import.meta.dirname, '..', '..', 'bin', 'gatewright');

/** Admin token of every system that tests start. */
export const BOOTSTRAP_TOKEN = 'bootstrap-token-of-the-tests-0123456789abcdef';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An answer of the management API. */
export interface ApiAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A running `gatewright start` on free ports and a data directory of its own. */
export interface System extends AsyncDisposable {
  readonly console: string;
  readonly gateway: string;
  readonly setup: string | undefined;
  readonly dataDir: string;
  /** The supervisor. */
  readonly process: ChildProcess;
  /** All that it and its children wrote to standard error. */
  log(): string;
  /** Runs the command line against it, over its socket. */
  cli(
    args: readonly string[],
    options?: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ): Promise<CommandResult>;
  /** As {@link System.cli}, and throws when it does not end with this exit code. */
  run(exit: number, ...args: string[]): Promise<CommandResult>;
  /** Calls the management API with the bootstrap token; `path` behind /api/v1. If-Match is `*` unless given. */
  api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer<T>>;
  /** As {@link System.api}, and throws when the answer is not 2xx. */
  must<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Ends it by SIGTERM and waits; the data directory stays until disposal. */
  stop(): Promise<void>;
}

/** How to start a system. */
export interface SystemOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** An existing data directory; it is then not removed at the end. */
  readonly dataDir?: string;
  readonly workers?: number;
}

/** Starts the product and waits until it says that it is ready. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'gatewright-test-'));
  const env = environment(dataDir, options);
  const child = spawn(GATEWRIGHT, ['start', '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000_000);
  });
  const line = await Promise.race([
    firstLine(child),
    sleep(60_000, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`gatewright start was not ready after 60 s.\n${log}`)),
    ),
    new Promise<never>((_, reject) =>
      child.once('exit', (code) => reject(new Error(`gatewright start ended with ${code}.\n${log}`))),
    ),
  ]);
  const started = JSON.parse(line) as { console: string; gateway: string; setup?: string | null };
  const api = apiOf(started.console);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 45_000);
    await ended;
    clearTimeout(killer);
  };
  return {
    console: started.console,
    gateway: started.gateway,
    setup: started.setup ?? undefined,
    dataDir,
    process: child,
    log: () => log,
    cli: (args, { env: extra = {}, input } = {}) => runCommand(args, { env: { ...env, ...extra }, input }),
    async run(exit, ...args) {
      const result = await runCommand(args, { env });
      if (result.code !== exit)
        throw new Error(`gatewright ${args.join(' ')}: exit ${result.code}\n${result.stdout}${result.stderr}`);
      return result;
    },
    api,
    async must(method, path, body) {
      const answer = await api(method, path, body);
      if (answer.status < 200 || answer.status > 299)
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as never;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs `gatewright` once. */
export function runCommand(
  args: readonly string[],
  { env, input }: { readonly env: NodeJS.ProcessEnv; readonly input?: string | undefined },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(GATEWRIGHT, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.end(input ?? '');
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Calls `check` until it gives something, at most `timeoutMs`; then throws with `what`. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await sleep(25);
  }
}

/** The environment of a started product: nothing of the caller's own GATEWRIGHT_ settings. */
export function environment(dataDir: string, options: SystemOptions = {}): NodeJS.ProcessEnv {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('GATEWRIGHT_') && name !== 'NODE_OPTIONS' && name !== 'NODE_TEST_CONTEXT',
    ),
  );
  return {
    ...clean,
    GATEWRIGHT_DATA_DIR: dataDir,
    GATEWRIGHT_MANAGER_PORT: '0',
    GATEWRIGHT_GATEWAY_PORT: '0',
    GATEWRIGHT_ADMIN_PORT: '0',
    GATEWRIGHT_ADMIN_MANAGER_PORT: '0',
    GATEWRIGHT_MANAGER_GATEWAY_PORT: '0',
    GATEWRIGHT_WORKERS: String(options.workers ?? 2),
    GATEWRIGHT_BOOTSTRAP_TOKEN: BOOTSTRAP_TOKEN,
    GATEWRIGHT_LIMITS_MANAGEMENT_PER_SECOND: '10000',
    GATEWRIGHT_MIN_FREE_BYTES: '0',
    ...options.env,
  };
}

function apiOf(origin: string): System['api'] {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${BOOTSTRAP_TOKEN}`,
        ...(method === 'GET' ? {} : { 'if-match': '*' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as never,
    };
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) return line;
  return new Promise(() => {}); // it ends, and its exit says more
}

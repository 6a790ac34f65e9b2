import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { listTree } from './proc.ts';

/** How a process of the bench is started. */
export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The core that it is pinned to; undefined leaves it free. */
  readonly core: number | undefined;
  /** Takes what it writes to standard error. */
  readonly logPath: string;
}

/** A process that the bench started, and the only kind that it ends. */
export interface Child {
  readonly pid: number;
  /** Its first line on standard output; rejects when it ends or 60 s pass without one. */
  readonly firstLine: Promise<string>;
  readonly ended: boolean;
  /** The end of its log, for messages. */
  tail(): string;
  /** TERM, and KILL to it and its descendants after 15 s. */
  close(): Promise<void>;
}

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;
const open = new Set<number>();

// The last resort, when the bench ends without its clean-up.
process.on('exit', () => {
  for (const pid of open) killTree(pid);
});

/** Starts a process. @throws when the command cannot be found. */
export async function openChild(spec: ChildSpec): Promise<Child> {
  const log = openSync(spec.logPath, 'a');
  const pinned = spec.core === undefined ? [] : ['taskset', '-c', String(spec.core)];
  const [command = spec.command, ...args] = [...pinned, spec.command, ...spec.args];
  const child = spawn(command, args, { env: { ...cleanEnv(), ...spec.env }, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`${spec.command} did not start`);
  open.add(pid);
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      open.delete(pid);
      resolve();
    });
  });
  const tail = () => readFileSync(spec.logPath, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
  const firstLine = Promise.race([
    new Promise<string>((resolve) => createInterface({ input: stdout }).once('line', resolve)),
    exit.then(() => Promise.reject(new Error(`${spec.command} ended before it was ready: ${tail()}`))),
    sleep(readyTimeoutMs, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`${spec.command} was not ready within ${readyTimeoutMs / 1000} s: ${tail()}`)),
    ),
  ]);
  firstLine.catch(() => {});
  stdout.resume();
  return {
    pid,
    firstLine,
    get ended() {
      return ended;
    },
    tail,
    async close() {
      if (ended) return;
      const tree = listTree(pid);
      child.kill('SIGTERM');
      await Promise.race([exit, sleep(stopTimeoutMs, undefined, { ref: false })]);
      if (ended) return;
      for (const each of tree) kill(each);
      await exit;
    },
  };
}

/** Runs a command to its end and gives its standard output. @throws with its output when it fails or takes over 3 minutes. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, {
    ...options,
    env: { ...cleanEnv(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
  });
  const pid = child.pid;
  if (pid !== undefined) open.add(pid);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (pid !== undefined) open.delete(pid);
  if (code !== 0)
    throw new Error(
      `${command} ${args.join(' ')} failed (${code ?? 'killed'}): ${(errors || output).trim().slice(-1000)}`,
    );
  return output;
}

/** The environment without settings of Gatewright, so that a run means the same everywhere. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEWRIGHT_')));
}

function killTree(pid: number): void {
  for (const each of listTree(pid)) kill(each);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended by itself.
  }
}

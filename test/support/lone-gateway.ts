import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environment, GATEWRIGHT, type System } from './system.ts';

/** A running `gatewright gateway`. */
export interface LoneGateway extends AsyncDisposable {
  readonly address: string;
  /** Origin of its admin listener. */
  readonly admin: string;
  /** The gateway's primary. */
  readonly process: ChildProcess;
  /** All that it wrote to standard error. */
  log(): string;
  /** Ends it and waits. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A gateway on a data directory of its own that joins a manager. The token store's file is that of the manager's data directory. */
export async function startJoinedGateway(options: {
  readonly system: System;
  readonly group: string;
  readonly name: string;
  readonly dataDir: string;
}): Promise<LoneGateway> {
  const { system, group, name, dataDir } = options;
  const made = await system.must<{ token: string; managerUrl: string }>(
    'POST',
    `/server-groups/${group}/join-tokens`,
    {},
  );
  const env = {
    GATEWRIGHT_JOIN_TOKEN: made.token,
    GATEWRIGHT_TOKEN_STORE_URL: `sqlite:${join(system.dataDir, 'tokens.db')}`,
  };
  return startLoneGateway(dataDir, env, ['--join', made.managerUrl, '--name', name]);
}

/**
 * Starts a gateway alone: on the data directory of a manager that runs or ran, or on one of its own with what `--join` needs. Resolves when
 * it serves.
 */
export async function startLoneGateway(
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<LoneGateway> {
  const child = spawn(GATEWRIGHT, ['gateway', '--json', ...args], {
    env: environment(dataDir, { env, workers: 1 }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`gatewright gateway ended with ${code}\n${log}`)));
  });
  const { gateway, admin } = JSON.parse(line) as { gateway: string; admin: string };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return { address: gateway, admin, process: child, log: () => log, stop, [Symbol.asyncDispose]: () => stop() };
}

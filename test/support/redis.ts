import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

// The Debian package redis-tools brings the server's program under this name and sets up no service: it is the server when called so.
const PROGRAM = '/usr/bin/redis-check-rdb';

/** A real Redis on loopback, in a folder of its own, that writes every change to disk before it answers. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** SIGKILL, and starts it again on the same port and folder. */
  killAndStart(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts one.
 * @param settings further words of its command line; of a setting given twice the last is taken
 */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];
  return startProgram('redis-server', (port, folder) => [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...durable, ...settings],
  ]);
}

/**
 * Starts the program under the name by which it knows what it is.
 * @param wordsOf its command line, for a free port and an empty folder
 */
export async function startProgram(
  name: 'redis-server' | 'redis-sentinel',
  wordsOf: (port: number, folder: string) => readonly string[],
): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-redis-'));
  const port = await freePort();
  const words = wordsOf(port, folder);
  const start = async () => {
    const child = spawn(PROGRAM, words, { argv0: name, stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries += 1) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
      if (await answers(port)) return child;
      await sleep(25);
    }
    throw new Error(`${name} does not answer.`);
  };
  let child = await start();
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get process() {
      return child;
    },
    kill,
    async killAndStart() {
      await kill('SIGKILL');
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** True when it answers PONG: not while it reads its files. One that asks for a password answers too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(/^(\+PONG|-NOAUTH)/.test(data.toString()));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

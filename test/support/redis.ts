import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The Debian package redis-tools brings the server's program under this name and sets up no service: it is the server when called so.
const PROGRAM = '/usr/bin/redis-check-rdb';

/** A real Redis on loopback, in a folder of its own, that writes every change to disk before it answers. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** SIGKILL, and starts it again on the same port and folder. */
  killAndStart(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts one. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-redis-'));
  const port = await freePort();
  const start = async () => {
    const settings = `--bind 127.0.0.1 --port ${port} --dir ${folder} --appendonly yes --appendfsync always --save`;
    const child = spawn(PROGRAM, [...settings.split(' '), '', '--maxmemory-policy', 'noeviction'], {
      argv0: 'redis-server',
      stdio: 'ignore',
    });
    for (let tries = 0; tries < 200; tries += 1) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}.`);
      if (await answers(port)) return child;
      await sleep(25);
    }
    throw new Error('redis-server does not answer.');
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

/** True when it answers PONG: not while it reads its files. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

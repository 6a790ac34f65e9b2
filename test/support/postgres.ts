import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** Where Debian keeps the programs of each version, of which it puts only clients on the path. */
const PROGRAMS = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root: it is this user then. */
export const NOBODY = 65_534;

/** A real PostgreSQL on loopback, in a folder of its own. */
export interface PostgresServer extends AsyncDisposable {
  /** `postgres://postgres@127.0.0.1:PORT/postgres`, without a password. */
  readonly url: string;
  readonly port: number;
  /** The first process of the server; those of connections are its children. */
  readonly process: ChildProcess;
  /** Runs statements on a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** SIGKILL of all its processes, and starts it again on the same port and folder. */
  killAndStart(): Promise<void>;
  /** Sends a signal to all its processes. */
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts one. It writes every commit to disk before it answers.
 * @param settings further ones, e.g. `{ max_connections: '300' }`
 * @param parent of its folder
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  parent = tmpdir(),
): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(parent, 'gatewright-postgres-'));
  if (isRoot()) chownSync(folder, NOBODY, NOBODY);
  const data = path.join(folder, 'data');
  const initdb = program('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C']);
  execFileSync(initdb[0], initdb[1], { stdio: 'pipe', cwd: folder });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  // Its shared memory lies in its folder too: that of one that was killed would stay in /dev/shm.
  const given = Object.entries({ dynamic_shared_memory_type: 'mmap', ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const server = program('postgres', ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder, ...given]);

  const start = async () => {
    const child = spawn(server[0], server[1], { stdio: 'ignore', cwd: folder });
    for (let tries = 0; tries < 400; tries += 1) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}.`);
      if (await answers(url)) return child;
      await sleep(25);
    }
    throw new Error('postgres does not answer.');
  };
  let child = await start();
  const signal = (name: NodeJS.Signals) => {
    for (const pid of [child.pid, ...childrenOf(child.pid)]) if (pid !== undefined) process.kill(pid, name);
  };
  const end = async (send: () => void) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    send();
    await ended;
  };
  return {
    url,
    port,
    get process() {
      return child;
    },
    query: (text) => query(url, text),
    signal,
    async killAndStart() {
      await end(() => signal('SIGKILL'));
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await end(() => child.kill('SIGQUIT'));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isRoot = () => userInfo().uid === 0;

/** How one of its programs is run: that of the newest version, as somebody else when we are root. */
function program(name: string, args: readonly string[]): [string, string[]] {
  const versions = existsSync(PROGRAMS) ? readdirSync(PROGRAMS).sort((a, b) => Number(b) - Number(a)) : [];
  const newest = versions.map((version) => path.join(PROGRAMS, version, 'bin', name)).find((file) => existsSync(file));
  const file = newest ?? name;
  if (!isRoot()) return [file, [...args]];
  return ['setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', file, ...args]];
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  return query(url, 'select 1').then(
    () => true,
    () => false,
  );
}

/** The processes of a parent; none when it has ended. */
function childrenOf(parent: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

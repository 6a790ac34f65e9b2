import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const PROGRAMS = '/usr/lib/postgresql';
/** The server refuses to run as root: it is this user's, who owns nothing else. */
const NOBODY = 65_534;
/** Tests lose nothing that matters when the machine stops; each of them has a database of its own. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400'];

/** A real PostgreSQL on loopback, in a folder of its own, which keeps nothing for long: for the data of managers under test. */
export interface ManagerPostgres extends AsyncDisposable {
  /** URL of a database, by its name; default: the one that is always there. */
  url(database?: string): string;
}

/** Starts one. */
export async function startManagerPostgres(): Promise<ManagerPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-postgres-'));
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
  const data = path.join(folder, 'data');
  const [initdb, ...initArgs] = command('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8');
  execFileSync(initdb, [...initArgs, '--locale=C', '--no-sync'], { stdio: 'pipe', cwd: folder });
  const port = await freePort();
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const [server, ...args] = command('postgres', '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder);
  const child = spawn(server, [...args, ...settings], { stdio: 'ignore', cwd: folder });
  const url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await untilItAnswers(url(), child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function command(program: string, ...args: readonly string[]): [program: string, ...args: string[]] {
  const newest = readdirSync(PROGRAMS).sort((a, b) => Number(b) - Number(a))[0] ?? '';
  const file = path.join(PROGRAMS, newest, 'bin', program);
  if (process.getuid?.() !== 0) return [file, ...args];
  return ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', file, ...args];
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}.`);
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    const answers = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (answers) return;
    await sleep(25);
  }
  throw new Error('postgres does not answer.');
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

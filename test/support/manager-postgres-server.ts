import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

export interface Server extends AsyncDisposable {
  readonly url: string;
}
const bin = '/usr/lib/postgresql/15/bin';
export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-postgres-'));
  const isRoot = userInfo().uid === 0;
  const as = (p: string, args: string[]): [string, string[]] =>
    isRoot
      ? ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', path.join(bin, p), ...args]]
      : [path.join(bin, p), args];
  if (isRoot) chownSync(folder, 65534, 65534);
  execFileSync(
    ...as('initdb', [
      '-D',
      path.join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ]),
    { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' }, cwd: '/tmp' },
  );
  const port = await freePort();
  const child: ChildProcess = spawn(
    ...as('postgres', [
      '-D',
      path.join(folder, 'data'),
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      '-k',
      folder,
      '-c',
      'fsync=off',
      '-c',
      'synchronous_commit=off',
      '-c',
      'full_page_writes=off',
      '-c',
      'max_connections=300',
    ]),
    { stdio: 'ignore', cwd: '/tmp' },
  );
  for (let i = 0; i < 400; i++) {
    if (await open(port)) break;
    await new Promise((r) => setTimeout(r, 25));
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((r) => child.once('exit', r));
      child.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
async function open(port: number): Promise<boolean> {
  const { default: pg } = await import('pg');
  const c = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` });
  c.on('error', () => {});
  try {
    await c.connect();
    await c.end();
    return true;
  } catch {
    return false;
  }
}
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

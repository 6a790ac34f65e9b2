import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Child, openChild } from './child.ts';
import { findCommand } from './prerequisite.ts';

/** A running nginx. */
export interface Nginx {
  readonly child: Child;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}

/**
 * Starts nginx with one worker from a configuration in which `@NAME@` is replaced by `values.NAME`, `@PORT@` by a free port.
 * @throws when nginx is missing.
 */
export async function openNginx(
  configPath: string,
  context: { readonly dir: string; readonly core: number | undefined },
  values: Readonly<Record<string, string>>,
): Promise<Nginx> {
  const command = findCommand('nginx');
  if (command === undefined) throw new Error('nginx is not installed');
  mkdirSync(context.dir, { recursive: true });
  const port = await findFreePort();
  const all: Readonly<Record<string, string>> = { ...values, PORT: String(port), DIR: context.dir };
  const config = readFileSync(configPath, 'utf8').replace(/@([A-Z]+)@/g, (_, name: string) => all[name] ?? '');
  const path = join(context.dir, 'nginx.conf');
  writeFileSync(path, config);
  const logPath = join(context.dir, 'nginx.log');
  const child = await openChild({
    command,
    args: ['-p', context.dir, '-e', 'stderr', '-c', path],
    core: context.core,
    logPath,
  });
  return { child, url: `http://127.0.0.1:${port}` };
}

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

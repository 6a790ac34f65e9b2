import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { readSavedKey } from './saved-key.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the management API is: the Unix socket of a data directory on this machine, or a URL with a key. */
export type ServerPlace =
  | { readonly kind: 'socket'; readonly dataDir: string; readonly socketPath: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token: string | undefined };

/**
 * Finds the server: `--server` over GATEWRIGHT_SERVER over the socket of the data directory.
 * @throws CliError (usage) for a URL or a token file that cannot be used
 */
export function serverPlace(
  env: Env,
  options: { readonly server?: string | undefined; readonly dataDir?: string | undefined },
): ServerPlace {
  const server = options.server ?? (options.dataDir === undefined ? env.GATEWRIGHT_SERVER : undefined);
  if (server === undefined || server === '') {
    const dataDir = resolve(options.dataDir ?? (env.GATEWRIGHT_DATA_DIR || './gatewright-data'));
    return { kind: 'socket', dataDir, socketPath: socketPathIn(dataDir) };
  }
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(`"${server}" is not a server. Write a URL such as https://gatewright.example.com:9000.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'A server is named without user and password; the key comes from GATEWRIGHT_TOKEN_FILE or GATEWRIGHT_TOKEN.',
    );
  }
  return { kind: 'url', url: new URL(url.origin), token: tokenOf(env) ?? readSavedKey(env, url.origin)?.key };
}

/** True for a URL whose traffic leaves the machine unencrypted. */
export function isExposed(place: ServerPlace): boolean {
  return (
    place.kind === 'url' &&
    place.url.protocol === 'http:' &&
    !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(place.url.hostname)
  );
}

/** Longest path that a Unix socket can be bound to on every platform. */
const SOCKET_PATH_LIMIT = 103;

function socketPathIn(dataDir: string): string {
  const absolute = join(dataDir, 'manager.sock');
  if (Buffer.byteLength(absolute) <= SOCKET_PATH_LIMIT) return absolute;
  const fromHere = join(relative(process.cwd(), dataDir), 'manager.sock');
  return fromHere.length < absolute.length ? fromHere : absolute;
}

function tokenOf(env: Env): string | undefined {
  if (env.GATEWRIGHT_TOKEN !== undefined && env.GATEWRIGHT_TOKEN !== '') return env.GATEWRIGHT_TOKEN.trim();
  const file = env.GATEWRIGHT_TOKEN_FILE;
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error';
    throw new CliError(`GATEWRIGHT_TOKEN_FILE cannot be read: ${reason}.`, {
      exit: EXIT.usage,
      code: 'usage',
      cause: error,
    });
  }
}

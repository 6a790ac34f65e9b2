import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ConfigurationError } from '#core/errors';
import { membershipFile } from '#gateway/membership/membership';
import { DEFAULT_GATEWAY_NAME } from './config-schema.ts';

/** The files of a data directory, absolute but for the socket. */
export interface DataDir {
  readonly path: string;
  readonly managerDatabase: string;
  readonly exchangeDatabase: string;
  readonly tokenDatabase: string;
  readonly masterKey: string;
  /** What the local command line and the gateway's processes connect to. */
  readonly managerSocket: string;
  /** Held by the manager while it runs. */
  readonly managerLock: string;
}

/** Longest path that a Unix socket can be bound to on every platform. */
const SOCKET_PATH_LIMIT = 103;

/** Where everything lies below `path`; makes nothing. */
export function dataDirAt(path: string): DataDir {
  const root = resolve(path);
  return {
    path: root,
    managerDatabase: join(root, 'manager.db'),
    exchangeDatabase: join(root, 'exchanges.db'),
    tokenDatabase: join(root, 'tokens.db'),
    masterKey: join(root, 'master.key'),
    managerSocket: socketPath(root),
    managerLock: join(root, 'manager.lock'),
  };
}

/**
 * Makes the data directory, readable by its owner only.
 * @throws ConfigurationError when it cannot be made or its path is too long for a socket
 */
export function openDataDir(path: string): DataDir {
  const dir = dataDirAt(path);
  if (Buffer.byteLength(dir.managerSocket) > SOCKET_PATH_LIMIT) {
    throw new ConfigurationError(
      `The path of the data directory is too long for a Unix socket: ${dir.path}. Use one of at most ${SOCKET_PATH_LIMIT - 13} bytes (GATEWRIGHT_DATA_DIR), or start in the folder above it.`,
      '/dataDir',
    );
  }
  try {
    mkdirSync(dir.path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(
      `The data directory ${dir.path} cannot be made: ${error instanceof Error ? error.message : 'unknown error'}.`,
      '/dataDir',
    );
  }
  return dir;
}

/** Folder of a gateway: `gateway` for the one that is there from the start, so that others can live on the same data directory. */
export function gatewayFolder(dir: DataDir, name: string): string {
  return join(dir.path, name === DEFAULT_GATEWAY_NAME ? 'gateway' : `gateway-${name}`);
}

/**
 * The folder of the gateway that is to run: {@link gatewayFolder}; without a name of its own, and with one gateway that joined in this data
 * directory, that one's. So a second start needs no name.
 */
export function findGatewayFolder(dir: DataDir, name: string): string {
  const named = gatewayFolder(dir, name);
  if (name !== DEFAULT_GATEWAY_NAME || existsSync(membershipFile(named))) return named;
  const joined = readdirSync(dir.path)
    .filter((entry) => entry.startsWith('gateway-'))
    .map((entry) => join(dir.path, entry))
    .filter((folder) => existsSync(membershipFile(folder)));
  return joined.length === 1 ? (joined[0] ?? named) : named;
}

/** The shorter of the absolute path and the one from the working directory: a long path still fits from inside. */
function socketPath(root: string): string {
  const absolute = join(root, 'manager.sock');
  const fromHere = join(relative(process.cwd(), root), 'manager.sock');
  return Buffer.byteLength(absolute) <= SOCKET_PATH_LIMIT || absolute.length <= fromHere.length ? absolute : fromHere;
}

import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '#core/errors';

/** Longest path of a Unix socket on Linux and macOS. */
const PATH_LIMIT_BYTES = 103;

/**
 * Lets an app listen on a Unix socket that only its owner may open (0600, also in the moment it is made). A socket file left behind by a
 * process that died is removed; one that somebody answers on is not.
 * @returns stops listening
 * @throws ConfigurationError when another manager answers there, or the path is too long
 */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<() => Promise<void>> {
  if (Buffer.byteLength(path) > PATH_LIMIT_BYTES)
    throw new ConfigurationError(
      `The path of the manager's socket is too long (${path}, over ${PATH_LIMIT_BYTES} bytes). Choose a data directory with a shorter path.`,
    );
  if (await isAnswered(path))
    throw new ConfigurationError(`Another manager runs on this data directory: it answers on ${path}.`);
  rmSync(path, { force: true });
  await app.ready();
  const before = process.umask(0o177);
  try {
    app.server.listen(path);
  } finally {
    process.umask(before);
  }
  await once(app.server, 'listening');
  chmodSync(path, 0o600);
  return async () => {
    const closed = once(app.server, 'close');
    app.server.close();
    app.server.closeAllConnections();
    await closed;
  };
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // ENOENT: there is none. ECONNREFUSED: nobody is behind it any more.
  } finally {
    socket.destroy();
  }
}

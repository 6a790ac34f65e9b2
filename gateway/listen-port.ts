import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '#core/errors';
import type { Random } from '#core/random';
import { writeWhole } from './replica-files.ts';

/** A killed predecessor's workers need a moment to let go of the port. */
const RELEASE_MS = 3000;
const TRY_MS = 50;
/** Free ports are looked for here: below the range from which systems take the ports of outgoing connections, so that none of those is in the way. */
const FIRST_PORT = 16_384;
const PORTS = 16_384;

/**
 * The port that all workers will listen on. 0: the one used last time when it is free, so that a gateway which was killed and started again
 * has the same address, else any free one. Remembered in the gateway's folder.
 * @throws ConfigurationError when a port that was asked for is taken
 */
export async function chooseListenPort(options: {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly random: Random;
}): Promise<number> {
  const { host, port, folder, random } = options;
  const file = path.join(folder, 'port');
  if (port !== 0) {
    const problem = await waitFor(host, port);
    if (problem !== undefined)
      throw new ConfigurationError(
        problem === 'EADDRINUSE'
          ? `The port ${port} on ${host} is in use. Choose another one (GATEWRIGHT_GATEWAY_PORT), or 0 for any.`
          : `The gateway cannot listen on ${host}:${port}: ${problem}`,
        '/gateway/port',
      );
    return port;
  }
  const last = readPort(file);
  if (last !== undefined && (await waitFor(host, last)) === undefined) return last;
  const fresh = await findFreePort(host, random);
  writeWhole(file, String(fresh));
  return fresh;
}

async function findFreePort(host: string, random: Random): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = FIRST_PORT + (random.bytes(2).readUInt16BE() % PORTS);
    try {
      return await listenOnce(host, port);
    } catch (error) {
      if (!isTaken(error)) break; // the host is wrong, not the port
    }
  }
  return listenOnce(host, 0);
}

/** Waits until a port is free. Gives what is wrong otherwise: `EADDRINUSE`, or words. */
async function waitFor(host: string, port: number): Promise<string | undefined> {
  for (let waited = 0; ; waited += TRY_MS) {
    try {
      await listenOnce(host, port);
      return undefined;
    } catch (error) {
      if (!isTaken(error)) return error instanceof Error ? error.message : String(error);
      if (waited >= RELEASE_MS) return 'EADDRINUSE';
    }
    await sleep(TRY_MS);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Listens and closes again; gives the port. */
function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

function readPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Check, Session } from './session.ts';

const NODE = 26;
const MIN_FREE_BYTES = 536_870_912;
/** Before this no version of the program existed: a clock that says less is wrong. */
const EARLIEST_NOW = Date.UTC(2026, 0, 1);

/** What listens, as doctor calls it. */
const PORTS = [
  { name: 'manager port', variable: 'GATEWRIGHT_MANAGER_PORT', usual: '9000' },
  { name: 'gateway port', variable: 'GATEWRIGHT_GATEWAY_PORT', usual: '8000' },
  { name: 'admin port', variable: 'GATEWRIGHT_ADMIN_PORT', usual: '9001' },
  { name: 'manager admin', variable: 'GATEWRIGHT_ADMIN_MANAGER_PORT', usual: '9002' },
];

/** Checks of this machine: Node, data directory, disk, clock, ports. @param isRunning the server runs here, so its ports are taken by it */
export async function localMachineChecks(session: Session, isRunning: boolean): Promise<Check[]> {
  const { env } = session;
  const { place } = await session.api();
  const dataDir = place.kind === 'socket' ? place.dataDir : undefined;
  return [
    nodeCheck(),
    ...(dataDir === undefined
      ? []
      : [dataDirCheck(dataDir), diskCheck(dataDir, Number(env.GATEWRIGHT_MIN_FREE_BYTES || MIN_FREE_BYTES))]),
    clockCheck(session.clock.now()),
    ...(dataDir === undefined
      ? []
      : [
          ...(await Promise.all(
            PORTS.map(({ name, variable, usual }) => portCheck(name, env[variable] || usual, { variable, isRunning })),
          )),
        ]),
  ];
}

function nodeCheck(): Check {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= NODE) return { name: 'Node', outcome: 'pass', message: node };
  return {
    name: 'Node',
    outcome: 'fail',
    message: `${node} is too old: ${NODE} or newer is needed.`,
    fixes: [{ text: 'Let npm bring the right one.', command: 'npm ci' }],
  };
}

function dataDirCheck(dataDir: string): Check {
  const name = 'data directory';
  const existing = existsSync(dataDir);
  const place = existing ? dataDir : path.dirname(dataDir);
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      name,
      outcome: 'fail',
      message: `${place} cannot be written.`,
      fixes: [{ text: 'Give it to the user that runs Gatewright, or name another in GATEWRIGHT_DATA_DIR.' }],
    };
  }
  if (!existing) return { name, outcome: 'pass', message: `${dataDir} will be made by the first start.` };
  if ((statSync(dataDir).mode & 0o077) !== 0) {
    return {
      name,
      outcome: 'warn',
      message: `${dataDir} can be read by others.`,
      fixes: [{ text: 'Close it.', command: `chmod 700 ${dataDir}` }],
    };
  }
  return { name, outcome: 'pass', message: `${dataDir} can be written.` };
}

function diskCheck(dataDir: string, minFreeBytes: number): Check {
  const { bavail, bsize } = statfsSync(existsSync(dataDir) ? dataDir : path.dirname(dataDir));
  const free = bavail * bsize;
  const message = `${gibibytes(free)} free.`;
  if (free >= minFreeBytes) return { name: 'disk', outcome: 'pass', message };
  return {
    name: 'disk',
    outcome: 'fail',
    message: `${message} Below ${gibibytes(minFreeBytes)} records, then tokens, are no longer written.`,
    fixes: [{ text: `Free space on the disk of ${dataDir}.` }],
  };
}

function clockCheck(now: number): Check {
  if (now > EARLIEST_NOW)
    return { name: 'clock', outcome: 'pass', message: `${new Date(now).toISOString().slice(0, 19)}Z` };
  return {
    name: 'clock',
    outcome: 'fail',
    message: `${new Date(now).toISOString()} is in the past.`,
    fixes: [{ text: 'Set the clock; tokens and certificates depend on it.' }],
  };
}

async function portCheck(
  name: string,
  port: string,
  { variable, isRunning }: { readonly variable: string; readonly isRunning: boolean },
): Promise<Check> {
  if (port === '0') return { name, outcome: 'pass', message: 'any free one' };
  if (isRunning) return { name, outcome: 'pass', message: `${port}: the server runs already.` };
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = net.createServer();
  server.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message));
  server.listen(Number(port), '127.0.0.1', () => server.close(() => resolve(undefined)));
  const problem = await promise;
  if (problem === undefined) return { name, outcome: 'pass', message: `${port} is free.` };
  return {
    name,
    outcome: 'fail',
    message: problem === 'EADDRINUSE' ? `${port} is taken by another program.` : `${port} cannot be used: ${problem}.`,
    fixes: [{ text: `Use another: ${variable}=0 takes any free one.` }],
  };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

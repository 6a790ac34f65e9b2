import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { EmbeddedCassandraSettings } from '#core/model/token-store';
import type { Random } from '#core/random';
import { ensureJars } from './jars.ts';
import type { NodeSettings } from './node-files.ts';
import { isOpen, type NodeProcess, startNode } from './node-process.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { findJava } from './programs.ts';

const HOST = '127.0.0.1';
/** Below those that the system gives away (32768 and up on Linux), so that they are still free after a restart. */
const PORTS = { from: 20_000, to: 32_000 };
/** How often it is looked whether the owner is still there, and whether the node runs. */
const LOOK_EVERY_MS = 250;
/** Until the first answer: fetching the jars is what takes longest. */
const OPEN_TIMEOUT_MS = 900_000;
const START_AGAIN_MS = { least: 500, most: 30_000 };

/** How the embedded node is run. */
export interface EmbeddedOptions {
  /** In which it has its own folder. */
  readonly folder: string;
  /** Where the jars are, or are fetched to. */
  readonly jarsFolder: string;
  readonly settings: EmbeddedCassandraSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/** A Cassandra on this machine that runs as long as a process needs it. */
export interface EmbeddedNode extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * Gives the Cassandra of a folder. Of the processes that ask for it the first owns it: it starts the Java machine, starts it again when it ends, and
 * takes it along when it ends itself. The others only look; when the owner goes, one of them takes over, on the same port and data.
 * @throws ConfigurationError without Java or Maven; UnavailableError when it does not start
 */
export async function openEmbeddedNode(options: EmbeddedOptions): Promise<EmbeddedNode> {
  const { folder, clock, logger } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const closing = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
  let isOwner = false;
  let node: NodeProcess | undefined;
  let failure: unknown;

  /** Runs the node until this process lets go of it. */
  async function own(): Promise<void> {
    const java = await findJava();
    const jars = await ensureJars(options.jarsFolder);
    await endStray(folder);
    for (
      let waitMs = START_AGAIN_MS.least;
      !closing.signal.aborted;
      waitMs = Math.min(2 * waitMs, START_AGAIN_MS.most)
    ) {
      try {
        node = await startNode(settingsOf(options, await keptPorts(options)), { program: [java], jars, clock });
        if (closing.signal.aborted) await node.stop();
        failure = undefined;
        waitMs = START_AGAIN_MS.least / 2;
        await node.ended;
        if (!closing.signal.aborted) logger.warn({}, 'the embedded Cassandra ended; it is started again');
      } catch (error) {
        failure = error;
        if (!closing.signal.aborted)
          logger.error({ err: error }, 'the embedded Cassandra does not start; it is tried again');
        await pause(waitMs);
      }
    }
  }

  async function look(): Promise<void> {
    while (!closing.signal.aborted) {
      using lock = takeOwnerLock(path.join(folder, 'owner.lock'));
      if (lock !== undefined) {
        isOwner = true;
        try {
          await own();
        } catch (error) {
          failure = error; // without Java or Maven
          if (error instanceof ConfigurationError) return;
        } finally {
          isOwner = false;
        }
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  const looking = look();
  const close = async () => {
    closing.abort();
    if (isOwner) await node?.stop();
    await looking;
  };
  const deadline = clock.monotonic() + OPEN_TIMEOUT_MS;
  for (;;) {
    const port = readPorts(folder)?.cql;
    if (port !== undefined && (await isOpen(HOST, port))) return { host: HOST, port, [Symbol.asyncDispose]: close };
    if (failure !== undefined || clock.monotonic() > deadline) {
      await close();
      throw failure ?? new UnavailableError('the embedded Cassandra does not start');
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const settingsOf = ({ folder, settings }: EmbeddedOptions, ports: Ports): NodeSettings => ({
  ...{ folder, host: HOST, seeds: [HOST], cqlPort: ports.cql, storagePort: ports.storage },
  ...{ heapMb: settings.heapMb, commitLog: settings.commitLog },
});

interface Ports {
  readonly cql: number;
  readonly storage: number;
}

const portsFile = (folder: string) => path.join(folder, 'ports.json');
function readPorts(folder: string): Ports | undefined {
  try {
    return JSON.parse(readFileSync(portsFile(folder), 'utf8')) as Ports;
  } catch {
    return undefined;
  }
}

/** The ports of the folder, chosen once: whoever is connected finds the node again where it was. */
async function keptPorts({ folder, random }: EmbeddedOptions): Promise<Ports> {
  const kept = readPorts(folder);
  if (kept !== undefined) return kept;
  const chosen: number[] = [];
  while (chosen.length < 2) {
    const port = PORTS.from + (random.bytes(2).readUInt16BE() % (PORTS.to - PORTS.from));
    if (!chosen.includes(port) && !(await isOpen(HOST, port))) chosen.push(port);
  }
  const [cql = 0, storage = 0] = chosen;
  writeFileSync(`${portsFile(folder)}.new`, JSON.stringify({ cql, storage }));
  renameSync(`${portsFile(folder)}.new`, portsFile(folder));
  return { cql, storage };
}

/** Ends a Java machine that outlived its owner, should both shells that guard it have been killed: two on one folder would destroy the data. */
async function endStray(folder: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) return;
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // there is none
    }
    await sleep(LOOK_EVERY_MS);
  }
}

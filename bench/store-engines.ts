// The engines on which token stores are measured: started on loopback in temporary folders, with the settings that make them durable.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { JARS_FOLDER, startCassandra } from '#test/support/cassandra';
import { startPostgres } from '#test/support/postgres';
import { startRedis } from '#test/support/redis';

/** What can be measured. Redis writes each change to disk before it answers (`appendfsync always`), or once a second. */
export const ENGINES = [
  ...['memory', 'sqlite', 'redis-always', 'redis-everysec', 'postgres', 'cassandra', 'cassandra-embedded'],
] as const;

/** An engine that runs until it is disposed of. */
export interface Engine extends AsyncDisposable {
  readonly name: string;
  /** For `tokenStore.url`. */
  readonly url: string;
  /** The data directory with which the store is opened. It is removed at the end, unless it was given. */
  readonly dataDir: string;
  /** Bytes that it takes on disk, Redis: in memory; undefined for memory, which is this process's own. */
  bytes(): Promise<number | undefined>;
}

/**
 * Starts one.
 * @param base folder for temporary folders: on a disk
 * @throws Error for an unknown name
 */
export async function startEngine(name: string, base: string): Promise<Engine> {
  const dataDir = mkdtempSync(path.join(base, `${name}-`));
  const remove = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  const engine = (url: string, rest: Partial<Pick<Engine, 'bytes'>>, server?: AsyncDisposable): Engine => ({
    ...{ name, url, dataDir },
    bytes: rest.bytes ?? (async () => undefined),
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      remove();
    },
  });
  try {
    switch (name) {
      case 'memory':
        return engine('memory:', {});
      case 'sqlite':
        return engine(`sqlite:${path.join(dataDir, 'tokens.db')}`, { bytes: async () => sizeOf(dataDir) });
      case 'redis-always':
      case 'redis-everysec': {
        const server = await startRedis();
        await askRedis(server.url, (client) => client.config('SET', 'appendfsync', name.slice('redis-'.length)));
        return engine(server.url, { bytes: () => askRedis(server.url, usedMemory) }, server);
      }
      case 'postgres': {
        const server = await startPostgres();
        const bytes = async () =>
          Number((await server.query('select pg_database_size(current_database()) as bytes'))[0]?.bytes);
        return engine(server.url, { bytes }, server);
      }
      case 'cassandra': {
        const server = await startCassandra({ nodes: 1, commitLog: 'group', heapMb: 1024 });
        const keyspace = `${server.url}/gatewright?replicationFactor=1`;
        // Its folders are made in that for temporary ones, and there is no other node at the same time.
        const folders = () => readdirSync(tmpdir()).filter((each) => each.startsWith('gatewright-cassandra-'));
        const bytes = async () => folders().reduce((sum, each) => sum + sizeOf(path.join(tmpdir(), each)), 0);
        return engine(keyspace, { bytes }, server);
      }
      case 'cassandra-embedded': {
        // Jars are fetched once for all runs.
        mkdirSync(JARS_FOLDER, { recursive: true });
        symlinkSync(JARS_FOLDER, path.join(dataDir, 'cassandra-jars'));
        return engine('cassandra-embedded:', { bytes: async () => sizeOf(path.join(dataDir, 'cassandra')) });
      }
      default:
        throw new Error(`There is no engine ${name}: ${ENGINES.join(', ')}.`);
    }
  } catch (error) {
    remove();
    throw error;
  }
}

async function askRedis<T>(url: string, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

const usedMemory = async (client: Redis) => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);

/** Bytes of the files below a folder; what a link leads to is not counted. */
function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

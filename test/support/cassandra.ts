import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import driver from 'cassandra-driver';
import { systemClock } from '#core/clock';
import { ensureJars } from '#stores/cassandra/embedded/jars';
import type { NodeSettings } from '#stores/cassandra/embedded/node-files';
import { type NodeProcess, startNode } from '#stores/cassandra/embedded/node-process';
import { findJava } from '#stores/cassandra/embedded/programs';
import { freePort } from './free-port.ts';

/** Jars are fetched once for all runs. */
export const JARS_FOLDER = path.join(import.meta.dirname, '../../node_modules/.cache/cassandra');

/** Until each node has heard that the others are there. */
const SEEN_WITHIN_MS = 60_000;

/** How the nodes of a test are run. */
export interface TestCluster {
  /** 1 or 3, on 127.0.0.1 and following. */
  readonly nodes: 1 | 3;
  readonly commitLog?: NodeSettings['commitLog'];
  readonly heapMb?: number;
  /** Runs Java of the node of that number, e.g. with another clock; given the program. */
  readonly runner?: (node: number) => readonly string[];
}

/** A real Cassandra on loopback, in folders of its own. */
export interface CassandraCluster extends AsyncDisposable {
  /** `cassandra://127.0.0.1:PORT,…` without a keyspace. */
  readonly url: string;
  readonly port: number;
  readonly replicationFactor: number;
  /** A keyspace whose tables are empty: always the same, since making a new one takes a second. */
  emptyKeyspace(name?: string): Promise<string>;
  /** Sends a signal to the Java machine of a node, 0 to 2. */
  signal(node: number, signal: NodeJS.Signals): void;
  /** SIGKILL, and waits for its end. */
  kill(node: number): Promise<void>;
  /** Starts a node again that was killed, with its data, and waits until all see each other. */
  start(node: number): Promise<void>;
}

/** Starts it: 5 to 10 s a node. */
export async function startCassandra(wanted: TestCluster): Promise<CassandraCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-cassandra-'));
  const [jars, java] = [await ensureJars(JARS_FOLDER), await findJava()];
  const [cqlPort, storagePort] = [await freePort(), await freePort()];
  const hosts = Array.from({ length: wanted.nodes }, (_, n) => `127.0.0.${n + 1}`);
  const nodes: NodeProcess[] = [];
  const start = async (n: number) => {
    const settings: NodeSettings = {
      ...{ folder: path.join(folder, `node-${n}`), host: hosts[n] ?? '', seeds: ['127.0.0.1'], cqlPort, storagePort },
      ...{ heapMb: wanted.heapMb ?? 320, commitLog: wanted.commitLog ?? 'group' },
    };
    const program = [...(wanted.runner?.(n) ?? []), java, '-XX:TieredStopAtLevel=1'];
    nodes[n] = await startNode(settings, { program, jars, clock: systemClock });
  };
  let admin: driver.Client | undefined;
  const emptyKeyspace = async (keyspace = 'gatewright_test') => {
    admin ??= new driver.Client({ contactPoints: [`127.0.0.1:${cqlPort}`], localDataCenter: 'datacenter1' });
    const client = admin;
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
    const { rows } = await client.execute(query, [keyspace]);
    const empty = async (table: string) => {
      const found = await client.execute(`SELECT * FROM ${keyspace}.${table} LIMIT 1`);
      if (found.rows.length > 0) await client.execute(`TRUNCATE ${keyspace}.${table}`);
    };
    await Promise.all(rows.map((row) => empty(String(row.table_name))));
    return keyspace;
  };
  const close = async () => {
    await Promise.all(nodes.map((_, n) => kill(n)));
    rmSync(folder, { recursive: true, force: true });
  };
  const kill = async (n: number) => {
    const node = nodes[n];
    if (node === undefined) return;
    await admin?.shutdown();
    admin = undefined;
    try {
      process.kill(node.pid, 'SIGKILL');
    } catch {
      // it has ended already
    }
    await node.ended;
  };
  try {
    for (const n of hosts.keys()) await start(n);
    await seeEachOther(hosts, cqlPort);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    emptyKeyspace,
    ...{ port: cqlPort, replicationFactor: wanted.nodes, kill },
    async start(n) {
      await start(n);
      await seeEachOther(hosts, cqlPort);
    },
    url: `cassandra://${hosts.map((host) => `${host}:${cqlPort}`).join(',')}`,
    signal(n, signal) {
      const node = nodes[n];
      if (node !== undefined) process.kill(node.pid, signal);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Waits until each node finds all three copies of Cassandra's own shared tables: taking connections, it may not know of the others yet. */
async function seeEachOther(hosts: readonly string[], port: number): Promise<void> {
  if (hosts.length < 3) return;
  const deadline = systemClock.monotonic() + SEEN_WITHIN_MS;
  for (const host of hosts) {
    const alone = new driver.policies.loadBalancing.AllowListPolicy(
      new driver.policies.loadBalancing.RoundRobinPolicy(),
      [`${host}:${port}`],
    );
    for (;;) {
      const client = new driver.Client({
        contactPoints: [`${host}:${port}`],
        localDataCenter: 'datacenter1',
        policies: { loadBalancing: alone },
      });
      try {
        await client.execute('SELECT * FROM system_distributed.view_build_status LIMIT 1', [], {
          consistency: driver.types.consistencies.all,
        });
        break;
      } catch (error) {
        if (systemClock.monotonic() > deadline) throw error;
        await sleep(200);
      } finally {
        await client.shutdown();
      }
    }
  }
}

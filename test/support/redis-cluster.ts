import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis.ts';
import type { RedisAuthority } from './redis-tls.ts';

const SLOTS = 16_384;

/** A real Cluster of primaries on loopback. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  /** Where clients find them, as a URL has it. */
  readonly hosts: string;
  /** The node which holds a key. */
  holderOf(key: string): Promise<RedisServer>;
  /** Gives the slot of a key, with what is in it, to another node, in which it takes some time; nobody is told. */
  moveSlotOf(key: string, ms: number): Promise<void>;
}

/**
 * Starts three primaries, each with a third of the slots.
 * @param how.authority with it clients, replicas and the nodes among themselves speak TLS
 * @param how.replicated a key whose holder gets a replica
 */
export async function startRedisCluster(
  how: { readonly authority?: RedisAuthority; readonly replicated?: string } = {},
): Promise<RedisCluster> {
  const { authority, replicated } = how;
  const disposal = new AsyncDisposableStack();
  const nodes: RedisServer[] = [];
  const clients: Redis[] = [];
  const ports: number[] = [];
  const busPorts: number[] = [];
  const startNode = async () => {
    const busPort = await freePort();
    const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000'];
    const tls = await authority?.tlsSettings();
    const secured = tls && [...tls.settings, '--tls-cluster', 'yes', '--tls-replication', 'yes'];
    const node = disposal.use(await startRedis(...settings, ...(secured ?? [])));
    const client = new Redis({ host: '127.0.0.1', port: node.port });
    client.on('error', () => undefined); // Nodes are killed.
    disposal.defer(() => client.disconnect());
    nodes.push(node);
    clients.push(client);
    ports.push(tls?.port ?? node.port);
    busPorts.push(busPort);
    return client;
  };
  const meet = (i: number) => clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(ports[i]), String(busPorts[i]));

  for (let i = 0; i < 3; i += 1) {
    const client = await startNode();
    const [from, to] = [i, i + 1].map((n) => Math.floor((SLOTS * n) / 3)) as [number, number];
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to - 1));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    if (i > 0) await meet(i);
  }
  await untilAll(clients, ['CLUSTER', 'INFO'], /cluster_state:ok.*cluster_known_nodes:3/s);
  const [first] = clients as [Redis];

  const slotOf = async (key: string) => Number(await first.call('CLUSTER', 'KEYSLOT', key));
  const indexOf = async (slot: number) => {
    const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID')));
    const shards = (await first.call('CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][];
    const held = shards.find(([from, to]) => slot >= from && slot <= to);
    return ids.indexOf(held?.[2][2] ?? '');
  };
  if (replicated !== undefined) {
    const holder = await indexOf(await slotOf(replicated));
    const replica = await startNode();
    await meet(3);
    await untilAll(clients, ['CLUSTER', 'INFO'], /cluster_state:ok.*cluster_known_nodes:4/s);
    await replica.call('CLUSTER', 'REPLICATE', String(await clients[holder]?.call('CLUSTER', 'MYID')));
    await untilAll([replica], ['INFO', 'replication'], /master_link_status:up/);
    await untilAll(clients, ['CLUSTER', 'NODES'], /slave/);
  }
  return {
    nodes,
    hosts: ports.map((port) => `127.0.0.1:${port}`).join(','),
    holderOf: async (key) => nodes[await indexOf(await slotOf(key))] as RedisServer,
    async moveSlotOf(key, ms) {
      const slot = await slotOf(key);
      const from = await indexOf(slot);
      const to = (from + 1) % nodes.length;
      const [source, target] = [clients[from] as Redis, clients[to] as Redis];
      const [sourceId, targetId] = await Promise.all([source.call('CLUSTER', 'MYID'), target.call('CLUSTER', 'MYID')]);
      await target.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', String(sourceId));
      await source.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', String(targetId));
      await sleep(ms / 2);
      const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', String(slot), '100000')) as string[];
      const [half, rest] = [keys.slice(0, keys.length / 2), keys.slice(keys.length / 2)];
      for (const some of [half, rest]) {
        await source.call('MIGRATE', '127.0.0.1', String(nodes[to]?.port), '', '0', '5000', 'KEYS', ...some);
        await sleep(ms / 2);
      }
      for (const client of [target, source])
        await client.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', String(targetId));
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** Waits until all answer so. */
async function untilAll(clients: readonly Redis[], command: readonly [string, string], wanted: RegExp): Promise<void> {
  for (const client of clients)
    for (let tries = 0; !wanted.test(String(await client.call(...command))); tries += 1) {
      if (tries === 300) throw new Error(`The Cluster is not made: ${command.join(' ')}.`);
      await sleep(50);
    }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis.ts';

const SLOTS = 16_384;

/** A real Cluster of primaries on loopback. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  /** The node which holds a key. */
  holderOf(key: string): Promise<RedisServer>;
  /** Gives the slot of a key, with what is in it, to another node, in which it takes some time; nobody is told. */
  moveSlotOf(key: string, ms: number): Promise<void>;
}

/** Starts three primaries, each with a third of the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const disposal = new AsyncDisposableStack();
  const nodes: RedisServer[] = [];
  const busPorts: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const busPort = await freePort();
    const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000'];
    nodes.push(disposal.use(await startRedis(...settings)));
    busPorts.push(busPort);
  }
  const clients = nodes.map(({ port }) => new Redis({ host: '127.0.0.1', port }));
  disposal.defer(() => {
    for (const client of clients) client.disconnect();
  });
  const [first] = clients as [Redis];
  for (const [i, client] of clients.entries()) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((SLOTS * n) / 3));
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to! - 1));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const [i, { port }] of nodes.entries())
    if (i > 0) await first.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[i]));
  for (const client of clients)
    while (!/cluster_state:ok.*cluster_known_nodes:3/s.test(String(await client.call('CLUSTER', 'INFO'))))
      await sleep(50);

  const slotOf = async (key: string) => Number(await first.call('CLUSTER', 'KEYSLOT', key));
  const indexOf = async (slot: number) => {
    const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID')));
    const shards = (await first.call('CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][];
    const held = shards.find(([from, to]) => slot >= from && slot <= to);
    return ids.indexOf(held?.[2][2] ?? '');
  };
  return {
    nodes,
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

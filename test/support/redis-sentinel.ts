import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startProgram, startRedis } from './redis.ts';

/** The name by which the Sentinels know the primary. */
export const PRIMARY_NAME = 'tokens';

/** A real primary with a replica, watched by three Sentinels. */
export interface RedisSentinels extends AsyncDisposable {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
}

/** Starts them; a primary that says nothing for half a second is replaced by its replica. */
export async function startRedisSentinels(): Promise<RedisSentinels> {
  const disposal = new AsyncDisposableStack();
  const primary = disposal.use(await startRedis('--repl-diskless-sync-delay', '0'));
  const replica = disposal.use(await startRedis('--replicaof', '127.0.0.1', String(primary.port)));
  const settings = [
    `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primary.port} 2`,
    `sentinel down-after-milliseconds ${PRIMARY_NAME} 500`,
    `sentinel failover-timeout ${PRIMARY_NAME} 3000`,
  ];
  const sentinels: RedisServer[] = [];
  for (let i = 0; i < 3; i += 1) {
    const wordsOf = (port: number, folder: string) => {
      const file = path.join(folder, 'sentinel.conf');
      writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, ...settings, ''].join('\n'));
      return [file, '--sentinel'];
    };
    sentinels.push(disposal.use(await startProgram('redis-sentinel', wordsOf)));
  }
  for (const { port } of sentinels) await untilKnown(port);
  return { primary, replica, sentinels, [Symbol.asyncDispose]: () => disposal.disposeAsync() };
}

/** Waits until a Sentinel knows the replica, in step, and both others. */
async function untilKnown(port: number): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, protocol: 2 });
  try {
    for (let tries = 0; tries < 400; tries += 1) {
      const [replicas, others] = (await Promise.all([
        client.call('SENTINEL', 'REPLICAS', PRIMARY_NAME),
        client.call('SENTINEL', 'SENTINELS', PRIMARY_NAME),
      ])) as [string[][], string[][]];
      const isInStep = replicas.length === 1 && replicas[0]?.[replicas[0].indexOf('master-link-status') + 1] === 'ok';
      if (isInStep && others.length === 2) return;
      await sleep(50);
    }
  } finally {
    client.disconnect();
  }
  throw new Error('The Sentinels do not find each other.');
}

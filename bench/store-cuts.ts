// Cuts the connections over which gateways read the feed of a token store: what an unsteady network does to the only push that an engine could have.

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Engine } from './store-engines.ts';

/** Cuts that go on until it is disposed of. */
export interface Cuts extends AsyncDisposable {
  /** Connections cut so far. */
  count(): number;
}

/**
 * Begins to cut every connection of the product to the engine, again and again; those of this process go on.
 * @param everyMs from one cut of all to the next, in the mean
 * @returns undefined for engines whose connections cannot be cut from their own side
 */
export async function startCuts(
  { name, url }: Pick<Engine, 'name' | 'url'>,
  everyMs: number,
): Promise<Cuts | undefined> {
  if (name.startsWith('redis-')) {
    const client = new Redis(url);
    const cut = async () => Number(await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
    return repeat(cut, everyMs, async () => client.disconnect());
  }
  if (name === 'postgres') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const text = `select pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    return repeat(
      async () => (await client.query(text)).rowCount ?? 0,
      everyMs,
      () => client.end(),
    );
  }
  return undefined;
}

function repeat(cut: () => Promise<number>, everyMs: number, close: () => Promise<void>): Cuts {
  let count = 0;
  let isOver = false;
  const run = async () => {
    for (let round = 0; !isOver; round += 1) {
      count += await cut();
      // A third less, as it is, a third more: never in step with what is measured.
      await sleep((everyMs * (2 + (round % 3))) / 3);
    }
  };
  const running = run();
  running.catch(() => {}); // told when it is disposed of
  return {
    count: () => count,
    async [Symbol.asyncDispose]() {
      isOver = true;
      try {
        await running;
      } finally {
        await close();
      }
    },
  };
}

// What the engine does through its own client alone, with one plain row or key for each token: the reference for `save`.

import { Redis } from 'ioredis';
import pg from 'pg';
import { systemRandom } from '#core/random';
import type { Engine } from './store-engines.ts';
import type { Caller } from './store-work.ts';

/** About what a token takes as a row. */
const VALUE = 'x'.repeat(200);
const CONNECTIONS = 8;

/** A reference, ready to be measured. */
export interface Bare extends AsyncDisposable {
  readonly name: string;
  readonly call: Caller;
}

/** Connects; undefined for engines of which there is no reference. */
export async function prepareBare({ name, url }: Engine): Promise<Bare | undefined> {
  if (name === 'postgres') {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
    await pool.query('create table if not exists bare (hash bytea primary key, value text)');
    return {
      name: 'bare insert',
      async call() {
        await pool.query({
          name: 'bare',
          text: 'insert into bare values ($1, $2)',
          values: [systemRandom.bytes(32), VALUE],
        });
        return true;
      },
      [Symbol.asyncDispose]: () => pool.end(),
    };
  }
  if (name.startsWith('redis-')) {
    const client = new Redis(url, { enableAutoPipelining: true });
    return {
      name: 'bare set',
      async call() {
        const answer = await client.set(`bare:${Buffer.from(systemRandom.bytes(32)).toString('base64')}`, VALUE);
        if (answer !== 'OK') throw new Error(`SET: ${answer}`);
        return true;
      },
      async [Symbol.asyncDispose]() {
        client.disconnect();
      },
    };
  }
  return undefined;
}

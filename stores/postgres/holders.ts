import type { AccessToken } from '#core/token-store';
import type { PostgresConnection } from './connection.ts';
import { NO_SECRET } from './rows.ts';

const KNOWN_AT_MOST = 10_000;
const INSERT = {
  name: 'holder-insert',
  text: `insert into holder (client_id, subscription_id, product_id, secret_id, server_group_id, project_id)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
};
const FIND = {
  name: 'holder-find',
  text: `select id from holder where client_id = $1 and subscription_id = $2 and product_id = $3 and secret_id = $4
    and server_group_id = $5 and project_id = $6`,
};

/** What repeats with every token of a client, as numbers of rows. */
export interface Holders {
  /** The number of each token's holder; holders that are new are written first. */
  numbersOf(tokens: readonly AccessToken[]): Promise<readonly number[]>;
  /** Forgets the numbers: the engine was away, and may come back as it was before. */
  forget(): void;
}

/** Knows the last some thousand holders. They are never removed. */
export function createHolders(connection: PostgresConnection): Holders {
  let known = new Map<string, number>();

  async function find(ids: readonly string[]): Promise<number> {
    await connection.run(INSERT, ids, true);
    const [row] = await connection.run(FIND, ids, true);
    return Number(row?.[0]);
  }

  return {
    async numbersOf(tokens) {
      const numbers: number[] = [];
      for (const { clientId, subscriptionId, productId, secretId = NO_SECRET, serverGroupId, projectId } of tokens) {
        const ids = [clientId, subscriptionId, productId, secretId, serverGroupId, projectId];
        const key = ids.join(' ');
        let number = known.get(key);
        if (number === undefined) {
          number = await find(ids);
          if (known.size >= KNOWN_AT_MOST) known = new Map();
          known.set(key, number);
        }
        numbers.push(number);
      }
      return numbers;
    },
    forget() {
      known = new Map();
    },
  };
}

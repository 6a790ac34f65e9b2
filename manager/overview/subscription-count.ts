import type { Reader } from '../database.ts';

/** How many subscriptions each of some clients or products has, in one statement. */
export async function countSubscriptionsBy(
  reader: Reader,
  column: 'client_id' | 'product_id',
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .selectFrom('subscriptions')
    .select(`${column} as of`)
    .select(({ fn }) => fn.countAll().as('n'))
    .where(column, 'in', [...ids])
    .groupBy(column)
    .execute();
  return new Map(rows.map(({ of, n }) => [of, Number(n)]));
}

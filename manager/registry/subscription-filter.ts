import { type RawBuilder, sql } from 'kysely';
import * as z from 'zod';
import { type Subscription, subscription } from '#core/model/subscription';
import type { Reader } from '../database.ts';
import { getClientRow } from '../records/client.ts';
import { getProductRow } from '../records/product.ts';

/** What a list of subscriptions can be narrowed by. */
export interface SubscriptionFilter {
  readonly client?: string | undefined;
  readonly product?: string | undefined;
  readonly state?: Subscription['state'] | undefined;
}

/** The fields of a query that narrow a list of subscriptions. */
export const subscriptionFilters = {
  client: z.string().max(128).optional().describe('Only those of this client (name or id).'),
  product: z.string().max(128).optional().describe('Only those to this product (name or id).'),
  state: subscription.shape.state.optional().describe('Only those in this state.'),
};

/** The same as conditions on the columns; a subscription whose end has come counts as ended. @throws ProblemError `not_found` */
export async function subscriptionConditions(
  reader: Reader,
  query: SubscriptionFilter,
  now: number,
): Promise<RawBuilder<unknown>[]> {
  const conditions: RawBuilder<unknown>[] = [];
  if (query.client !== undefined) conditions.push(sql`client_id = ${(await getClientRow(reader, query.client)).id}`);
  if (query.product !== undefined)
    conditions.push(sql`product_id = ${(await getProductRow(reader, query.product)).id}`);
  if (query.state === 'ended') conditions.push(sql`(state = 'ended' or ends_at <= ${now})`);
  else if (query.state !== undefined)
    conditions.push(sql`state = ${query.state}`, sql`(ends_at is null or ends_at > ${now})`);
  return conditions;
}

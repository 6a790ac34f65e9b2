import * as z from 'zod';
import type { FeedSubscription } from '#core/change-feed';
import type { Product } from '#core/model/product';
import { type RegisteredScope, registeredScope } from '#core/model/scope';
import { type Subscription, subscription } from '#core/model/subscription';
import type { Reader } from '../database.ts';
import type { SubscriptionTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { changedFieldsOf, standingFieldsOf } from './client.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

const PAGE = 500;
const states = z.enum(['pending', 'active', 'suspended', 'ended']);
type State = z.infer<typeof states>;

/** The names of the client and the product of a subscription. */
export interface SubscriptionNames {
  readonly client: string;
  readonly product: string;
}

/** A subscription out of its row, as it stands at `now`. */
function parseSubscription(row: SubscriptionTable, names: SubscriptionNames, now: number): Subscription {
  const { displayName: _, ...record } = recordFieldsOf(row);
  return subscription.parse({
    ...record,
    clientId: row.client_id,
    client: names.client,
    productId: row.product_id,
    product: names.product,
    state: stateAt(row, now),
    ...(row.starts_at === null ? {} : { startsAt: Number(row.starts_at) }),
    ...(row.ends_at === null ? {} : { endsAt: Number(row.ends_at) }),
    ...(row.consumer_key === null ? {} : { consumerKey: row.consumer_key }),
    ...standingFieldsOf(row),
    ...dataOf(row),
  });
}

/** The state at an instant: a subscription whose end has come is ended without anybody writing it down. */
export function stateAt(row: SubscriptionTable, now: number): State {
  return row.ends_at !== null && row.ends_at <= now ? 'ended' : states.parse(row.state);
}

/** Scopes that a subscription was narrowed to; undefined: all of its product. */
export function narrowedScopes(row: SubscriptionTable): RegisteredScope[] | undefined {
  return z.array(registeredScope).optional().parse(dataOf(row).scopes);
}

/** @throws ProblemError `not_found` */
export async function getSubscriptionRow(reader: Reader, reference: string): Promise<SubscriptionTable> {
  const row = await reader
    .selectFrom('subscriptions')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('subscription', reference);
  return row;
}

/** Subscriptions with the names of their clients and products, looked up in two queries for all. */
export async function withNames(
  reader: Reader,
  rows: readonly SubscriptionTable[],
  now: number,
): Promise<Subscription[]> {
  const clients = await namesOf(reader, 'clients', new Set(rows.map((row) => row.client_id)));
  const products = await namesOf(reader, 'products', new Set(rows.map((row) => row.product_id)));
  return rows.map((row) =>
    parseSubscription(
      row,
      { client: clients.get(row.client_id) ?? '', product: products.get(row.product_id) ?? '' },
      now,
    ),
  );
}

/** A subscription with its names. */
export async function withName(reader: Reader, row: SubscriptionTable, now: number): Promise<Subscription> {
  const [found] = await withNames(reader, [row], now);
  if (found === undefined) throw notFound('subscription', row.name);
  return found;
}

/** Puts a subscription and its standing into the change feed, with the scopes that it really has. */
export function publishSubscription(unit: Unit, row: SubscriptionTable, product: Pick<Product, 'scopes'>): void {
  const own = narrowedScopes(row);
  const offered = new Set(product.scopes.map(({ scope }) => scope));
  const payload: FeedSubscription = {
    id: row.id,
    name: row.name,
    clientId: row.client_id,
    productId: row.product_id,
    state: states.parse(row.state),
    ...(row.starts_at === null ? {} : { startsAt: Number(row.starts_at) }),
    ...(row.ends_at === null ? {} : { endsAt: Number(row.ends_at) }),
    scopes: own === undefined ? product.scopes : own.filter(({ scope }) => offered.has(scope)),
    generation: row.generation,
    ...changedFieldsOf(row),
  };
  unit.publish('subscription', row.id, payload);
}

/** Goes through the subscriptions of a client or product, a page at a time. */
export async function* pagesOfSubscriptions(
  reader: Reader,
  column: 'client_id' | 'product_id',
  id: string,
): AsyncGenerator<SubscriptionTable[]> {
  let after = '';
  for (;;) {
    const rows = await reader
      .selectFrom('subscriptions')
      .selectAll()
      .where(column, '=', id)
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}

async function namesOf(
  reader: Reader,
  table: 'clients' | 'products',
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (ids.size === 0) return new Map();
  const rows = await reader
    .selectFrom(table)
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

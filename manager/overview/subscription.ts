import type { SubscriptionOverview, SubscriptionRow } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { type ListRequest, listRecords, type Page } from '../list.ts';
import { countsOfSecrets } from '../metrics/traffic.ts';
import { getClientRow, parseClient } from '../records/client.ts';
import { getProduct } from '../records/product.ts';
import { getSubscriptionRow, withName, withNames } from '../records/subscription.ts';
import { keysOf } from '../registry/keys-view.ts';
import { type SubscriptionFilter, subscriptionConditions } from '../registry/subscription-filter.ts';
import type { SubscriptionTable } from '../tables.ts';
import { listGroups, tokenUrlsOf } from './public-urls.ts';
import type { Viewer } from './viewer.ts';

/** A page of subscriptions with how their clients and products are called. */
export async function showSubscriptions(
  context: ManagerContext,
  query: ListRequest & SubscriptionFilter,
): Promise<Page<SubscriptionRow>> {
  const { read } = context.db;
  const now = context.clock.now();
  const conditions = await subscriptionConditions(read, query, now);
  const { items, ...page } = await listRecords<SubscriptionTable>(read, 'subscriptions', query, conditions);
  return { ...page, items: await withTitles(read, items, now) };
}

/** A subscription with its client and product; its keys for who may read keys. @throws ProblemError `not_found` */
export async function showSubscription(
  context: ManagerContext,
  viewer: Viewer,
  reference: string,
): Promise<SubscriptionOverview> {
  const { read } = context.db;
  const now = context.clock.now();
  const row = await getSubscriptionRow(read, reference);
  const client = parseClient(await getClientRow(read, row.client_id));
  const { product } = await getProduct(read, row.product_id);
  const subscription = await withName(read, row, now);
  const gateways = context.services.gateways.list(await readHead(read));
  const [keys] = viewer.may('keys:read') ? await keysOf(read, [row], now) : [];
  const { name, consumerKey } = subscription;
  const hidden = {
    ...{ subscription: name, client: client.name, product: product.name, secrets: [] },
    ...(consumerKey !== undefined && { consumerKey }),
  };
  return {
    subscription,
    client,
    product,
    keys: keys ?? hidden,
    tokenUrls: await tokenUrlsOf(read, { groups: await listGroups(read), gateways }),
    secretUses: await usesOf(context, keys?.secrets ?? []),
  };
}

/** How often each secret was used in the last hour; nothing when that cannot be told at the moment. */
export async function usesOf(
  context: ManagerContext,
  secrets: readonly { readonly id: string }[],
): Promise<SubscriptionOverview['secretUses']> {
  const counts = await countsOfSecrets(
    context,
    secrets.map(({ id }) => id),
  );
  if (counts === undefined) return {};
  return Object.fromEntries(secrets.map(({ id }) => [id, { lastHour: counts.get(id) ?? 0 }]));
}

/** Subscriptions with the display names of their clients and products, in four statements for all. */
export async function withTitles(
  reader: Reader,
  rows: readonly SubscriptionTable[],
  now: number,
): Promise<SubscriptionRow[]> {
  const clients = await titlesOf(reader, 'clients', new Set(rows.map(({ client_id }) => client_id)));
  const products = await titlesOf(reader, 'products', new Set(rows.map(({ product_id }) => product_id)));
  return (await withNames(reader, rows, now)).map((subscription) => ({
    subscription,
    clientDisplayName: clients.get(subscription.clientId) ?? '',
    productDisplayName: products.get(subscription.productId) ?? '',
  }));
}

async function titlesOf(
  reader: Reader,
  table: 'clients' | 'products',
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  if (ids.size === 0) return new Map();
  const rows = await reader
    .selectFrom(table)
    .select(['id', 'display_name'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, display_name }) => [id, display_name]));
}

import { sql } from 'kysely';
import type { ClientOverview, ClientRow } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { type ListRequest, listRecords, type Page } from '../list.ts';
import { trafficOfClients } from '../metrics/traffic.ts';
import { getClientRow, parseClient } from '../records/client.ts';
import { keysOf } from '../registry/keys-view.ts';
import type { ClientTable } from '../tables.ts';
import { listGroups, tokenUrlsOf } from './public-urls.ts';
import { usesOf, withTitles } from './subscription.ts';
import { countSubscriptionsBy } from './subscription-count.ts';
import type { Viewer } from './viewer.ts';

const SUBSCRIPTIONS_SHOWN = 200;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A page of clients, with how many subscriptions each has and when it was heard of. */
export async function showClients(
  context: ManagerContext,
  query: ListRequest & { readonly active?: boolean | undefined },
): Promise<Page<ClientRow>> {
  const { read } = context.db;
  const conditions = query.active === undefined ? [] : [sql`active = ${query.active ? 1 : 0}`];
  const { items, ...page } = await listRecords<ClientTable>(read, 'clients', query, conditions);
  const ids = items.map(({ id }) => id);
  const counts = await countSubscriptionsBy(read, 'client_id', ids);
  const used = await lastUses(read, ids);
  return {
    ...page,
    items: items.map((row) => {
      const lastUsedAt = used.get(row.id);
      return {
        client: parseClient(row),
        subscriptions: counts.get(row.id) ?? 0,
        ...(lastUsedAt !== undefined && { lastUsedAt }),
      };
    }),
  };
}

/** A client with its newest 200 subscriptions; their keys for who may read keys. @throws ProblemError `not_found` */
export async function showClient(context: ManagerContext, viewer: Viewer, reference: string): Promise<ClientOverview> {
  const { read } = context.db;
  const now = context.clock.now();
  const row = await getClientRow(read, reference);
  const subscriptions = await read
    .selectFrom('subscriptions')
    .selectAll()
    .where('client_id', '=', row.id)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(SUBSCRIPTIONS_SHOWN)
    .execute();
  const [minute, day] = await Promise.all([
    trafficOfClients(context, [row.id], now - MINUTE_MS),
    trafficOfClients(context, [row.id], now - DAY_MS),
  ]);
  const keys = viewer.may('keys:read') ? await keysOf(read, subscriptions, now) : [];
  const gateways = context.services.gateways.list(await readHead(read));
  return {
    client: parseClient(row),
    subscriptions: await withTitles(read, subscriptions, now),
    keys,
    tokenUrls: await tokenUrlsOf(read, { groups: await listGroups(read), gateways }),
    secretUses: await usesOf(
      context,
      keys.flatMap(({ secrets }) => secrets),
    ),
    ...(minute !== undefined && { requestsLastMinute: minute.get(row.id)?.requests ?? 0 }),
    ...(day !== undefined && { requestsLast24h: day.get(row.id)?.requests ?? 0 }),
  };
}

async function lastUses(reader: Reader, clientIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (clientIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('subscriptions')
    .innerJoin('secrets', 'secrets.subscription_id', 'subscriptions.id')
    .select('subscriptions.client_id')
    .select(({ fn }) => fn.max('secrets.last_used_at').as('at'))
    .where('subscriptions.client_id', 'in', [...clientIds])
    .groupBy('subscriptions.client_id')
    .execute();
  return new Map(rows.flatMap(({ client_id, at }) => (at === null ? [] : [[client_id, Number(at)] as const])));
}

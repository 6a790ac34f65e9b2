import { sql } from 'kysely';
import type { ProductOverview, ProductRow } from '#core/model/overview/screens';
import type { Product } from '#core/model/product';
import type { ManagerContext } from '../context.ts';
import { type ListRequest, listRecords, type Page } from '../list.ts';
import { getProduct, listProductProjects, parseProduct } from '../records/product.ts';
import { parseProject } from '../records/project.ts';
import type { ProductTable } from '../tables.ts';
import { liveRowsOf, parseLive } from './live-version.ts';
import { securedProjects } from './secured.ts';
import { countSubscriptionsBy } from './subscription-count.ts';

/** A page of products, with how many subscriptions each has. */
export async function showProducts(
  context: ManagerContext,
  query: ListRequest & { readonly state?: Product['state'] | undefined },
): Promise<Page<ProductRow>> {
  const { read } = context.db;
  const conditions = query.state === undefined ? [] : [sql`state = ${query.state}`];
  const { items, ...page } = await listRecords<ProductTable>(read, 'products', query, conditions);
  const ids = items.map(({ id }) => id);
  const projects = await listProductProjects(read, ids);
  const counts = await countSubscriptionsBy(read, 'product_id', ids);
  return {
    ...page,
    items: items.map((row) => ({
      product: parseProduct(row, projects.get(row.id) ?? []),
      subscriptions: counts.get(row.id) ?? 0,
    })),
  };
}

/** A product, what runs of its projects and which of them anybody may call. @throws ProblemError `not_found` */
export async function showProduct(context: ManagerContext, reference: string): Promise<ProductOverview> {
  const { read } = context.db;
  const { product, projects } = await getProduct(read, reference);
  const ids = projects.map(({ id }) => id);
  const rows = ids.length === 0 ? [] : await read.selectFrom('projects').selectAll().where('id', 'in', ids).execute();
  const live = await liveRowsOf(read, ids);
  const secured = await securedProjects(read, rows);
  const byState = await read
    .selectFrom('subscriptions')
    .select(sql<string>`case when ends_at <= ${context.clock.now()} then 'ended' else state end`.as('shown'))
    .select(({ fn }) => fn.countAll().as('n'))
    .where('product_id', '=', product.id)
    .groupBy('shown')
    .execute();
  return {
    product,
    projects: ids.flatMap((id) => {
      const row = rows.find((one) => one.id === id);
      if (row === undefined) return [];
      const { name, displayName, kind, contextPath } = parseProject(row);
      const running = (live.get(id) ?? []).map(parseLive);
      return [{ name, displayName, kind, contextPath, isSecured: secured.has(id), live: running }];
    }),
    subscriptions: Object.fromEntries(byState.map(({ shown, n }) => [shown, Number(n)])),
  };
}

import { sql } from 'kysely';
import type { FeedProduct } from '#core/change-feed';
import { type Product, product } from '#core/model/product';
import type { Reader } from '../database.ts';
import type { ProductTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** A project that a product contains. */
export interface ProductProject {
  readonly id: string;
  readonly name: string;
}

/** A product out of its row and its projects. */
export function parseProduct(row: ProductTable, projects: readonly ProductProject[]): Product {
  const names = projects.map(({ name }) => name);
  return product.parse({ ...recordFieldsOf(row), state: row.state, projects: names, ...dataOf(row) });
}

/** What of a product stands in `data`. */
export function productData(value: Pick<Product, 'description' | 'scopes' | 'approval' | 'plan'>): object {
  const { description, scopes, approval, plan } = value;
  return { description, scopes, approval, plan };
}

/** @throws ProblemError `not_found` */
export async function getProductRow(reader: Reader, reference: string): Promise<ProductTable> {
  const row = await reader
    .selectFrom('products')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('product', reference);
  return row;
}

/** The projects of several products at once, by product id, in the products' order. */
export async function listProductProjects(
  reader: Reader,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, ProductProject[]>> {
  if (productIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('product_projects')
    .innerJoin('projects', 'projects.id', 'product_projects.project_id')
    .select(['product_projects.product_id', 'projects.id', 'projects.name'])
    .where('product_projects.product_id', 'in', [...productIds])
    .orderBy('product_projects.position')
    .execute();
  const byProduct = new Map<string, ProductProject[]>();
  for (const { product_id, id, name } of rows)
    byProduct.set(product_id, [...(byProduct.get(product_id) ?? []), { id, name }]);
  return byProduct;
}

/** A product with its projects, by name or id. @throws ProblemError `not_found` */
export async function getProduct(
  reader: Reader,
  reference: string,
): Promise<{ readonly row: ProductTable; readonly product: Product; readonly projects: readonly ProductProject[] }> {
  const row = await getProductRow(reader, reference);
  const projects = (await listProductProjects(reader, [row.id])).get(row.id) ?? [];
  return { row, product: parseProduct(row, projects), projects };
}

/** Replaces the projects of a product. */
export async function replaceProductProjects(
  unit: Unit,
  productId: string,
  projects: readonly ProductProject[],
): Promise<void> {
  await unit.tx.deleteFrom('product_projects').where('product_id', '=', productId).execute();
  if (projects.length === 0) return;
  const rows = projects.map(({ id }, position) => ({ product_id: productId, project_id: id, position }));
  await unit.tx.insertInto('product_projects').values(rows).execute();
}

/** Puts a product into the change feed. */
export function publishProduct(unit: Unit, value: Product, projects: readonly ProductProject[]): void {
  const { id, name, displayName, scopes, plan } = value;
  const projectIds = projects.map((one) => one.id);
  const payload: FeedProduct = { id, name, displayName, projectIds, scopes, ...(plan !== undefined && { plan }) };
  unit.publish('product', id, payload);
}

/** How many subscriptions a product has. */
export async function countSubscriptions(
  reader: Reader,
  column: 'product_id' | 'client_id',
  id: string,
): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*) as n from subscriptions where ${sql.ref(column)} = ${id}`.execute(reader);
  return Number(rows[0]?.n ?? 0);
}

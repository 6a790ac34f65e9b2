import { sql } from 'kysely';
import * as z from 'zod';
import { newId } from '#core/id';
import { createProduct, type Product, patchProduct, product } from '#core/model/product';
import { type ProblemDetail, ProblemError } from '#core/problem';
import { validationFailed } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import {
  countSubscriptions,
  getProduct,
  listProductProjects,
  type ProductProject,
  parseProduct,
  productData,
  publishProduct,
  replaceProductProjects,
} from '../records/product.ts';
import { findProjectRow } from '../records/project.ts';
import { changedRecordColumns, checkNameFree, given, nameFor, newRecordColumns } from '../records/record.ts';
import { pagesOfSubscriptions, publishSubscription } from '../records/subscription.ts';
import { scopeListErrors } from '../registry/scopes.ts';
import { checkRevision } from '../revision.ts';
import type { ProductTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Products: sets of API projects offered together. */
export const productOperations = [
  operation({
    id: 'products.list',
    method: 'GET',
    path: '/products',
    permission: 'products:read',
    summary: 'List the products.',
    query: listQuery({ state: z.enum(['draft', 'published', 'retired']).optional() }),
    response: pageOf(product),
    handler: async ({ context, query }) => {
      const conditions = query.state === undefined ? [] : [sql`state = ${query.state}`];
      const page = await listRecords<ProductTable>(context.db.read, 'products', query, conditions);
      const ids = page.items.map(({ id }) => id);
      const projects = await listProductProjects(context.db.read, ids);
      return { body: { ...page, items: page.items.map((row) => parseProduct(row, projects.get(row.id) ?? [])) } };
    },
  }),
  operation({
    id: 'products.create',
    method: 'POST',
    path: '/products',
    permission: 'products:write',
    summary: 'Create a product.',
    body: createProduct,
    response: product,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const created = await change(context, actor, async (unit) => {
        await checkNameFree(unit.tx, 'products', 'product', name);
        const projects = await checkFields(unit, body);
        const { displayName } = body;
        const record = { id: newId('prd', context.random), name, displayName, data: productData(body) };
        const row: ProductTable = { ...newRecordColumns(unit, record), state: body.state };
        await unit.tx.insertInto('products').values(row).execute();
        await replaceProductProjects(unit, row.id, projects);
        const made = parseProduct(row, projects);
        publishProduct(unit, made, projects);
        unit.audit({ ...objectOf(made), sentence: `Product ${name} was created.`, after: made });
        return made;
      });
      return { body: created, revision: created.revision, location: `/products/${created.name}` };
    },
  }),
  operation({
    id: 'products.get',
    method: 'GET',
    path: '/products/:product',
    permission: 'products:read',
    summary: 'Read a product.',
    params: pathParams('product'),
    response: product,
    handler: async ({ context, params }) => {
      const found = await getProduct(context.db.read, params.product);
      return { body: found.product, revision: found.row.revision };
    },
  }),
  operation({
    id: 'products.update',
    method: 'PATCH',
    path: '/products/:product',
    permission: 'products:write',
    summary: 'Change a product. Gateways take its projects, scopes and plan over at once.',
    params: pathParams('product'),
    body: patchProduct,
    response: product,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const { row, product: before, projects: had } = await getProduct(unit.tx, params.product);
        checkRevision(ifMatch, row.revision);
        const { plan, ...fields } = body;
        const wanted: Product = {
          ...before,
          ...given(fields),
          plan: plan === undefined ? before.plan : (plan ?? undefined),
        };
        const projects = await checkFields(unit, { ...wanted, projects: body.projects ?? had.map(({ id }) => id) });
        const { displayName, state } = wanted;
        const columns = { ...changedRecordColumns(unit, row, { displayName, data: productData(wanted) }), state };
        await unit.tx.updateTable('products').set(columns).where('id', '=', row.id).execute();
        if (body.projects !== undefined) await replaceProductProjects(unit, row.id, projects);
        const after = parseProduct({ ...row, ...columns }, projects);
        publishProduct(unit, after, projects);
        if (body.scopes !== undefined) await republishSubscriptions(unit, after);
        unit.audit({ ...objectOf(after), sentence: `Product ${after.name} was changed.`, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'products.delete',
    method: 'DELETE',
    path: '/products/:product',
    permission: 'products:write',
    summary: 'Delete a product that has no subscriptions.',
    params: pathParams('product'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { row, product: before } = await getProduct(unit.tx, params.product);
        checkRevision(ifMatch, row.revision);
        const subscriptions = await countSubscriptions(unit.tx, 'product_id', row.id);
        if (subscriptions > 0)
          throw new ProblemError(
            'in_use',
            `The product ${row.name} has ${subscriptions} subscription${subscriptions === 1 ? '' : 's'}. Delete them first, or set its state to retired.`,
          );
        await unit.tx.deleteFrom('products').where('id', '=', row.id).execute();
        unit.publish('product', row.id, undefined);
        unit.audit({ ...objectOf(before), sentence: `Product ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: Product) {
  return { objectKind: 'product', objectId: value.id, objectName: value.name };
}

/** Checks what refers to something else; gives the projects. */
async function checkFields(unit: Unit, fields: Pick<Product, 'projects' | 'scopes'>): Promise<ProductProject[]> {
  const errors: ProblemDetail[] = scopeListErrors(fields.scopes);
  const projects: ProductProject[] = [];
  for (const [index, reference] of fields.projects.entries()) {
    const pointer = `/projects/${index}`;
    const row = await findProjectRow(unit.tx, reference);
    if (row === undefined)
      errors.push({ pointer, code: 'unknown_project', message: `There is no project ${reference}.` });
    else if (projects.some(({ id }) => id === row.id))
      errors.push({ pointer, code: 'duplicate', message: `The project ${row.name} stands here twice.` });
    else projects.push({ id: row.id, name: row.name });
  }
  if (errors.length > 0) throw validationFailed(errors);
  return projects;
}

/** The scopes of a product are those of its subscriptions: all of them travel anew. */
async function republishSubscriptions(unit: Unit, value: Product): Promise<void> {
  for await (const page of pagesOfSubscriptions(unit.tx, 'product_id', value.id))
    for (const row of page) publishSubscription(unit, row, value);
}

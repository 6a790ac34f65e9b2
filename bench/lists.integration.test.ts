import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { ManagerContext } from '#manager/context';
import type { Operation } from '#manager/operation';
import { clientOperations } from '#manager/operations/client';
import { deploymentOperations } from '#manager/operations/deployment';
import { overviewOperations } from '#manager/operations/overview';
import { productOperations } from '#manager/operations/product';
import { projectOperations } from '#manager/operations/project';
import { searchOperations } from '#manager/operations/search';
import { statusOperations } from '#manager/operations/status';
import { subscriptionOperations } from '#manager/operations/subscription';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { fillCatalogue } from './catalogue.ts';

// What keeps lists quick at 10 000 projects and 100 000 clients is that no statement goes through the rows of a big table. That is told by
// the plans: time says little on a busy machine. How long each takes: node bench/lists.ts.

const BIG = [
  ...['projects', 'policies', 'resources', 'targets', 'versions', 'deployments', 'feed'],
  ...['products', 'product_projects', 'clients', 'subscriptions', 'secrets'],
];

const lists = [projectOperations, productOperations, clientOperations, subscriptionOperations, deploymentOperations]
  .flat()
  .filter(({ id }) => id.endsWith('.list'));
const operations: readonly Operation[] = [...overviewOperations, ...searchOperations, ...statusOperations, ...lists];

const queries = [
  ...[{}, { sort: '-displayName' }, { sort: 'name' }, { sort: 'createdAt' }, { sort: '-updatedAt' }],
  ...[
    { q: 'shop 1' },
    { q: 'nothing is called so' },
    { q: '/catalogue/12' },
    { q: 'k0000' },
    { q: 'first', sort: '-name' },
  ],
  ...[{ kind: 'http' }, { active: 'true' }, { state: 'active' }, { state: 'ended' }, { state: 'published' }],
  ...[{ client: 'first' }, { product: 'first' }, { product: 'first', state: 'suspended', q: 'shop' }],
  ...[{ project: 'first' }, { serverGroup: 'local' }, { serverGroup: 'local', state: 'live' }, { state: 'live' }],
];

/** A manager with 2 000 projects that are deployed, and 5 000 clients with a subscription and a secret each. */
async function openFull(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  const project = { name: 'first', displayName: 'First', contextPath: '/first', targetUrl: 'http://127.0.0.1:9' };
  await manager.run('projects.create', { body: { ...project, kind: 'http', secureWith: 'oauth' } });
  await manager.run('deployments.create', { body: { project: 'first', serverGroup: 'local' } });
  await manager.run('products.create', { body: { name: 'first', displayName: 'First', projects: ['first'] } });
  await manager.run('clients.create', { body: { name: 'first', displayName: 'First' } });
  await manager.run('subscriptions.create', { body: { name: 'first', client: 'first', product: 'first' } });
  await manager.run('keys.create', { params: { subscription: 'first' } });
  const originals = { project: 'first', product: 'first', client: 'first', subscription: 'first' };
  fillCatalogue(path.join(manager.dataDir, 'manager.db'), originals, { projects: 2000, clients: 5000, products: 200 });
  return manager;
}

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** A context that notes each statement of its reading connection. */
function noting(context: ManagerContext): { readonly context: ManagerContext; readonly noted: Statement[] } {
  const noted: Statement[] = [];
  const executor = context.db.read.getExecutor();
  const read = context.db.read.withPlugin({
    transformQuery({ node, queryId }) {
      noted.push(executor.compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { context: { ...context, db: { ...context.db, read } }, noted };
}

/** Every statement that the operations need for every query that they take, first page and second, with who asked it. */
async function statementsOf(manager: TestManager): Promise<ReadonlyMap<string, Statement & { readonly by: string }>> {
  const found = new Map<string, Statement & { readonly by: string }>();
  const params = { project: 'first', group: 'local', product: 'first', client: 'first', subscription: 'first' };
  for (const operation of operations) {
    const wanted = new Set<string>(operation.path.match(/(?<=:)\w+/g) ?? []);
    const own = Object.fromEntries(Object.entries(params).filter(([name]) => wanted.has(name)));
    for (const query of queries.filter((one) => operation.query.safeParse(one).success)) {
      const { context, noted } = noting(manager.context);
      manager.clock.advance(60_000); // what is kept for half a minute is asked anew
      const page = await manager.run(operation.id, { params: own, query, context });
      if (page.next !== undefined)
        await manager.run(operation.id, { params: own, query: { ...query, cursor: page.next }, context });
      const by = `${operation.id} ${JSON.stringify(query)}`;
      for (const { sql, parameters } of noted) if (!found.has(sql)) found.set(sql, { sql, parameters, by });
    }
  }
  return found;
}

/** True for a step that reads a big table row by row: neither an index alone, nor a page along the index of its order. */
function readsEveryRow(step: string, sql: string): boolean {
  const table = /^SCAN (\w+)/.exec(step)?.[1] ?? '';
  if (!BIG.includes(table) || / USING COVERING INDEX /.test(step)) return /USING AUTOMATIC/.test(step);
  const isPage = / USING INDEX /.test(step) && /order by [^)]* limit \?$/.test(sql) && !/ where /.test(sql);
  return !isPage;
}

test('no list, screen or search reads the rows of a big table', async (t) => {
  const manager = await openFull(t);
  const statements = await statementsOf(manager);
  const db = new DatabaseSync(path.join(manager.dataDir, 'manager.db'), { readOnly: true });
  t.after(() => db.close());
  const wrong = [...statements.values()].flatMap(({ sql, parameters, by }) => {
    const plan = db.prepare(`explain query plan ${sql}`).all(...(parameters as SQLInputValue[]));
    const steps = plan.map(({ detail }) => String(detail));
    return steps.filter((step) => readsEveryRow(step, sql)).map((step) => `${by}: ${step}\n  ${sql}`);
  });
  assert.ok(statements.size > 100, 'the statements were noted');
  assert.deepEqual(wrong, []);
});

test('the totals and pages of a full catalogue are right', async (t) => {
  const manager = await openFull(t);
  const total = async (id: string, query: object) => (await manager.run(id, { query })).total;
  assert.equal(await total('overview.projects', {}), 2001);
  assert.equal(await total('overview.clients', { q: 'Mobile' }), 500);
  assert.equal(await total('overview.clients', { active: 'false' }), 100);
  assert.equal(await total('overview.subscriptions', { state: 'suspended' }), 125);
  const names = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await manager.run('overview.clients', {
      query: { q: 'shop', limit: '200', sort: '-updatedAt', ...(cursor !== undefined && { cursor }) },
    });
    for (const { client } of page.items) names.add(client.name);
    cursor = page.next;
    assert.equal(page.total, 500);
  } while (cursor !== undefined);
  assert.equal(names.size, 500);
});

test('the status tells of few projects, however many there are', async (t) => {
  const manager = await openFull(t);
  manager.clock.advance(8 * 86_400_000);
  const { projects, moreProjects, attention, counts } = await manager.run('status.get');
  assert.ok(projects.length <= 50);
  assert.equal(projects.length + moreProjects, counts.projects);
  assert.ok(attention.length <= 50, `${attention.length} lines`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import type { ManagerContext } from '../context.ts';
import { overviewOperations } from '../operations/overview.ts';

// Every screen costs the same number of statements, however many rows it shows (no N+1).

/** A context that counts the statements of its reading connection. */
function counting(context: ManagerContext): { readonly context: ManagerContext; count(): number } {
  let count = 0;
  const read = context.db.read.withPlugin({
    transformQuery({ node }) {
      count += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { context: { ...context, db: { ...context.db, read } }, count: () => count };
}

/** `count` projects that are deployed and changed since, in one product; as many clients with a subscription and a secret each. */
async function fill(manager: TestManager, prefix: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
  for (const name of names) {
    const place = { project: name, serverGroup: 'local' };
    await manager.run('projects.create', {
      body: { name, displayName: name, kind: 'http', contextPath: `/${name}`, targetUrl: 'http://127.0.0.1:9' },
    });
    await manager.run('deployments.create', { body: place });
    await manager.run('projects.update', { params: { project: name }, body: { description: 'changed' } });
    await manager.run('clients.create', { body: { name, displayName: name } });
  }
  await manager.run('products.create', { body: { name: prefix, displayName: prefix, projects: names } });
  for (const name of names) {
    await manager.run('subscriptions.create', { body: { name, client: name, product: prefix } });
    await manager.run('keys.create', { params: { subscription: name } });
    await manager.run('subscriptions.create', {
      body: { name: `${name}-of-first`, client: `${prefix}-0`, product: prefix },
    });
    await manager.run('serverGroups.create', { body: { name, displayName: name } });
    await manager.run('products.create', { body: { name: `${name}-too`, displayName: name, projects: [name] } });
  }
}

async function statementsOf(manager: TestManager, prefix: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const params = {
    project: `${prefix}-0`,
    group: 'local',
    product: prefix,
    client: `${prefix}-0`,
    subscription: `${prefix}-0`,
  };
  for (const operation of overviewOperations) {
    const counted = counting(manager.context);
    const wanted = new Set<string>(operation.path.match(/(?<=:)\w+/g) ?? []);
    const own = Object.fromEntries(Object.entries(params).filter(([name]) => wanted.has(name)));
    const takesQ = operation.query.safeParse({ q: prefix }).success;
    manager.clock.advance(60_000); // what is kept for half a minute is asked anew
    await manager.run(operation.id, {
      ...{ context: counted.context, params: own },
      query: takesQ ? { q: prefix, limit: '50' } : {},
    });
    counts[operation.id] = counted.count();
  }
  return counts;
}

test('a screen takes as many statements for 50 rows as for one', async (t) => {
  const manager = await openTestManager(t);
  await fill(manager, 'one', 1);
  await fill(manager, 'many', 50);
  const few = await statementsOf(manager, 'one');
  const many = await statementsOf(manager, 'many');
  assert.deepEqual(many, few);
  const most = Math.max(...Object.values(many));
  assert.ok(most <= 25, `at most 25 statements, not ${most}`);
});

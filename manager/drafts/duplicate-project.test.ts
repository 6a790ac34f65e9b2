import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '#core/problem';
import { openTestManager } from '#test/support/manager-context';

test('a duplicate says what the original says, under its own name and path, and is deployed nowhere', async (t) => {
  const manager = await openTestManager(t);
  const original = { project: 'orders-api' };
  const secured = { secureWith: 'oauth', targetUrl: 'http://127.0.0.1:9', description: 'All orders', kind: 'http' };
  await manager.run('projects.create', { body: { displayName: 'Orders API', contextPath: '/orders', ...secured } });
  for (const displayName of ['Zeta', 'Alpha']) {
    manager.clock.advance(1000);
    await manager.run('resources.create', {
      params: original,
      body: { displayName, path: `/${displayName.toLowerCase()}`, target: 'default' },
    });
  }
  await manager.run('deployments.create', { body: { ...original, serverGroup: 'local' } });
  const wish = { displayName: 'Orders 2', contextPath: '/orders-2' };
  const copy = await manager.run('projects.duplicate', { params: original, body: wish });
  assert.deepEqual(
    [copy.name, copy.contextPath, copy.description, copy.revision],
    ['orders-2', '/orders-2', 'All orders', 1],
  );
  const show = async (project: string) => {
    const { id: _, ...shown } = await manager.run('overview.project', { params: { project } });
    return shown;
  };
  const [before, after] = [await show('orders-api'), await show('orders-2')];
  const parts = (of: typeof before) => ({
    policies: of.policies.map((policy: { name: string; config: object }) => [policy.name, policy.config]),
    resources: of.resources.map((resource: { name: string; path: string; attached: number }) => [
      ...[resource.name, resource.path, resource.attached],
    ]),
    targets: of.targets.map((target: { name: string; urls: object }) => [target.name, target.urls]),
    places: of.places,
  });
  assert.deepEqual(parts(after), parts(before));
  assert.deepEqual(
    after.resources.map(({ name }: { name: string }) => name),
    ['default-resource', 'zeta', 'alpha'],
    'in the same order',
  );
  assert.deepEqual([after.live, after.newestVersion], [[], undefined]);
  assert.notEqual(after.resources[0].id, before.resources[0].id);
  await manager.run('deployments.create', { body: { project: 'orders-2', serverGroup: 'local' } });
});

test('a duplicate needs a name of its own', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: { displayName: 'Orders', contextPath: '/orders', kind: 'http' } });
  const body = { displayName: 'Orders', contextPath: '/other' };
  await assert.rejects(
    manager.run('projects.duplicate', { params: { project: 'orders' }, body }),
    (error) => error instanceof ProblemError && error.code === 'name_taken',
  );
});

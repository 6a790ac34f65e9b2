import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';

const orders = { displayName: 'Orders API', kind: 'http', contextPath: '/orders', targetUrl: 'http://127.0.0.1:9' };
const inOrders = { params: { project: 'orders-api' } };

/** The problem that a call ends with: its code and what it points at. */
async function problemOf(call: Promise<unknown>): Promise<{ code: string; pointers: string[]; message: string }> {
  const error = await call.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProblemError, String(error));
  return { code: error.code, pointers: error.errors.map(({ pointer }) => pointer), message: error.message };
}

async function attached(manager: TestManager, resource: string): Promise<string[]> {
  const { endpoints } = await manager.run('resources.get', { params: { project: 'orders-api', resource } });
  return endpoints.proxyRequest.map(({ policy }: { policy: string }) => policy);
}

test('a token end point project attaches its policy by itself', async (t) => {
  const manager = await openTestManager(t);
  const body = {
    displayName: 'AccessToken',
    kind: 'oauth-token-endpoint',
    contextPath: '/token',
    accessTokenExpiryMs: 600_000,
  };
  const project = await manager.run('projects.create', { body });
  assert.deepEqual([project.name, project.revision, project.createdBy], ['access-token', 1, 'tester']);
  const params = { project: 'access-token' };
  const { items } = await manager.run('resources.list', { params });
  assert.deepEqual(
    items.map((one: Record<string, unknown>) => [one.displayName, one.path, one.methods, one.target]),
    [['DefaultResource', '/*', [], undefined]],
  );
  assert.deepEqual(items[0].endpoints.proxyRequest, [{ policy: 'oauth-token-endpoint', enabled: true }]);
  const policy = await manager.run('policies.get', { params: { ...params, policy: 'oauth-token-endpoint' } });
  assert.deepEqual(policy.config, { accessTokenExpiryMs: 600_000 });
});

test('fields of another kind of project are refused where they stand', async (t) => {
  const manager = await openTestManager(t);
  const create = (body: object) => problemOf(manager.run('projects.create', { body }));
  assert.deepEqual((await create({ ...orders, accessTokenExpiryMs: 1000 })).pointers, ['/accessTokenExpiryMs']);
  assert.deepEqual((await create({ ...orders, tokenIn: ['query'] })).pointers, ['/tokenIn']);
  assert.deepEqual((await create({ ...orders, kind: 'oauth-token-endpoint', secureWith: 'oauth' })).pointers, [
    '/targetUrl',
    '/secureWith',
  ]);
  assert.deepEqual((await create({ ...orders, targetUrl: 'ftp://x' })).pointers, ['/targetUrl']);
  assert.deepEqual((await create({ ...orders, hosts: ['a.test', 'a.test'] })).pointers, ['/hosts/1']);
  const attachments = { endpoints: { proxyRequest: [{ policy: 'quota' }] } };
  assert.deepEqual((await create({ ...orders, ...attachments })).pointers, ['/endpoints/proxyRequest/0/policy']);
  assert.equal((await manager.run('projects.list')).total, 0, 'a refused create leaves nothing behind');
});

test('a name is taken once, and stays when the display name changes', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  assert.equal((await problemOf(manager.run('projects.create', { body: orders }))).code, 'name_taken');
  const renamed = await manager.run('projects.update', { ...inOrders, body: { displayName: 'Sales' } });
  assert.deepEqual([renamed.name, renamed.displayName, renamed.revision], ['orders-api', 'Sales', 2]);
});

test('Secure API with holds for every resource, also those added later, unless one is public', async (t) => {
  const manager = await openTestManager(t);
  const project = await manager.run('projects.create', {
    body: { ...orders, secureWith: 'oauth', tokenIn: ['query'] },
  });
  assert.equal(project.securePolicy, 'oauth-verify-access-token');
  assert.deepEqual(await attached(manager, 'default-resource'), ['oauth-verify-access-token']);
  await manager.run('policies.create', { ...inOrders, body: { type: 'mock-answer' } });
  const add = (body: object) => manager.run('resources.create', { ...inOrders, body });
  await add({ displayName: 'Items', path: '/items', endpoints: { proxyRequest: [{ policy: 'mock-answer' }] } });
  assert.deepEqual(await attached(manager, 'items'), ['oauth-verify-access-token', 'mock-answer']);
  await add({ displayName: 'Health', path: '/health', public: true });
  assert.deepEqual(await attached(manager, 'health'), []);
  const patch = (resource: string, body: object) =>
    manager.run('resources.update', { params: { project: 'orders-api', resource }, body });
  await patch('health', { public: false });
  assert.deepEqual(await attached(manager, 'health'), ['oauth-verify-access-token']);
  await patch('items', { public: true });
  assert.deepEqual(await attached(manager, 'items'), ['mock-answer']);
});

test('securing a project later puts the policy on what is there, and taking it back takes it away', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  await manager.run('resources.create', { ...inOrders, body: { displayName: 'Items', path: '/items' } });
  const secured = await manager.run('projects.update', { ...inOrders, body: { secureWith: 'oauth' } });
  assert.equal(secured.securePolicy, 'oauth-verify-access-token');
  for (const resource of ['default-resource', 'items'])
    assert.deepEqual(await attached(manager, resource), ['oauth-verify-access-token']);
  const inUse = await problemOf(
    manager.run('policies.delete', { params: { project: 'orders-api', policy: 'oauth-verify-access-token' } }),
  );
  assert.equal(inUse.code, 'in_use');
  assert.match(inUse.message, /Secure API with of Orders API; DefaultResource, Proxy Request; Items, Proxy Request/);
  const open = await manager.run('projects.update', { ...inOrders, body: { secureWith: 'none' } });
  assert.equal(open.securePolicy, undefined);
  for (const resource of ['default-resource', 'items']) assert.deepEqual(await attached(manager, resource), []);
});

test('settings are checked by their policy type; null gives one back to its default', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  const create = (body: object) => manager.run('policies.create', { ...inOrders, body });
  const wrong = await problemOf(create({ type: 'mock-answer', config: { status: 'x', boody: 1 } }));
  assert.deepEqual([wrong.code, wrong.pointers], ['validation_failed', ['/config/status', '/config/boody']]);
  assert.match((await problemOf(create({ type: 'mock-anser' }))).message, /Did you mean "mock-answer"/);
  const made = await create({ type: 'mock-answer', config: { status: 404 } });
  assert.deepEqual([made.name, made.config], ['mock-answer', { status: 404 }]);
  const params = { project: 'orders-api', policy: 'mock-answer' };
  const changed = await manager.run('policies.update', { params, body: { config: { status: null } } });
  assert.deepEqual([changed.config, changed.revision], [{ status: 200 }, 2]);
});

test('an attachment needs a policy of the project, at an endpoint that its type is for', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  await manager.run('policies.create', { ...inOrders, body: { type: 'mock-answer' } });
  const put = (endpoint: string, policies: string[]) =>
    manager.run('resourceEndpoints.replace', {
      params: { project: 'orders-api', resource: 'default-resource', endpoint },
      body: { attachments: policies.map((policy) => ({ policy })) },
    });
  const wrongPhase = await problemOf(put('proxyResponse', ['mock-answer']));
  assert.deepEqual(wrongPhase.pointers, ['/attachments/0/policy']);
  assert.match(wrongPhase.message, /cannot run at Proxy Response; it can at: Proxy Request, Target Request/);
  assert.match((await problemOf(put('proxyRequest', ['mock-anser']))).message, /Did you mean "mock-answer"/);
  assert.deepEqual((await problemOf(put('proxyRequest', ['mock-answer', 'mock-answer']))).pointers, [
    '/attachments/1/policy',
  ]);
  const { attachments } = await put('proxyRequest', ['mock-answer']);
  assert.deepEqual(attachments, [{ policy: 'mock-answer', enabled: true }]);
  const params = { project: 'orders-api', policy: 'mock-answer' };
  assert.equal((await problemOf(manager.run('policies.delete', { params }))).code, 'in_use');
});

test('DefaultResource stays, two resources never take the same requests, and a target in use is kept', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  const params = { project: 'orders-api', resource: 'default-resource' };
  assert.equal((await problemOf(manager.run('resources.delete', { params }))).code, 'in_use');
  assert.deepEqual((await problemOf(manager.run('resources.update', { params, body: { path: '/x' } }))).pointers, [
    '/path',
  ]);
  const add = (body: object) => manager.run('resources.create', { ...inOrders, body });
  const item = await add({ displayName: 'Item', path: '/items/{id}', methods: ['GET'] });
  assert.equal(item.target, 'default', 'a resource that names no target gets the usual one');
  assert.deepEqual((await problemOf(add({ displayName: 'Same', path: '/items/{key}' }))).pointers, ['/path']);
  await add({ displayName: 'Other', path: '/items/{key}', methods: ['POST'] });
  assert.deepEqual((await problemOf(add({ displayName: 'T', path: '/t', target: 'none' }))).pointers, ['/target']);
  const target = { project: 'orders-api', target: 'default' };
  assert.equal((await problemOf(manager.run('targets.delete', { params: target }))).code, 'in_use');
});

test('the first target of a project answers for the resources that had none', async (t) => {
  const manager = await openTestManager(t);
  const { targetUrl: _, ...withoutTarget } = orders;
  await manager.run('projects.create', { body: withoutTarget });
  await manager.run('targets.create', { ...inOrders, body: { displayName: 'Main', urls: [{ url: 'echo:' }] } });
  const params = { project: 'orders-api', resource: 'default-resource' };
  assert.equal((await manager.run('resources.get', { params })).target, 'main');
});

test('a project is deleted only when it is neither deployed nor in a product', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  await manager.run('products.create', { body: { displayName: 'Shop', projects: ['orders-api'] } });
  await manager.run('deployments.create', { body: { project: 'orders-api', serverGroup: 'local' } });
  const refused = await problemOf(manager.run('projects.delete', inOrders));
  assert.match(refused.message, /deployed to local, offered in the product shop/);
  await manager.run('deployments.undeploy', { body: { project: 'orders-api', serverGroup: 'local' } });
  await manager.run('products.update', { params: { product: 'shop' }, body: { projects: [] } });
  await manager.run('projects.delete', inOrders);
  assert.equal((await problemOf(manager.run('projects.get', inOrders))).code, 'not_found');
});

test('every change inside a project is a change of its draft', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: orders });
  const draft = async () =>
    (await manager.context.db.read.selectFrom('projects').select('draft_revision').executeTakeFirstOrThrow())
      .draft_revision;
  const calls: [string, object, object][] = [
    ['policies.create', {}, { type: 'mock-answer' }],
    ['policies.update', { policy: 'mock-answer' }, { config: { status: 201 } }],
    ['resources.create', {}, { displayName: 'A', path: '/a' }],
    ['resources.update', { resource: 'a' }, { methods: ['GET'] }],
    [
      'resourceEndpoints.replace',
      { resource: 'a', endpoint: 'proxyRequest' },
      { attachments: [{ policy: 'mock-answer' }] },
    ],
    ['projectEndpoints.replace', { endpoint: 'proxyRequest' }, { attachments: [] }],
    ['targets.create', {}, { displayName: 'B', urls: [{ url: 'echo:' }] }],
    ['targets.update', { target: 'b' }, { retries: 0 }],
    ['targets.delete', { target: 'b' }, {}],
    ['resources.delete', { resource: 'a' }, {}],
    ['policies.delete', { policy: 'mock-answer' }, {}],
    ['projects.update', {}, { description: 'x' }],
  ];
  for (const [id, params, body] of calls) {
    const before = await draft();
    await manager.run(id, { params: { project: 'orders-api', ...params }, body });
    assert.ok((await draft()) > before, id);
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTestManager, type TestManager } from '#test/support/manager-context';

const document = (name: string) =>
  readFileSync(path.join(import.meta.dirname, '../../test/support/documents', name), 'utf8');
const petstore = document('petstore.yaml');
const orders = document('orders.wsdl');

const PETS = { displayName: 'Pets', contextPath: '/pets' };
const params = { project: 'pets' };

function refused(pointer: string, pattern: RegExp) {
  return (error: { errors?: readonly { pointer: string; message: string }[] }) => {
    const found = error.errors?.find((one) => one.pointer === pointer);
    assert.match(found?.message ?? `nothing at ${pointer}`, pattern);
    return true;
  };
}

async function resources(manager: TestManager, project = 'pets') {
  const { items } = await manager.run('resources.list', { params: { project }, query: { limit: 200 } });
  return new Map<
    string,
    {
      name: string;
      displayName: string;
      path: string;
      methods: string[];
      public: boolean;
      endpoints: { proxyRequest: { policy: string }[] };
    }
  >(items.map((item: { name: string }) => [item.name, item]));
}

const proxyRequest = (resource: { endpoints: { proxyRequest: { policy: string }[] } } | undefined) =>
  resource?.endpoints.proxyRequest.map(({ policy }) => policy);

test('an OpenAPI document becomes a project: resources, target and token checks with the scopes of each operation', async (t) => {
  const manager = await openTestManager(t);
  const preview = await manager.run('imports.previewOpenApi', { body: { source: petstore } });
  assert.equal(preview.sentence, 'Read: 6 operations, 1 server, security: oauth2, apiKey');
  assert.deepEqual(preview.problems, []);
  assert.deepEqual(preview.suggested, {
    ...{
      displayName: 'Pet shop',
      contextPath: '/pet-shop',
      targetUrl: 'https://shop.example.com/v1',
      secureWith: 'oauth',
    },
  });
  for (const what of ['callbacks', 'links', 'xml', 'security: apiKey', 'GET /reports/{name}.csv'])
    assert.ok(
      preview.unused.some((part: { what: string }) => part.what === what),
      what,
    );
  const project = await manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS } });
  assert.deepEqual(
    [project.kind, project.secureWith, project.securePolicy],
    ['http', 'oauth', 'oauth-verify-access-token'],
  );
  const made = await resources(manager);
  assert.deepEqual([...made.keys()].sort(), [
    ...['add-pet', 'default-resource', 'get-health', 'get-pet', 'list-orders', 'list-pets', 'remove-pet'],
  ]);
  assert.deepEqual(proxyRequest(made.get('list-pets')), ['token-with-pets-read']);
  assert.deepEqual(proxyRequest(made.get('remove-pet')), ['token-with-pets-read-pets-write']);
  assert.deepEqual(proxyRequest(made.get('get-health')), []);
  assert.equal(made.get('get-health')?.public, true);
  assert.deepEqual(proxyRequest(made.get('default-resource')), ['oauth-verify-access-token']);
  const any = await manager.run('policies.get', {
    params: { project: 'pets', policy: 'token-with-orders-read-or-pets-write' },
  });
  assert.deepEqual([any.config.scopes, any.config.scopeMatch], [['orders:read', 'pets:write'], 'any']);
  const target = await manager.run('targets.get', { params: { project: 'pets', target: 'default' } });
  assert.equal(target.urls[0].url, 'https://shop.example.com/v1');
  const { checks } = await manager.run('deployments.create', {
    body: { project: 'pets', serverGroup: 'local', dryRun: true },
  });
  assert.deepEqual(
    checks.filter(({ ok }: { ok: boolean }) => !ok),
    [],
  );
});

test('only what was chosen becomes resources', async (t) => {
  const manager = await openTestManager(t);
  const body = { source: petstore, ...PETS };
  await manager.run('imports.createOpenApi', { body: { ...body, choose: 'tags', tags: ['orders'] } });
  assert.deepEqual([...(await resources(manager)).keys()].sort(), ['default-resource', 'list-orders']);
  const other = { ...body, displayName: 'Other', contextPath: '/other' };
  await manager.run('imports.createOpenApi', { body: { ...other, choose: 'default', secureWith: 'none' } });
  assert.deepEqual([...(await resources(manager, 'other')).keys()], ['default-resource']);
  await assert.rejects(
    manager.run('imports.createOpenApi', { body: { ...body, name: 'x', choose: 'tags', tags: ['no'] } }),
    refused('/tags/0', /There are: pets, orders/),
  );
});

test('a broken document creates nothing and is told of by line and column', async (t) => {
  const manager = await openTestManager(t);
  const broken = petstore.replace(
    /(operationId: getPet\n {6}tags: \[pets\]\n) {6}responses:\n {8}"200": \{ description: A pet. \}\n/,
    '$1',
  );
  const { problems, sentence } = await manager.run('imports.previewOpenApi', { body: { source: broken } });
  const line =
    broken.split('\n').findIndex((text, i, all) => text.trim() === 'get:' && all[i + 1]?.includes('getPet')) + 1;
  assert.deepEqual(problems, [
    {
      ...{ line, column: 5, pointer: '/paths/~1pets~1{pet-id}/get/responses' },
      message: 'paths./pets/{pet-id}.get.responses is missing. Every operation needs at least one response.',
    },
  ]);
  assert.equal(sentence, '1 problem. Nothing can be imported yet.');
  await assert.rejects(
    manager.run('imports.createOpenApi', { body: { source: broken, ...PETS } }),
    refused('/source', new RegExp(`^line ${line}, column 5: paths\\.`)),
  );
  await assert.rejects(
    manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS, targetUrl: 'ftp://x' } }),
  );
  const { total } = await manager.run('projects.list');
  assert.equal(total, 0);
});

test('a newer document is a reviewed diff: policies of kept operations stay, and a removed one with policies needs a choice', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS } });
  await manager.run('policies.create', { params, body: { type: 'headers', name: 'h', displayName: 'Trace headers' } });
  const attach = async (resource: string) => {
    const { endpoints } = await manager.run('resources.get', { params: { ...params, resource } });
    const targetRequest = [{ policy: 'h', enabled: true }];
    await manager.run('resources.update', {
      params: { ...params, resource },
      body: { endpoints: { ...endpoints, targetRequest } },
    });
  };
  await attach('list-pets');
  await attach('remove-pet');
  await manager.run('resources.update', {
    params: { ...params, resource: 'list-pets' },
    body: { displayName: 'All pets' },
  });
  const newer = petstore
    .replace(/ {4}delete:\n {6}operationId: removePet[\s\S]*? {8}"204": \{ description: Gone. \}\n/, '')
    .replace(
      '  /health:',
      '  /owners:\n    get:\n      operationId: listOwners\n      responses: { "200": { description: x } }\n  /health:',
    )
    .replace('- shop: [pets:write]\n      callbacks', '- shop: [pets:write, pets:read]\n      callbacks');
  const same = await manager.run('imports.previewInto', { params, body: { source: petstore } });
  assert.deepEqual([same.sentence, same.isApplied], ['nothing to change, 6 kept', false]);
  const diff = await manager.run('imports.previewInto', { params, body: { source: newer } });
  assert.equal(diff.sentence, '1 added, 1 removed, 1 changed, 4 kept');
  assert.deepEqual(diff.added, [{ name: 'list-owners', displayName: 'listOwners', path: '/owners', methods: ['GET'] }]);
  assert.deepEqual(diff.changed[0].sentences, ['Scopes pets:write → pets:write pets:read']);
  assert.deepEqual(
    [diff.removed[0].name, diff.removed[0].policies, diff.removed[0].needsChoice],
    ['remove-pet', ['Trace headers'], true],
  );
  const into = (removed: object) => manager.run('imports.into', { params, body: { source: newer, removed } });
  await assert.rejects(into({}), refused('/removed/remove-pet', /1 policy \(Trace headers\)\. Say keep or remove/));
  await assert.rejects(into({ 'remove-pet': 'remove', 'get-pet': 'remove' }), refused('/removed/get-pet', /not among/));
  assert.equal((await into({ 'remove-pet': 'keep' })).isApplied, true);
  const now = await resources(manager);
  assert.equal(now.get('list-pets')?.displayName, 'All pets');
  assert.deepEqual(now.get('list-pets')?.endpoints, {
    ...now.get('list-pets')?.endpoints,
    targetRequest: [{ policy: 'h', enabled: true }],
  });
  assert.ok(now.has('remove-pet') && now.has('list-owners'));
  assert.deepEqual(proxyRequest(now.get('add-pet')), ['token-with-pets-read-pets-write']);
  assert.deepEqual(proxyRequest(now.get('list-owners')), ['token-with-pets-read']);
  const again = await manager.run('imports.previewInto', { params, body: { source: newer } });
  assert.equal(again.sentence, 'nothing to change, 6 kept');
});

test('an operation that moved is known by its operationId, and what was changed by hand stays', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS } });
  await manager.run('resources.update', {
    params: { ...params, resource: 'list-orders' },
    body: { path: '/all-orders' },
  });
  const newer = petstore.replace('  /orders:', '  /shop/orders:').replace('  /health:', '  /alive:');
  const diff = await manager.run('imports.previewInto', { params, body: { source: newer } });
  assert.equal(diff.sentence, '1 added, 1 removed, 0 changed, 5 kept');
  await manager.run('imports.into', { params, body: { source: newer } });
  const now = await resources(manager);
  assert.equal(now.get('list-orders')?.path, '/all-orders');
  assert.equal(now.get('get-alive')?.path, '/alive');
  assert.ok(!now.has('get-health'));
});

test('a WSDL becomes a project that passes SOAP calls through, and keeps the WSDL', async (t) => {
  const manager = await openTestManager(t);
  const preview = await manager.run('imports.previewWsdl', { body: { source: orders, fileName: 'orders.wsdl' } });
  assert.equal(preview.sentence, 'Read: 1 service, 2 ports, 1 operation');
  assert.ok(
    preview.unused.some(({ message }: { message: string }) =>
      message.startsWith('orders.wsdl line 12 imports types.xsd, which is not in the upload.'),
    ),
  );
  const body = {
    source: orders,
    displayName: 'Orders',
    contextPath: '/orders',
    secureWith: 'oauth',
    port: 'OrdersSoap12',
  };
  const made = await manager.run('imports.createWsdl', { body });
  assert.deepEqual([made.kind, made.secureWith], ['wsdl', 'oauth']);
  const target = await manager.run('targets.get', { params: { project: 'orders', target: 'default' } });
  assert.equal(target.urls[0].url, 'http://orders.example.com/services/Orders12');
  assert.equal((await manager.run('projects.import', { params: { project: 'orders' } })).text, orders);
  const newer = orders.replace('/services/Orders12', '/v2/Orders12');
  const into = { params: { project: 'orders' }, body: { source: newer } };
  assert.deepEqual((await manager.run('imports.previewInto', into)).changed[0].sentences, [
    'Target http://orders.example.com/services/Orders12 → http://orders.example.com/v2/Orders12',
  ]);
  assert.equal((await manager.run('imports.into', into)).isApplied, true);
  const moved = await manager.run('targets.get', { params: { project: 'orders', target: 'default' } });
  assert.equal(moved.urls[0].url, 'http://orders.example.com/v2/Orders12');
});

test('a project goes from one place to another as one document, and comes out as it went in', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS } });
  const exported = await manager.run('projects.export', { params });
  assert.ok(!/"(?:id|createdAt|updatedBy|revision)"/.test(JSON.stringify(exported)));
  const body = { document: exported, displayName: 'Copy', contextPath: '/copy' };
  const copy = await manager.run('imports.createProject', { body });
  assert.deepEqual([copy.name, copy.contextPath, copy.securePolicy], ['copy', '/copy', 'oauth-verify-access-token']);
  const again = await manager.run('projects.export', { params: { project: 'copy' } });
  assert.deepEqual(
    { ...again, project: { ...again.project, name: 'pets', displayName: 'Pets', contextPath: '/pets' } },
    exported,
  );
  await assert.rejects(
    manager.run('imports.createProject', { body: { document: exported } }),
    /There is a project named pets already/,
  );
  const wrong = structuredClone(exported);
  wrong.resources[0].target = 'nowhere';
  wrong.policies[0].type = 'nothing';
  await assert.rejects(
    manager.run('imports.createProject', { body: { ...body, document: wrong, displayName: 'Third' } }),
    refused('/document/policies/0/type', /no policy type nothing/),
  );
  await manager.run('imports.createWsdl', { body: { source: orders, displayName: 'Orders', contextPath: '/orders' } });
  const soap = await manager.run('projects.export', { params: { project: 'orders' } });
  assert.equal(soap.definition.text, orders);
  await manager.run('imports.createProject', {
    body: { document: soap, displayName: 'Orders 2', contextPath: '/orders2' },
  });
  assert.equal((await manager.run('projects.export', { params: { project: 'orders-2' } })).definition.text, orders);
});

test('a copy of an imported project knows where it came from', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('imports.createOpenApi', { body: { source: petstore, ...PETS } });
  const wish = { displayName: 'Copy', contextPath: '/copy' };
  await manager.run('projects.duplicate', { params, body: wish });
  const diff = await manager.run('imports.previewInto', {
    params: { project: 'copy' },
    body: { source: petstore.replace('  /orders:', '  /shop/orders:') },
  });
  assert.equal(diff.sentence, '0 added, 0 removed, 1 changed, 5 kept');
});

test('2 000 operations are imported within 10 s, and are 2 000 resources that can be deployed', async (t) => {
  const manager = await openTestManager(t);
  const operation = (i: number) => ({
    operationId: `op${i}`,
    security: [{ shop: [`s${i % 40}`] }],
    responses: { 200: { description: 'x', content: { 'application/json': { schema: { type: 'array', items: {} } } } } },
  });
  const paths = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`/r${i}/a`, { get: operation(i) }]));
  const securitySchemes = { shop: { type: 'oauth2', flows: {} } };
  const info = { title: 'Big', version: '1' };
  const source = JSON.stringify({ openapi: '3.1.0', info, components: { securitySchemes }, paths });
  const started = performance.now();
  await manager.run('imports.createOpenApi', { body: { source, ...PETS, targetUrl: 'echo:' } });
  assert.ok(performance.now() - started < 10_000);
  assert.equal((await manager.run('resources.list', { params })).total, 2001);
  assert.equal((await manager.run('policies.list', { params })).total, 41);
  const { checks } = await manager.run('deployments.create', {
    body: { project: 'pets', serverGroup: 'local', dryRun: true },
  });
  assert.ok(checks.every(({ ok }: { ok: boolean }) => ok));
});

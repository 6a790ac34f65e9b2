import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '#core/problem';
import { policyTypes } from '#policies/registry';
import { openTestManager } from '#test/support/manager-context';
import { checkSnapshot } from '../deployments/deploy-checks.ts';
import { readSnapshot } from '../drafts/snapshot.ts';

const params = { project: 'orders' };
const at = (name: string): string => `\u0024{${name}}`;

async function openOrders(t: Parameters<typeof openTestManager>[0]) {
  const manager = await openTestManager(t, [], policyTypes);
  const body = { displayName: 'Orders', contextPath: '/orders', kind: 'http', targetUrl: 'http://127.0.0.1:9' };
  await manager.run('projects.create', { body });
  const policy = (name: string, type: string, config: object = {}) =>
    manager.run('policies.create', { params, body: { name, type, config } });
  const chain = (displayName: string, policies: readonly string[]) =>
    manager.run('policyChains.create', {
      params,
      body: { displayName, policies: policies.map((one) => ({ policy: one, enabled: true })) },
    });
  const attach = (...policies: readonly string[]) =>
    manager.run('projects.update', {
      params,
      body: { endpoints: { proxyRequest: policies.map((one) => ({ policy: one, enabled: true })) } },
    });
  await policy('tenant', 'assign-variables', {
    attributes: [{ name: 'tenant', value: at('request.header.x-tenant') }],
  });
  await policy('fields', 'set-headers', { set: [{ name: 'X-Tenant', value: at('tenant') }] });
  return { manager, policy, chain, attach };
}

const problem = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof ProblemError && error.code === code && pattern.test(JSON.stringify([error.message, error.errors]));

test('a chain is made, read, changed and deleted, and each change is in the audit trail', async (t) => {
  const { manager, chain } = await openOrders(t);
  const made = await chain('Prepare call', ['tenant', 'fields']);
  assert.deepEqual([made.name, made.policies.length, made.revision], ['prepare-call', 2, 1]);
  const reference = { ...params, chain: 'prepare-call' };
  const changed = await manager.run('policyChains.update', {
    params: reference,
    body: { description: 'Before each call', policies: [{ policy: 'fields', enabled: false }] },
  });
  assert.deepEqual(
    [changed.description, changed.policies, changed.revision],
    ['Before each call', [{ policy: 'fields', enabled: false }], 2],
  );
  assert.deepEqual(await manager.run('policyChains.get', { params: reference }), changed);
  assert.deepEqual((await manager.run('policyChains.list', { params })).items, [changed]);
  await manager.run('policyChains.delete', { params: reference });
  assert.equal((await manager.run('policyChains.list', { params })).total, 0);
  const trail = await manager.run('audit.list', { query: { objectKind: 'policy-chain' } });
  assert.equal(trail.items.length, 3);
});

test('a chain holds policies of its project, each once, and keeps them from being deleted', async (t) => {
  const { manager, chain } = await openOrders(t);
  await assert.rejects(chain('One', ['tenants']), problem('validation_failed', /Did you mean \\"tenant\\"/));
  await assert.rejects(chain('One', ['tenant', 'tenant']), problem('validation_failed', /stands here twice/));
  await chain('One', ['tenant']);
  await assert.rejects(chain('One', []), problem('name_taken', /one/));
  const remove = manager.run('policies.delete', { params: { ...params, policy: 'tenant' } });
  await assert.rejects(remove, problem('in_use', /policy chain One/));
});

test('a version holds the chains; the diff tells of them, export, import and duplicate carry them', async (t) => {
  const { manager, policy, chain, attach } = await openOrders(t);
  const deploy = () => manager.run('deployments.create', { body: { ...params, serverGroup: 'local' } });
  await chain('Prepare call', ['tenant', 'fields']);
  await policy('prepare', 'call-policy-chain', { chain: 'prepare-call' });
  await attach('prepare');
  await deploy();
  const { snapshot } = await manager.run('versions.get', { params: { ...params, number: 'v1' } });
  assert.deepEqual(
    snapshot.chains.map(({ name, policies }: { name: string; policies: object }) => [name, policies]),
    [
      [
        'prepare-call',
        [
          { policy: 'tenant', enabled: true },
          { policy: 'fields', enabled: true },
        ],
      ],
    ],
  );
  await manager.run('policyChains.update', {
    params: { ...params, chain: 'prepare-call' },
    body: {
      policies: [
        { policy: 'fields', enabled: true },
        { policy: 'tenant', enabled: false },
      ],
    },
  });
  const { changes } = await manager.run('projects.diff', { params, query: { from: 'v1', to: 'draft' } });
  assert.deepEqual(
    changes.map(({ sentence }: { sentence: string }) => sentence),
    ['Policy chain “Prepare call”: policies tenant, fields → fields, tenant (off)'],
  );
  const document = await manager.run('projects.export', { params });
  assert.deepEqual(document.policyChains[0]?.policies, [
    { policy: 'fields', enabled: true },
    { policy: 'tenant', enabled: false },
  ]);
  const wish = { displayName: 'Orders 2', contextPath: '/orders-2' };
  await manager.run('projects.duplicate', { params, body: wish });
  await manager.run('imports.createProject', { body: { document, displayName: 'Orders 3', contextPath: '/orders-3' } });
  for (const project of ['orders-2', 'orders-3']) {
    const { items } = await manager.run('policyChains.list', { params: { project } });
    assert.deepEqual(items[0]?.policies, document.policyChains[0]?.policies, project);
  }
});

test('a project whose chains or selectors cannot work is not deployed', async (t) => {
  const { manager, policy, chain, attach } = await openOrders(t);
  const errors = async () => {
    const snapshot = await readSnapshot(manager.context.db.read, 'orders', policyTypes);
    return checkSnapshot(snapshot, policyTypes).flatMap(({ name, errors: found }) =>
      found.map(({ code }) => `${name} ${code}`),
    );
  };
  assert.deepEqual(await errors(), []);
  await policy('call', 'call-policy-chain', { chain: 'one' });
  assert.deepEqual(await errors(), ['chains unknown_chain']);
  await chain('One', ['call']);
  assert.deepEqual(await errors(), ['chains chain_calls_itself']);
  await policy('mock', 'mock-answer');
  await manager.run('policyChains.update', {
    params: { ...params, chain: 'one' },
    body: { policies: [{ policy: 'mock', enabled: true }] },
  });
  await attach('call');
  assert.deepEqual(await errors(), []);
  await manager.run('projects.update', {
    params,
    body: { endpoints: { targetResponse: [{ policy: 'call', enabled: true }] } },
  });
  assert.deepEqual(await errors(), ['chains phase_not_allowed']);
  await attach('call');
  await policy('unknown', 'set-headers', { set: [{ name: 'X-A', value: at('nobody.writes.it') }] });
  assert.deepEqual(await errors(), ['chains unknown_attribute']);
});

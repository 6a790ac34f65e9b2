import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import * as z from 'zod';
import { type RunningManager, startTestManager } from '#test/support/running-manager';
import { registerOperations } from '../http/route.ts';
import type { Operation } from '../operation.ts';

const everybody = ['admin', 'designer', 'releaser', 'apps-manager', 'operator', 'viewer'];
const nobodyElse = ['admin'];

/** Who may what, written by hand: docs/people.md in another form. What the code says is not asked. */
const MATRIX: Readonly<Record<string, readonly string[]>> = {
  'own:read': everybody,
  'own:write': everybody,
  'status:read': everybody,
  'projects:read': everybody,
  'policy-types:read': everybody,
  'deployments:read': everybody,
  'server-groups:read': everybody,
  'gateways:read': everybody,
  'products:read': everybody,
  'clients:read': everybody,
  'subscriptions:read': everybody,
  'metrics:read': everybody,
  'requests:read': everybody,
  'projects:write': ['admin', 'designer'],
  'imports:write': ['admin', 'designer'],
  'deployments:write': ['admin', 'releaser'],
  'products:write': ['admin', 'apps-manager'],
  'clients:write': ['admin', 'apps-manager'],
  'subscriptions:write': ['admin', 'apps-manager'],
  'keys:read': ['admin', 'apps-manager', 'operator'],
  'keys:write': ['admin', 'apps-manager'],
  'gateways:write': ['admin', 'operator'],
  'try:write': ['admin', 'designer', 'releaser', 'operator'],
  'audit:read': ['admin', 'operator'],
  'resource-owners:read': ['admin', 'apps-manager'],
  'resource-owners:write': ['admin', 'apps-manager'],
  'directories:read': ['admin', 'apps-manager'],
  'directories:write': nobodyElse,
  'server-groups:write': nobodyElse,
  'users:read': nobodyElse,
  'users:write': nobodyElse,
  'management-keys:write': nobodyElse,
  'identity-providers:read': nobodyElse,
  'identity-providers:write': nobodyElse,
  'settings:read': nobodyElse,
  'settings:write': nobodyElse,
  'master-key:write': nobodyElse,
  'signing-keys:read': nobodyElse,
  'signing-keys:write': nobodyElse,
  'token-stores:read': ['admin', 'designer', 'operator'],
  'token-stores:write': nobodyElse,
};

/** Operations that anybody may call, signed in or not: each one is a decision. */
const OPEN = [
  ...['meta.openapi', 'meta.version', 'setup.get', 'setup.redeem', 'session.page', 'session.create'],
  ...['users.choosePassword', 'identityProviders.signIn', 'identityProviders.callback'],
];

interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly permission: string;
}

/** Every operation, as the API describes itself. */
async function describe(manager: RunningManager): Promise<Described[]> {
  const { body } = await manager.call('GET /openapi.json');
  const paths: [string, Record<string, { operationId: string; description: string }>][] = Object.entries(body.paths);
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, description }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path: path.replace(/\{[^}]+\}/g, 'nothing-of-that-name'),
      permission: /^Permission: (\S+)\.$/.exec(description)?.[1] ?? 'open',
    })),
  );
}

async function keyFor(manager: RunningManager, role: string, serverGroup?: string): Promise<string> {
  const body = {
    displayName: `Key ${role} ${serverGroup ?? ''}`.trim(),
    roles: [{ role, serverGroup }],
    owner: 'machine',
  };
  const { body: made } = await manager.call('POST /management-keys', { body });
  return made.key;
}

/** Whether a call gets past the rights: what it asks for is nonsense, and streams are not waited for. */
async function isAllowed(manager: RunningManager, { method, path }: Described, key: string): Promise<boolean> {
  const answer = await fetch(manager.address + path, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${key}`, 'if-match': '*', 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: '{}' }),
  });
  if (answer.status !== 403) {
    await answer.body?.cancel();
    assert.notEqual(answer.status, 401, path);
    return true;
  }
  const { code, detail } = (await answer.json()) as { code: string; detail: string };
  return !(code === 'forbidden' && /^Needs the .* role\.$/.test(detail));
}

async function start(t: TestContext) {
  const manager = await startTestManager(t, { options: { requestsPerSecond: 100_000 } });
  return { manager, operations: await describe(manager) };
}

test('every operation is allowed to exactly the roles that are written here', async (t) => {
  const { manager, operations } = await start(t);
  assert.ok(operations.length > 100);
  const wrong: string[] = [];
  const rows = [
    ...everybody.map((role) => ({ role, serverGroup: undefined })),
    ...['releaser', 'operator'].map((role) => ({ role, serverGroup: 'local' })),
  ];
  for (const { role, serverGroup } of rows) {
    const key = await keyFor(manager, role, serverGroup);
    for (const operation of operations) {
      // What needs somebody who is signed in says so to keys; it has its own tests.
      if (operation.permission === 'open' || /^session\.(?!whoami)/.test(operation.id)) continue;
      const expected = MATRIX[operation.permission]?.includes(role);
      const found = await isAllowed(manager, operation, key);
      if (found !== expected)
        wrong.push(`${operation.id} (${operation.permission}): ${role} is ${found ? 'allowed' : 'refused'}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('what is open to all is a list that somebody decided on; everything else asks who calls', async (t) => {
  const { manager, operations } = await start(t);
  const open = operations.filter(({ permission }) => permission === 'open').map(({ id }) => id);
  assert.deepEqual(open.toSorted(), OPEN.toSorted());
  for (const { method, path, permission, id } of operations) {
    if (permission === 'open') continue;
    const answer = await fetch(manager.address + path, { method });
    await answer.body?.cancel();
    assert.equal(answer.status, 401, id);
  }
});

test('an operation without a permission, or with one that does not exist, does not start', () => {
  const operation = (permission: unknown): Operation => ({
    ...{ id: 'things.list', method: 'GET', path: '/things', summary: 'List.', status: 200, ifMatch: false },
    ...{
      params: z.strictObject({}),
      query: z.strictObject({}),
      body: undefined,
      response: undefined,
      media: '',
      bodyLimitBytes: undefined,
    },
    permission: permission as Operation['permission'],
    handler: async () => ({ body: undefined }),
  });
  const register = (permission: unknown) =>
    registerOperations(Fastify(), {
      operations: [operation(permission)],
      context: {} as never,
      authentication: {} as never,
    });
  for (const permission of [
    undefined,
    '',
    'things:read',
    'projects:delete',
    'projects',
    'own:read:write',
    'projects:readx',
  ])
    assert.throws(() => register(permission), /names no permission/, String(permission));
  assert.doesNotThrow(() => register('projects:read'));
});

test('a Releaser or Operator of one server group is refused on another, which is named', async (t) => {
  const { manager } = await start(t);
  const make = async (request: string, body: object) =>
    assert.equal((await manager.call(request, { body })).status, 201, request);
  await make('POST /server-groups', { displayName: 'Production' });
  await make('POST /projects', { displayName: 'Orders', kind: 'http', contextPath: '/orders', targetUrl: 'echo:' });
  await make('POST /deployments', { project: 'orders', serverGroup: 'production' });
  const place = { project: 'orders', serverGroup: 'production' };
  const acts = [
    ['releaser', 'POST /deployments', place],
    ['releaser', 'POST /deployments/rollback', place],
    ['releaser', 'POST /deployments/undeploy', place],
    ['operator', 'POST /server-groups/production/join-tokens', {}],
  ] as const;
  const keys = new Map<string, string>();
  for (const role of ['releaser', 'operator'])
    for (const group of ['local', 'production']) keys.set(`${role} ${group}`, await keyFor(manager, role, group));
  for (const [role, request, body] of acts) {
    const [away, here] = [keys.get(`${role} local`) ?? '', keys.get(`${role} production`) ?? ''];
    const elsewhere = await manager.call(request, { key: away, body });
    assert.equal(elsewhere.status, 403, request);
    assert.match(elsewhere.body.detail, /^Needs the (Releaser|Operator) role on Production\.$/);
    const there = await manager.call(request, { key: here, body });
    assert.notEqual(there.status, 403, request);
  }
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RoleGrant } from '#core/model/role';
import { type ConsoleSession, setUp, signIn } from '#test/support/console-session';
import { startTestManager } from '#test/support/running-manager';

const password = 'long enough for everybody';

async function start(t: TestContext) {
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined } });
  const admin = await setUp(manager);
  const person = async (name: string, roles: readonly RoleGrant[]): Promise<ConsoleSession> => {
    const made = await admin.call('POST /users', { body: { name, roles, password } });
    assert.equal(made.status, 201, made.text);
    return signIn(manager, { name, password });
  };
  return { manager, admin, person };
}

test('a personal key is never more than its owner: not when it is made, and not later', async (t) => {
  const { manager, person } = await start(t);
  const ben = await person('ben', [{ role: 'designer' }, { role: 'releaser', serverGroup: 'local' }]);
  const make = (roles: readonly RoleGrant[]) =>
    ben.call('POST /management-keys', { body: { displayName: `Key ${JSON.stringify(roles).length}`, roles } });
  for (const role of ['admin', 'apps-manager', 'releaser', 'operator'] as const) {
    const refused = await make([{ role: 'viewer' }, { role }]);
    assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/roles/1'], role);
  }
  const { body } = await make([{ role: 'viewer' }]);
  const create = await manager.call('POST /projects', { key: body.key, body: {} });
  assert.deepEqual([create.status, create.body.detail], [403, 'Needs the Designer role.']);
  const further = { displayName: 'Further', roles: [{ role: 'designer' }] };
  assert.equal((await manager.call('POST /management-keys', { key: body.key, body: further })).status, 422);
  const whoami = await manager.call('GET /whoami', { key: body.key });
  assert.deepEqual(
    [whoami.body.name, whoami.body.via, whoami.body.roles, whoami.body.key.name],
    ['ben', 'api', [{ role: 'viewer' }], body.managementKey.name],
  );
  const session = await manager.call('GET /session', { key: body.key, headers: { cookie: ben.cookie } });
  assert.equal(session.status, 401, 'a cookie beside a key says nothing');
});

test('people see and delete their own keys only; machine keys are made by administrators', async (t) => {
  const { admin, person } = await start(t);
  const ben = await person('ben', [{ role: 'viewer' }]);
  const cy = await person('cy', [{ role: 'viewer' }]);
  const machine = { displayName: 'CI', roles: [{ role: 'viewer' }], owner: 'machine' };
  const refused = await ben.call('POST /management-keys', { body: machine });
  assert.deepEqual([refused.status, refused.body.detail], [403, 'Needs the Admin role.']);
  assert.equal((await admin.call('POST /management-keys', { body: machine })).status, 201);
  const own = await ben.call('POST /management-keys', { body: { displayName: 'Mine', roles: [{ role: 'viewer' }] } });
  assert.equal(own.body.managementKey.owner, 'ben');
  const names = async (session: ConsoleSession) =>
    (await session.call('GET /management-keys')).body.items.map(({ name }: { name: string }) => name);
  assert.deepEqual([await names(ben), await names(cy), await names(admin)], [['mine'], [], ['ci', 'mine']]);
  assert.equal((await cy.call('DELETE /management-keys/mine')).status, 404);
  assert.equal((await cy.call('DELETE /management-keys/ci')).status, 404);
  assert.equal((await ben.call('DELETE /management-keys/mine')).status, 204);
  assert.equal((await admin.call('DELETE /management-keys/ci')).status, 204);
});

test('a key ends at its end, and a machine key may what its roles may', async (t) => {
  const { manager, admin } = await start(t);
  const endsAt = manager.clock.now() + 60_000;
  const body = { displayName: 'CI', roles: [{ role: 'releaser', serverGroup: 'local' }], owner: 'machine', endsAt };
  const { key } = (await admin.call('POST /management-keys', { body })).body;
  assert.match(key, /^gwm_[0-9A-Za-z]{49}$/);
  assert.equal((await manager.call('GET /projects', { key })).status, 200);
  assert.equal((await manager.call('POST /products', { key, body: {} })).status, 403);
  manager.clock.advance(60_000);
  assert.equal((await manager.call('GET /projects', { key })).status, 401);
  const unknown = { displayName: 'X', roles: [{ role: 'operator', serverGroup: 'nowhere' }], owner: 'machine' };
  const refused = await admin.call('POST /management-keys', { body: unknown });
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/roles/0/serverGroup']);
});

test('with a role on one server group people act on that one, and see all', async (t) => {
  const { admin, person } = await start(t);
  await admin.call('POST /server-groups', { body: { displayName: 'Production' } });
  const project = { displayName: 'Orders', kind: 'http', contextPath: '/orders', targetUrl: 'echo:' };
  await admin.call('POST /projects', { body: project });
  const ben = await person('ben', [{ role: 'releaser', serverGroup: 'local' }]);
  const deploy = (serverGroup: string) => ben.call('POST /deployments', { body: { project: 'orders', serverGroup } });
  const refused = await deploy('production');
  assert.deepEqual([refused.status, refused.body.detail], [403, 'Needs the Releaser role on Production.']);
  assert.equal((await deploy('local')).status, 201);
  await admin.call('POST /deployments', { body: { project: 'orders', serverGroup: 'production' } });
  const place = { project: 'orders', serverGroup: 'production' };
  for (const act of ['undeploy', 'rollback'])
    assert.match((await ben.call(`POST /deployments/${act}`, { body: place })).body.detail, /on Production\.$/, act);
  assert.equal((await ben.call('GET /deployments?serverGroup=production')).body.total, 1);
});

test('the last administrator stays one, and the audit trail says who did what by which way', async (t) => {
  const { manager, admin, person } = await start(t);
  const any = { 'if-match': '*' };
  for (const body of [{ active: false }, { roles: [{ role: 'viewer' }] }])
    assert.equal((await admin.call('PATCH /users/anna', { body, headers: any })).body.code, 'state_conflict');
  assert.equal((await admin.call('DELETE /users/anna', { headers: any })).body.code, 'state_conflict');
  const ben = await person('ben', [{ role: 'admin' }]);
  await ben.call('POST /clients', { body: { displayName: 'By ben' } });
  const made = await ben.call('POST /management-keys', { body: { displayName: 'Laptop', roles: [{ role: 'admin' }] } });
  await manager.call('POST /clients', { key: made.body.key, body: { displayName: 'By his key' } });
  const { body } = await admin.call('GET /audit?actor=ben');
  const said = body.items.map(({ via, sentence }: { via: string; sentence: string }) => `${via}: ${sentence}`);
  for (const wanted of ['console: Client by-ben', 'api: Client by-his-key', 'console: ben signed in.'])
    assert.ok(
      said.some((line: string) => line.startsWith(wanted)),
      `${wanted} in ${said.join('\n')}`,
    );
  const trail = JSON.stringify((await admin.call('GET /audit?limit=200')).body);
  for (const secret of [password, made.body.key, ben.cookie.split('=')[1] ?? '', ben.csrfToken])
    assert.ok(!trail.includes(secret), 'no secret in it');
});

test('a password link works once, for a day, and ends what was there before', async (t) => {
  const { manager, admin, person } = await start(t);
  const ben = await person('ben', [{ role: 'viewer' }]);
  const link = async () => (await admin.call('POST /users/ben/password-link', { body: {} })).body.link as string;
  const first = await link();
  const second = await link();
  const choose = (url: string, next: string) =>
    manager.call('POST /password', { key: '', body: { token: url.split('/').at(-1), password: next } });
  assert.equal((await choose(first, 'the first link was replaced')).status, 403);
  assert.equal((await choose(second, 'ben-ben-ben-1')).body.errors[0].code, 'password_weak');
  const next = 'chosen with the link';
  const both = await Promise.all([choose(second, next), choose(second, `${next} two`)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [204, 403]);
  assert.equal((await ben.call('GET /session')).status, 401);
  const late = await link();
  manager.clock.advance(24 * 3_600_000);
  assert.equal((await choose(late, next)).status, 403);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';

const LOGIN = { kind: 'oauth-authorization-endpoint', displayName: 'Login', contextPath: '/authorize' };

async function withTokenEndPoint(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  await create(manager, { kind: 'oauth-token-endpoint', displayName: 'AccessToken', contextPath: '/token' });
  return manager;
}

const create = (manager: TestManager, body: object) => manager.run('projects.create', { body });
const deploy = (manager: TestManager, project: string) =>
  manager.run('deployments.create', { body: { project, serverGroup: 'local' } });
const setGroup = (manager: TestManager, body: object) =>
  manager.run('serverGroups.update', { params: { group: 'local' }, body });

function problem(code: string, words: RegExp) {
  return (error: unknown) =>
    error instanceof ProblemError &&
    error.code === code &&
    words.test(`${error.message} ${error.errors.map(({ message }) => message).join(' ')}`);
}

test('an authorization end point is made with its policy, attached, for the only token end point there is', async (t) => {
  const manager = await withTokenEndPoint(t);
  const made = await create(manager, LOGIN);
  const policy = await manager.run('policies.get', {
    params: { project: made.name, policy: 'oauth-authorization-endpoint' },
  });
  assert.equal(policy.config.tokenProject, 'access-token');
  const { items } = await manager.run('resources.list', { params: { project: made.name } });
  assert.deepEqual(items[0].endpoints.proxyRequest, [{ policy: 'oauth-authorization-endpoint', enabled: true }]);
});

test('which token end point it shares has to be said when there is none, or several', async (t) => {
  const manager = await openTestManager(t);
  await assert.rejects(create(manager, LOGIN), problem('validation_failed', /Create an OAuth Token End Point first/));
  for (const name of ['A', 'B'])
    await create(manager, { kind: 'oauth-token-endpoint', displayName: name, contextPath: `/${name}` });
  await assert.rejects(create(manager, LOGIN), problem('validation_failed', /several/));
  await create(manager, { ...LOGIN, tokenProject: 'b' });
  const http = { kind: 'http', displayName: 'Orders', contextPath: '/orders', targetUrl: 'http://127.0.0.1:9' };
  await assert.rejects(create(manager, { ...http, tokenProject: 'b' }), problem('validation_failed', /Only for/));
  await assert.rejects(create(manager, { ...LOGIN, secureWith: 'oauth' }), problem('validation_failed', /./));
});

test('it runs only where its token end point runs', async (t) => {
  const manager = await withTokenEndPoint(t);
  await create(manager, LOGIN);
  await assert.rejects(deploy(manager, 'login'), problem('deploy_refused', /No OAuth Token End Point .*access-token/));
  await deploy(manager, 'access-token');
  assert.equal((await deploy(manager, 'login')).version, 1);
});

test('sign-in pages share their origin with no published API, whichever comes first, unless it is loopback', async (t) => {
  const manager = await withTokenEndPoint(t);
  await create(manager, LOGIN);
  const http = { kind: 'http', displayName: 'Orders', contextPath: '/orders', targetUrl: 'http://127.0.0.1:9' };
  await create(manager, http);
  await deploy(manager, 'access-token');
  await setGroup(manager, { publicUrl: 'https://api.example.com' });
  await deploy(manager, 'login');
  await assert.rejects(
    deploy(manager, 'orders'),
    problem('deploy_refused', /share the origin https:\/\/api\.example\.com/),
  );
  await setGroup(manager, { authorizationUrl: 'https://login.example.com' });
  await deploy(manager, 'orders');
  await setGroup(manager, { authorizationUrl: 'https://api.example.com' });
  await manager.run('projects.update', { params: { project: 'login' }, body: { description: 'new' } });
  await assert.rejects(deploy(manager, 'login'), problem('deploy_refused', /share the origin/));
  await setGroup(manager, { publicUrl: 'http://127.0.0.1:8000', authorizationUrl: '' });
  const preview = await manager.run('deployments.create', {
    body: { project: 'login', serverGroup: 'local', dryRun: true },
  });
  const found = preview.checks.find(({ name }: { name: string }) => name === 'sign-in-origin');
  assert.match(found.message, /for development/);
  assert.equal(found.ok, true);
});

test('no API is published on the host of the sign-in pages', async (t) => {
  const manager = await withTokenEndPoint(t);
  await setGroup(manager, { publicUrl: 'https://api.example.com', authorizationUrl: 'https://login.example.com' });
  const hosts = ['login.example.com'];
  const http = { kind: 'http', displayName: 'Orders', contextPath: '/orders', targetUrl: 'http://127.0.0.1:9', hosts };
  await create(manager, http);
  await assert.rejects(deploy(manager, 'orders'), problem('deploy_refused', /no API is reached there/));
});

test('an authorization URL is an origin over TLS, or on loopback', async (t) => {
  const manager = await openTestManager(t);
  for (const authorizationUrl of [
    'http://login.example.com',
    'https://login.example.com/x',
    'login',
    'https://a@b.example',
  ])
    await assert.rejects(setGroup(manager, { authorizationUrl }), /origin/, authorizationUrl);
  for (const authorizationUrl of ['https://login.example.com:8443', 'http://localhost:8000', ''])
    await setGroup(manager, { authorizationUrl });
});

test('a directory that a policy names is neither deleted nor turned off, whether it is drafted or runs', async (t) => {
  const manager = await withTokenEndPoint(t);
  const staff = { params: { directory: 'staff' } };
  const off = () => manager.run('directories.update', { ...staff, body: { active: false } });
  await manager.run('directories.create', { body: { name: 'local', displayName: 'Local' } });
  await manager.run('directories.create', { body: { name: 'staff', displayName: 'Staff' } });
  await create(manager, LOGIN);
  const name = 'oauth-authorization-endpoint';
  const setDirectories = (directories: string[]) =>
    manager.run('policies.update', { params: { project: 'login', policy: name }, body: { config: { directories } } });
  await setDirectories(['local', 'staff']);
  const named = problem('in_use', /Project login, policy oauth-authorization-endpoint \(its draft\)/);
  await assert.rejects(off(), named);
  await assert.rejects(manager.run('directories.delete', staff), named);
  await deploy(manager, 'access-token');
  await deploy(manager, 'login');
  await setDirectories(['local']);
  await assert.rejects(off(), problem('in_use', /Project login, policy oauth-authorization-endpoint \(v1 in local\)/));
  await deploy(manager, 'login');
  await off();
  await setDirectories(['staff']);
  await assert.rejects(deploy(manager, 'login'), problem('deploy_refused', /directory staff, which is off/));
  await setDirectories(['guests']);
  await manager.run('directories.delete', staff);
  await assert.rejects(deploy(manager, 'login'), problem('deploy_refused', /directory guests, which does not exist/));
});

test('the directory of a token end point counts while the password grant is offered', async (t) => {
  const manager = await withTokenEndPoint(t);
  const params = { project: 'access-token', policy: 'oauth-token-endpoint' };
  const setGrants = (grantTypes: string[]) =>
    manager.run('policies.update', { params, body: { config: { grantTypes, directory: 'staff' } } });
  await setGrants(['client_credentials']);
  await deploy(manager, 'access-token');
  await setGrants(['client_credentials', 'password']);
  await assert.rejects(deploy(manager, 'access-token'), problem('deploy_refused', /staff, which does not exist/));
  await manager.run('directories.create', { body: { name: 'staff', displayName: 'Staff' } });
  await deploy(manager, 'access-token');
  await assert.rejects(
    manager.run('directories.delete', { params: { directory: 'staff' } }),
    problem('in_use', /access-token, policy oauth-token-endpoint/),
  );
});

test('that codes are offered which the token end point does not take is said on both sides', async (t) => {
  const manager = await withTokenEndPoint(t);
  const said = async (project: string) => {
    const body = { project, serverGroup: 'local', dryRun: true };
    const { checks } = await manager.run('deployments.create', { body });
    const found = checks.find(({ name }: { name: string }) => name === 'response-types');
    assert.equal(found.ok, true);
    return found.message;
  };
  await create(manager, LOGIN);
  await manager.run('policies.update', {
    params: { project: 'login', policy: 'oauth-authorization-endpoint' },
    body: { config: { responseTypes: ['code'] } },
  });
  await deploy(manager, 'access-token');
  await deploy(manager, 'login');
  assert.doesNotMatch(await said('login'), /refused/);
  await manager.run('policies.update', {
    params: { project: 'access-token', policy: 'oauth-token-endpoint' },
    body: { config: { grantTypes: ['client_credentials'] } },
  });
  assert.match(await said('access-token'), /Login.* offers the response type code.*requests for codes are refused/);
  await deploy(manager, 'access-token');
  assert.match(await said('login'), /Login.* offers the response type code/);
});

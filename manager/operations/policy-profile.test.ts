import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PolicyProfile } from '#core/model/policy-profile';
import { ProblemError } from '#core/problem';
import { policyTypes } from '#policies/registry';
import { openTestManager } from '#test/support/manager-context';

const TOKEN = { project: 'access-token', policy: 'oauth-token-endpoint' };
const SIGN_IN = { project: 'sign-in', policy: 'oauth-authorization-endpoint' };

async function openServer(t: TestContext) {
  const manager = await openTestManager(t, [], policyTypes);
  const create = (body: object) => manager.run('projects.create', { body });
  await create({ displayName: 'Access token', kind: 'oauth-token-endpoint', contextPath: '/token' });
  const login = { displayName: 'Sign in', kind: 'oauth-authorization-endpoint', contextPath: '/authorize' };
  await create({ ...login, tokenProject: 'access-token' });
  const set = (params: object, config: object) => manager.run('policies.update', { params, body: { config } });
  const get = (params: object) => manager.run('policies.get', { params });
  const look = (params: object, query: object = {}): Promise<PolicyProfile> =>
    manager.run('policies.getProfile', { params, query });
  const choose = (params: object, profile: string): Promise<PolicyProfile> =>
    manager.run('policies.chooseProfile', { params, body: { profile } });
  return { manager, set, get, look, choose };
}

const pointersOf = ({ changes }: { changes: PolicyProfile['changes'] }) => changes.map(({ pointer }) => pointer);

test('a profile that is chosen sets the policy, leaves the rest, and is in the audit trail', async (t) => {
  const { manager, set, get, look, choose } = await openServer(t);
  const places = { header: false, query: true, idParameter: 'key' };
  await set(TOKEN, {
    grantTypes: ['password', 'refresh_token'],
    clientCredentialsIn: places,
    accessTokenExpiryMs: 120_000,
    refreshGraceMs: 9,
  });
  const wanted = ['/grantTypes', '/clientCredentialsIn/query', '/refreshGraceMs'];
  const revision = (await get(TOKEN)).revision;
  assert.deepEqual(pointersOf(await look(TOKEN, { profile: 'bcp' })), wanted);
  assert.equal((await get(TOKEN)).revision, revision, 'looking changes nothing');
  assert.deepEqual(await look(TOKEN), { profile: 'custom', changes: [], others: [] });

  const done = await choose(TOKEN, 'bcp');
  assert.deepEqual([done.profile, pointersOf(done)], ['bcp', wanted]);
  assert.deepEqual(done.changes[1], {
    ...{ pointer: '/clientCredentialsIn/query', is: true, should: false, source: 'RFC 6749 §2.3.1' },
    why: 'A secret in the query stands in the logs of every proxy between.',
  });
  const { config } = await get(TOKEN);
  assert.deepEqual(
    [config.profile, config.grantTypes, config.refreshGraceMs, config.accessTokenExpiryMs],
    ['bcp', ['refresh_token'], 0, 120_000],
  );
  const { header, body, query, idParameter } = config.clientCredentialsIn;
  assert.deepEqual([header, body, query, idParameter], [false, true, false, 'key']);
  assert.deepEqual(pointersOf(await look(TOKEN)), []);

  assert.deepEqual(pointersOf(await choose(TOKEN, 'bcp')), []);
  assert.deepEqual((await get(TOKEN)).config, config, 'chosen again, it changes nothing');
  const [entry] = (await manager.run('audit.list', { query: { objectKind: 'policy' } })).items;
  assert.match(
    entry.sentence,
    /^Policy oauth-token-endpoint of project access-token was set as the profile bcp has it\.$/,
  );
});

test('seed and custom: what was left to its default stays so', async (t) => {
  const { manager, get, look, choose } = await openServer(t);
  await choose(TOKEN, 'seed');
  assert.deepEqual(pointersOf(await look(TOKEN)), []);
  const { config } = await get(TOKEN);
  assert.deepEqual([config.profile, config.refreshTokenForClientCredentials], ['seed', true]);
  assert.ok(config.grantTypes.includes('password'));
  const rows = await manager.context.db.read.selectFrom('policies').selectAll().execute();
  const given = JSON.parse(rows.find(({ type }) => type === 'oauth-token-endpoint')?.data ?? '{}');
  assert.equal('scopeMatch' in given, false);
  await choose(TOKEN, 'custom');
  assert.equal((await get(TOKEN)).config.profile, 'custom');
  assert.ok((await get(TOKEN)).config.grantTypes.includes('password'));
});

test('authorization end points are told of, and set by a choice of their own', async (t) => {
  const { set, get, look, choose } = await openServer(t);
  await set(SIGN_IN, { responseTypes: ['code', 'token'], requirePkce: 'public' });
  const { others } = await choose(TOKEN, 'bcp');
  assert.deepEqual(
    others.map(({ project, policy, changes }) => [project, policy, pointersOf({ changes })]),
    [['sign-in', 'oauth-authorization-endpoint', ['/responseTypes', '/requirePkce']]],
  );
  assert.deepEqual((await get(SIGN_IN)).config.responseTypes, ['code', 'token']);
  const found = await look(SIGN_IN);
  assert.deepEqual(
    [found.profile, pointersOf(found)],
    ['bcp', ['/responseTypes', '/requirePkce']],
    "its token end point's",
  );
  await choose(SIGN_IN, 'bcp');
  const { config } = await get(SIGN_IN);
  assert.deepEqual([config.responseTypes, config.requirePkce, 'profile' in config], [['code'], 'always', false]);
  assert.deepEqual((await look(TOKEN)).others, []);
});

test('other policies follow no profile, and one that cannot be as a profile has it is refused', async (t) => {
  const { manager, set, get, choose, look } = await openServer(t);
  const params = { project: 'access-token', policy: 'answer' };
  const body = { type: 'mock-answer', name: 'answer' };
  await manager.run('policies.create', { params: { project: 'access-token' }, body });
  const refused = (code: string) => (error: unknown) => error instanceof ProblemError && error.code === code;
  await assert.rejects(choose(params, 'bcp'), refused('validation_failed'));
  await assert.rejects(look(params), refused('validation_failed'));
  await assert.rejects(choose({ ...TOKEN, policy: 'none' }, 'bcp'), refused('not_found'));
  await assert.rejects(choose(TOKEN, 'evil'));
  await set(TOKEN, { grantTypes: ['password'], tokenInformation: true });
  const before = await get(TOKEN);
  await assert.rejects(choose(TOKEN, 'bcp'), /grantTypes: Offer one grant type/);
  assert.deepEqual(await get(TOKEN), before, 'what cannot follow it is left as it is');
});

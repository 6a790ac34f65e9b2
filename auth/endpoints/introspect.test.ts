import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { AccessToken, Grant } from '#core/token-store';
import type { Registered } from '#test/support/client-registry';
import { basic, createOAuthSystem, FORM, type OAuthSystem } from '#test/support/oauth';

/** Sends a form to one of the end points below the issuer. */
function post(
  system: OAuthSystem,
  path: string,
  client: Registered | undefined,
  form: Readonly<Record<string, string>>,
) {
  const headers = client === undefined ? [FORM] : [FORM, basic(client.consumerKey, client.secret)];
  const body = new URLSearchParams(form).toString();
  return system.token({ path: `/token${path}`, targetPath: path, headers, body });
}

/** A client with a refresh token and an access token of one grant. */
async function withGrant(system: OAuthSystem, client: Registered) {
  const now = system.clock.now();
  const ids = { clientId: client.clientId, subscriptionId: client.subscriptionId, serverGroupId: 'grp_A' };
  const shared = { ...ids, productId: 'prd_1', projectId: 'prj_T', subject: 'own_1', scopes: ['orders:read'] };
  const generations = { client: 1, subscription: 1, subject: 0 };
  const details = { username: 'lena', audience: ['https://orders.example'], jti: 'j1', actors: ['gwk_b', 'gwk_a'] };
  const grant: Grant = { ...shared, id: 'gra_1', createdAt: now, generations, parameters: {}, details };
  const access: AccessToken = {
    ...{ ...shared, hash: sha256Hex('access'), secretId: undefined, grantId: grant.id, generations, details },
    ...{ issuedAt: now, expiresAt: now + 60_000, parameters: { Department: 'IT', active: 'no' } },
  };
  const refresh = { hash: sha256Hex('refresh'), grantId: grant.id, issuedAt: now, expiresAt: now + 600_000 };
  await system.store.saveIssue({ grant, access, refresh });
}

test('RFC 7662 §2.2: introspection tells everything of an active token, parameters beside and never in place of it', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  await withGrant(system, client);
  const now = Math.floor(system.clock.now() / 1000);
  const answer = await post(system, '/introspect', client, { token: 'access' });
  assert.deepEqual(answer.json, {
    ...{ Department: 'IT', active: true, scope: 'orders:read', client_id: client.consumerKey, token_type: 'Bearer' },
    ...{ exp: now + 60, iat: now, sub: 'own_1', iss: 'https://api.example.com/token', aud: 'https://orders.example' },
    ...{ username: 'lena', jti: 'j1', act: { sub: 'gwk_b', act: { sub: 'gwk_a' } } },
  });
  assert.equal(answer.header('cache-control'), 'no-store');
  const refresh = await post(system, '/introspect', client, { token: 'refresh', token_type_hint: 'access_token' });
  assert.deepEqual([refresh.json.active, refresh.json.exp, refresh.json.token_type], [true, now + 600, undefined]);
});

test('RFC 7662 §2.1: introspection is for clients that prove themselves, never for public ones', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { consumerKey } = system.registry.register({ client: { kind: 'public', authMethod: 'none' } });
  const token = await system.getToken(client);
  for (const form of [{ token }, { token, client_id: consumerKey }, { token, client_id: client.consumerKey }]) {
    const answer = await post(system, '/introspect', undefined, form);
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
  }
  const wrong = await post(system, '/introspect', { ...client, secret: 'gws_wrong' }, { token });
  assert.equal(wrong.status, 401);
  const missing = await post(system, '/introspect', client, {});
  assert.deepEqual([missing.status, missing.json.error], [400, 'invalid_request']);
});

test('decision 13: a caller is shown tokens of its product and its own, others look like unknown ones', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const sameProduct = system.registry.register({ subscription: { productId: 'prd_1' } });
  const other = system.registry.register();
  await withGrant(system, client);
  const see = async (caller: Registered, token: string) => (await post(system, '/introspect', caller, { token })).text;
  assert.match(await see(sameProduct, 'access'), /"active":true/);
  const unknown = await see(other, 'nonsense');
  assert.equal(unknown, '{"active":false}');
  assert.equal(await see(other, 'access'), unknown);
  assert.equal(await see(sameProduct, 'refresh'), unknown, 'a refresh token is for its client only');
});

test('RFC 7662 §4: a resource server is shown tokens of each product that its client is subscribed to, whichever key it shows', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const one = system.registry.register({ subscription: { productId: 'prd_X' } });
  const { clientId } = one;
  const two = system.registry.register({ subscription: { clientId, productId: 'prd_1' } });
  await withGrant(system, client);
  const see = async (caller: Registered, token: string) => (await post(system, '/introspect', caller, { token })).text;
  assert.match(await see(one, 'access'), /"active":true/);
  const unknown = await see(one, 'nonsense');
  assert.equal(unknown, '{"active":false}');
  assert.equal(await see(one, 'refresh'), unknown, 'a refresh token is for its client only');
  for (const change of [
    { state: 'pending' },
    { state: 'suspended' },
    { state: 'ended' },
    { state: 'active', startsAt: system.clock.now() + 1 },
    { state: 'active', startsAt: undefined, endsAt: system.clock.now() },
    { endsAt: undefined, productId: 'prd_2' },
    { productId: 'prd_1', clientId: client.clientId },
    { clientId: 'cli_removed' },
  ] as const) {
    system.registry.changeSubscription(two.subscriptionId, change);
    assert.equal(await see(one, 'access'), unknown, JSON.stringify(change));
  }
  system.registry.changeSubscription(two.subscriptionId, { clientId });
  assert.match(await see(one, 'access'), /"active":true/);
  const own = await system.getToken(one);
  assert.equal(await see(client, own), unknown, 'it is not mutual: the other client has no subscription to prd_X');
  system.registry.changeSubscription(one.subscriptionId, { state: 'suspended' });
  const suspended = await post(system, '/introspect', one, { token: 'access' });
  assert.equal(suspended.status, 401, 'a suspended subscription opens nothing by way of another');
});

test('RFC 7662 §2.2: expired, revoked, suspended, disabled and foreign tokens are not active', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const caller = system.registry.register({ subscription: { productId: 'prd_1' } });
  const isActive = async (token: string) =>
    (await post(system, '/introspect', caller, { token })).json.active as boolean;
  const token = await system.getToken(client);
  assert.equal(await isActive(token), true);
  system.registry.changeClient(client.clientId, { active: false });
  assert.equal(await isActive(token), false);
  system.registry.changeClient(client.clientId, { active: true });
  system.registry.changeSubscription(client.subscriptionId, { state: 'suspended' });
  assert.equal(await isActive(token), false);
  system.registry.changeSubscription(client.subscriptionId, { state: 'active' });
  assert.equal(await isActive(token), true);
  await system.store.revokeAccess(sha256Hex(token), { by: 'priya', at: system.clock.now(), reason: undefined });
  assert.equal(await isActive(token), false);
  const next = await system.getToken(client);
  system.clock.advance(3_600_000);
  assert.equal(await isActive(next), false);
  const found = { clientId: client.clientId, subscriptionId: client.subscriptionId, productId: 'prd_1' };
  const now = system.clock.now();
  const foreign: AccessToken = {
    ...{ ...found, hash: sha256Hex('foreign'), secretId: undefined, subject: undefined, scopes: [], parameters: {} },
    ...{ serverGroupId: 'grp_A', projectId: 'prj_other', issuedAt: now, expiresAt: now + 60_000 },
    generations: { client: 1, subscription: 1 },
  };
  await system.store.saveAccess(foreign);
  assert.equal(await isActive('foreign'), false, 'of another token end point');
});

test('RFC 7009 §2: a client revokes its access token, and its refresh token with all of its grant', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await system.getToken(client);
  const revoked = await post(system, '/revoke', client, { token, token_type_hint: 'refresh_token' });
  assert.deepEqual([revoked.status, revoked.text], [200, '']);
  const found = await system.store.findAccess(sha256Hex(token), system.clock.now());
  assert.deepEqual([found.state, 'by' in found && found.by], ['revoked', 'mobile-shop-1']);
  await withGrant(system, client);
  assert.equal((await post(system, '/revoke', client, { token: 'refresh' })).status, 200);
  const access = await system.store.findAccess(sha256Hex('access'), system.clock.now());
  assert.equal(access.state, 'revoked');
  assert.equal((await system.store.findRefresh(sha256Hex('refresh'), system.clock.now())).state, 'revoked');
});

test('RFC 7009 §2.1, §2.2: an unknown and a foreign token are answered alike, and the foreign one lives on', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const other = system.registry.register();
  await withGrant(system, client);
  const answers = [];
  for (const token of ['nonsense', 'access', 'refresh']) {
    const { status, text, message } = await post(system, '/revoke', other, { token });
    answers.push([status, text, message.response?.headers.raw.join()]);
  }
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.equal(answers[0]?.[0], 200);
  assert.equal((await system.store.findAccess(sha256Hex('access'), system.clock.now())).state, 'live');
  assert.equal((await system.store.findRefresh(sha256Hex('refresh'), system.clock.now())).state, 'live');
});

test('RFC 7009 §2.1: a public client revokes what it holds by naming itself; a confidential one must prove itself', async () => {
  const system = createOAuthSystem();
  const app = system.registry.register({ client: { kind: 'public', authMethod: 'none' } });
  await withGrant(system, app);
  const answer = await post(system, '/revoke', undefined, { token: 'refresh', client_id: app.consumerKey });
  assert.equal(answer.status, 200);
  assert.equal((await system.store.findAccess(sha256Hex('access'), system.clock.now())).state, 'revoked');
  const { consumerKey } = system.registry.register();
  const unproved = await post(system, '/revoke', undefined, { token: 'x', client_id: consumerKey });
  assert.deepEqual([unproved.status, unproved.json.error], [401, 'invalid_client']);
});

test('a token in the query is not read, and one that is too long is refused', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await system.getToken(client);
  for (const path of ['/introspect', '/revoke']) {
    const auth = basic(client.consumerKey, client.secret);
    const request = {
      path: `/token${path}`,
      targetPath: path,
      headers: [FORM, auth],
      query: `token=${token}`,
      body: '',
    };
    assert.equal((await system.token(request)).status, 400);
    assert.equal((await post(system, path, client, { token: 'x'.repeat(20_000) })).status, 400);
  }
  assert.equal((await system.store.findAccess(sha256Hex(token), system.clock.now())).state, 'live');
});

test('token information is off; switched on it tells what Axway API Gateway tells, to whoever has the token', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await system.getToken(client, {}, { tokenInformation: true });
  const request = { method: 'GET', path: '/token/tokeninfo', targetPath: '/tokeninfo', query: `access_token=${token}` };
  assert.equal((await system.token(request)).status, 404);
  const answer = await system.token(request, { tokenInformation: true });
  const { consumerKey } = client;
  const told = { audience: consumerKey, user_id: consumerKey, scope: 'orders:read orders:write', expires_in: 3600 };
  assert.deepEqual(answer.json, told);
  const dead = await system.token({ ...request, query: 'access_token=nonsense' }, { tokenInformation: true });
  assert.deepEqual([dead.status, dead.json.error, dead.code], [400, 'invalid_token', 'oauth_token_information']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import { UnavailableError } from '#core/errors';
import { basic, createOAuthSystem, FORM } from '#test/support/oauth';

const GRANT = { grant_type: 'client_credentials' };

test('a token is stored, by its hash only, before it is answered, with everything that is needed to judge it', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register({ subscription: { generation: 7 } });
  const settings = {
    accessTokenExpiryMs: 600_000,
    additionalParameters: [{ name: 'Department', value: 'Engineering' }],
  };
  const token = await system.getToken(client, { scope: 'orders:read' }, settings);
  const now = system.clock.now();
  assert.deepEqual(await system.store.findAccess(sha256Hex(token), now), {
    state: 'live',
    inactive: [],
    token: {
      hash: sha256Hex(token),
      clientId: client.clientId,
      subscriptionId: client.subscriptionId,
      productId: 'prd_1',
      secretId: client.secretId,
      serverGroupId: 'grp_A',
      projectId: 'prj_T',
      subject: undefined,
      scopes: ['orders:read'],
      issuedAt: now,
      expiresAt: now + 600_000,
      generations: { client: 1, subscription: 7, secret: 1 },
      parameters: { Department: 'Engineering' },
    },
  });
});

test('the caller is named in the record and the secret is marked as used', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const answer = await system.token({
    headers: [FORM, basic(client.consumerKey, client.secret)],
    body: 'grant_type=client_credentials',
    address: '192.0.2.7',
  });
  const prefix = sha256Hex(String(answer.json.access_token)).slice(0, 8);
  assert.deepEqual(answer.message.caller, {
    clientId: client.clientId,
    clientName: 'mobile-shop-1',
    clientDisplayName: 'Mobile shop 1',
    subscriptionId: client.subscriptionId,
    productId: 'prd_1',
    secretId: client.secretId,
    tokenPrefix: prefix,
  });
  assert.deepEqual(system.registry.secretsUsed, [
    { secretId: client.secretId, at: system.clock.now(), address: '192.0.2.7' },
  ]);
  assert.ok(!JSON.stringify(answer.facts).includes(String(answer.json.access_token)), 'no token in the facts');
});

test('without monitoring nobody is named', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const form = { ...GRANT, client_id: client.consumerKey, client_secret: client.secret };
  assert.equal((await system.postForm(form, { monitoring: false })).message.caller, undefined);
});

test('each of five secrets works', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const secrets = [client.secret, ...[1, 2, 3, 4].map(() => system.registry.addSecret(client.consumerKey))];
  for (const secret of secrets) await system.getToken({ ...client, secret });
});

test('refusals by standing name what the operator needs', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const form = { ...GRANT, client_id: client.consumerKey, client_secret: client.secret };
  const cause = async () => {
    const { status, code, facts } = await system.postForm(form);
    assert.deepEqual([status, code], [401, 'oauth_invalid_client']);
    return [facts.cause, facts.state];
  };
  const { registry, clock } = system;
  registry.changeClient(client.clientId, { active: false });
  assert.deepEqual(await cause(), ['client_disabled', undefined]);
  registry.changeClient(client.clientId, { active: true });
  for (const state of ['pending', 'suspended', 'ended'] as const) {
    registry.changeSubscription(client.subscriptionId, { state });
    assert.deepEqual(await cause(), ['subscription_inactive', state]);
  }
  registry.changeSubscription(client.subscriptionId, { state: 'active', startsAt: clock.now() + 1 });
  assert.deepEqual(await cause(), ['subscription_inactive', 'pending']);
  clock.advance(1);
  assert.equal((await system.postForm(form)).status, 200);
  registry.changeSubscription(client.subscriptionId, { endsAt: clock.now() });
  assert.deepEqual(await cause(), ['subscription_inactive', 'ended']);
});

test('an explicit authentication method is enforced', async () => {
  const system = createOAuthSystem();
  const byHeader = system.registry.register({ client: { authMethod: 'client_secret_basic' } });
  const byBody = system.registry.register({ client: { authMethod: 'client_secret_post' } });
  const post = (client: typeof byHeader) =>
    system.postForm({ ...GRANT, client_id: client.consumerKey, client_secret: client.secret });
  const header = (client: typeof byHeader) =>
    system.token({ headers: [FORM, basic(client.consumerKey, client.secret)], body: 'grant_type=client_credentials' });
  assert.equal((await header(byHeader)).status, 200);
  assert.equal((await post(byHeader)).facts.cause, 'method_not_allowed');
  assert.equal((await post(byBody)).status, 200);
  assert.equal((await header(byBody)).facts.cause, 'method_not_allowed');
});

test('credentials are read only where the policy says, under the names it says', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const form = `grant_type=client_credentials&id=${client.consumerKey}&key=${client.secret}`;
  const settings = {
    clientCredentialsIn: { header: false, body: false, query: true, idParameter: 'id', secretParameter: 'key' },
  };
  assert.equal((await system.token({ query: form }, settings)).status, 200);
  assert.equal((await system.token({ headers: [FORM], body: form }, settings)).facts.cause, 'method_not_allowed');
  const header = { headers: [FORM, basic(client.consumerKey, client.secret)], body: 'grant_type=client_credentials' };
  assert.equal((await system.token(header, settings)).facts.presentedIn, 'header');
});

test('a client gets no more tokens in a second, and no more live ones, than the limits say', async () => {
  const system = createOAuthSystem({ limits: { issuePerSecond: 2, liveTokens: 3 } });
  const client = system.registry.register();
  const form = { ...GRANT, client_id: client.consumerKey, client_secret: client.secret };
  await system.getToken(client);
  await system.getToken(client);
  const limited = await system.postForm(form);
  assert.deepEqual([limited.status, limited.code], [429, 'issue_limited']);
  await system.getToken(system.registry.register()); // others go on
  system.clock.advance(1000);
  await system.getToken(client);
  const full = await system.postForm(form);
  assert.deepEqual([full.status, full.code], [429, 'live_tokens_limited']);
  system.clock.advance(3_700_000);
  await system.getToken(client);
});

test('with little disk left, without keys or with a store that does not answer, no token is issued and the answer is 503', async () => {
  let isBroken = false;
  const system = createOAuthSystem({
    wrapStore: (store) => ({
      ...store,
      saveAccess: (token) => (isBroken ? Promise.reject(new UnavailableError('it is full')) : store.saveAccess(token)),
    }),
  });
  const client = system.registry.register();
  const form = { ...GRANT, client_id: client.consumerKey, client_secret: client.secret };
  const codes: unknown[] = [];
  const ask = async () => {
    const { status, code } = await system.postForm(form);
    codes.push([status, code]);
  };
  system.state.isStorageLow = true;
  await ask();
  system.state.isStorageLow = false;
  system.state.hasKeys = false;
  await ask();
  system.state.hasKeys = true;
  isBroken = true;
  await ask();
  assert.deepEqual(codes, [
    [503, 'storage_low'],
    [503, 'not_ready'],
    [503, 'store_unavailable'],
  ]);
});

test('what lies below the token end point is nobody', async () => {
  const system = createOAuthSystem();
  assert.equal((await system.token({ path: '/token/x', targetPath: '/x' })).code, 'route_unknown');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Message } from '#core/message';
import { stringSetOf } from '#core/whiteboard';
import { createOAuthSystem, type OAuthSystem } from '#test/support/oauth';

const find = async (system: OAuthSystem, token: unknown) => {
  const found = await system.store.findAccess(sha256Hex(String(token)), system.clock.now());
  assert.ok(found.state === 'live');
  return found.token;
};

test('RFC 6749 §4.4.3: no refresh token; with its own switch there is one, and it works', async () => {
  const system = createOAuthSystem();
  const { consumerKey, secret } = system.registry.register();
  const client = { client_id: consumerKey, client_secret: secret };
  const plain = await system.postForm({ grant_type: 'client_credentials', ...client });
  assert.equal(plain.json.refresh_token, undefined);
  const settings = { refreshTokenForClientCredentials: true };
  const { json } = await system.postForm({ grant_type: 'client_credentials', ...client }, settings);
  const form = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token), ...client };
  const renewed = await system.postForm(form, settings);
  assert.equal(renewed.status, 200);
  assert.equal((await find(system, renewed.json.access_token)).subject, undefined);
});

test('a public client cannot act for itself', async () => {
  const system = createOAuthSystem();
  const { consumerKey } = system.registry.register({ client: { kind: 'public', authMethod: 'none' } });
  const answer = await system.postForm({ grant_type: 'client_credentials', client_id: consumerKey });
  assert.deepEqual([answer.status, answer.json.error, answer.facts.cause], [401, 'invalid_client', 'public_client']);
});

test('reuse window: an identical request gets the same token, another or a later one does not', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const settings = { reuseWindowMs: 60_000 };
  system.clock.advance(60_000 - (system.clock.now() % 60_000));
  const get = (parameters = {}) => system.getToken(client, parameters, settings);
  const first = await get();
  assert.equal(first.length, 54);
  assert.equal(await get(), first);
  assert.notEqual(await get({ scope: 'orders:read' }), first);
  assert.notEqual(await system.getToken(system.registry.register(), {}, settings), first);
  assert.equal((await system.callWith(first)).status, 200);
  system.clock.advance(59_999);
  assert.equal(await get(), first);
  const form = { grant_type: 'client_credentials', client_id: client.consumerKey, client_secret: client.secret };
  assert.equal((await system.postForm(form, settings)).json.expires_in, 3540);
  system.clock.advance(1);
  assert.notEqual(await get(), first);
});

test('reuse window: a revoked token is not given again, and a raised generation gives another', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const settings = { reuseWindowMs: 600_000 };
  const first = await system.getToken(client, {}, settings);
  await system.store.revokeAccess(sha256Hex(first), { by: 'priya', at: system.clock.now(), reason: undefined });
  const second = await system.getToken(client, {}, settings);
  assert.notEqual(second, first);
  assert.equal((await system.callWith(second)).status, 200);
  system.registry.changeClient(client.clientId, { generation: 2 });
  const third = await system.getToken(client, {}, settings);
  assert.equal(await system.getToken(client, {}, settings), third);
});

test('scopes by policy: the chain sees what was asked for and who asks, and what it leaves is granted', async () => {
  const seen: unknown[] = [];
  const system = createOAuthSystem({
    chains: {
      scopes: ({ whiteboard }: Message) => {
        seen.push([...(whiteboard.get('oauth.requested.scopes') ?? [])], whiteboard.get('oauth.client.details')?.name);
        whiteboard.set('scopes.for.token', new Set(['reports:read', 'orders:read']));
      },
    },
  });
  const client = system.registry.register();
  const settings = { scopeSource: 'policy', scopeChain: 'scopes' };
  const form = { grant_type: 'client_credentials', client_id: client.consumerKey, client_secret: client.secret };
  const all = await system.postForm(form, settings);
  assert.equal(all.json.scope, 'reports:read orders:read');
  const some = await system.postForm({ ...form, scope: 'orders:read other' }, settings);
  assert.equal(some.json.scope, 'orders:read');
  assert.deepEqual(seen, [[], 'mobile-shop-1', ['orders:read', 'other'], 'mobile-shop-1']);
  const none = await system.postForm({ ...form, scope: 'orders:write' }, settings);
  assert.equal(none.json.error, 'invalid_scope');
  const strict = await system.postForm({ ...form, scope: 'orders:read other' }, { ...settings, scopeMatch: 'all' });
  assert.equal(strict.json.error, 'invalid_scope');
});

test('scopes by policy: a chain that leaves nothing, no scopes, or answers itself gives no token', async () => {
  const left = { nothing: undefined, number: 7, object: { a: 1 }, quoted: ['a"b'] } as const;
  const system = createOAuthSystem({
    chains: {
      ...Object.fromEntries(
        Object.entries(left).map(([name, value]) => [
          name,
          ({ whiteboard }: Message) => {
            if (value !== undefined) whiteboard.assign('my.scopes', value);
          },
        ]),
      ),
      words: ({ whiteboard }: Message) => whiteboard.assign('my.scopes', 'orders:read reports:read'),
      answers: ({ request }: Message) => ({ status: 200, headers: request.headers, body: 'done' }),
    },
  });
  const client = system.registry.register();
  const form = { grant_type: 'client_credentials', client_id: client.consumerKey, client_secret: client.secret };
  const settings = { scopeSource: 'policy', scopeAttribute: 'my.scopes' };
  for (const scopeChain of [...Object.keys(left), 'answers']) {
    const answer = await system.postForm(form, { ...settings, scopeChain });
    assert.deepEqual([answer.status, answer.code], [500, 'oauth_scope_policy'], scopeChain);
  }
  const words = await system.postForm(form, { ...settings, scopeChain: 'words' });
  assert.deepEqual(stringSetOf(words.json.scope), new Set(['orders:read', 'reports:read']));
});

test('additional parameters: selectors are resolved for each token; a value without bounds is refused', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const selector = (name: string) => `$\{${name}}`;
  const settings = {
    additionalParameters: [
      { name: 'Department', value: 'Engineering' },
      { name: 'tenant', value: `t-${selector('request.header.X-Tenant:-none')}` },
      { name: 'who', value: selector('authentication.subject.id') },
      { name: 'client', value: selector('oauth.client.details.name') },
      { name: 'literal', value: selector('request.form.note:-') },
    ],
  };
  const token = await system.getToken(client, { note: selector('request.header.Authorization') }, settings);
  assert.deepEqual((await find(system, token)).parameters, {
    Department: 'Engineering',
    tenant: 't-none',
    who: client.clientId,
    client: 'mobile-shop-1',
    literal: selector('request.header.Authorization'),
  });
  const form = { grant_type: 'client_credentials', client_id: client.consumerKey, client_secret: client.secret };
  const long = await system.postForm({ ...form, note: 'x'.repeat(1025) }, settings);
  assert.deepEqual([long.status, long.json.error], [400, 'invalid_request']);
});

test('RFC 8707 §2: several resources become the audience', async () => {
  const system = createOAuthSystem();
  const { consumerKey, secret } = system.registry.register();
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: consumerKey, client_secret: secret });
  body.append('resource', 'https://a.example/');
  body.append('resource', 'https://b.example/');
  const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
  const { json } = await system.token({ headers, body: body.toString() });
  const { details } = await find(system, json.access_token);
  assert.deepEqual(details?.audience, ['https://a.example/', 'https://b.example/']);
  body.append('resource', 'https://c.example/#f');
  const refused = await system.token({ headers, body: body.toString() });
  assert.equal(refused.json.error, 'invalid_target');
});

test('RFC 9068: JWT access tokens are stored like opaque ones, and Verify takes them', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await system.getToken(client, {}, { accessTokenFormat: 'jwt' });
  assert.equal(token.split('.').length, 3);
  const { subject, details } = await find(system, token);
  assert.deepEqual([subject, typeof details?.jti], [undefined, 'string']);
  assert.equal((await system.callWith(token)).status, 200);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Registered, Registration } from '#test/support/client-registry';
import { type Answer, createOAuthSystem, type OAuthSystem, type Settings } from '#test/support/oauth';
import { CALLBACK, grantCode, VERIFIER } from '#test/support/oauth-grants';

const PUBLIC: Registration = { client: { kind: 'public', authMethod: 'none', redirectUris: [CALLBACK] } };

function credentials(system: OAuthSystem, { consumerKey, secret, clientId }: Registered) {
  const isPublic = system.registry.findClient(clientId)?.authMethod === 'none';
  return { client_id: consumerKey, ...(!isPublic && { client_secret: secret }) };
}

async function getRefresh(system: OAuthSystem, client: Registered, settings: Settings = {}): Promise<string> {
  const { code } = await grantCode(system, client);
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await system.postForm({ ...form, ...credentials(system, client) }, settings);
  return String(json.refresh_token);
}

function refresh(system: OAuthSystem, client: Registered, token: string, more: object = {}, settings: Settings = {}) {
  const form = { grant_type: 'refresh_token', refresh_token: token, ...credentials(system, client), ...more };
  return system.postForm(form, settings);
}

const outcome = ({ status, json, facts }: Answer) => [status, json.error ?? 'ok', facts.cause];

test('RFC 6749 §6: a refresh token gives an access token of the same owner and scope, and the next refresh token', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const first = await getRefresh(system, client);
  const answer = await refresh(system, client, first);
  assert.equal(answer.status, 200);
  assert.equal(answer.json.scope, 'orders:read orders:write');
  assert.notEqual(answer.json.refresh_token, first);
  const found = await system.store.findAccess(sha256Hex(String(answer.json.access_token)), system.clock.now());
  assert.ok(found.state === 'live');
  assert.equal(found.token.subject, 'own_0000000000000001');
  assert.equal((await refresh(system, client, String(answer.json.refresh_token))).status, 200);
});

test('RFC 9700 §4.14.2: a refresh token that comes again ends everything that came of it', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const first = await getRefresh(system, client);
  const { json } = await refresh(system, client, first);
  assert.deepEqual(outcome(await refresh(system, client, first)), [400, 'invalid_grant', 'refresh_reused']);
  assert.deepEqual(outcome(await refresh(system, client, String(json.refresh_token))), [
    ...[400, 'invalid_grant', 'revoked'],
  ]);
  system.verifier.forget('flush');
  assert.equal((await system.callWith(String(json.access_token))).code, 'token_revoked');
});

test('within the grace a used refresh token gives an access token and no successor, and nothing ends', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const settings = { refreshGraceMs: 2000 };
  const first = await getRefresh(system, client);
  const { json } = await refresh(system, client, first, {}, settings);
  const again = await refresh(system, client, first, {}, settings);
  assert.deepEqual([again.status, again.json.refresh_token], [200, undefined]);
  assert.equal((await refresh(system, client, String(json.refresh_token), {}, settings)).status, 200);
  system.clock.advance(2001);
  assert.deepEqual(outcome(await refresh(system, client, first, {}, settings)), [
    ...[400, 'invalid_grant', 'refresh_reused'],
  ]);
});

test('preserve: the same refresh token goes on, except for public clients', async () => {
  const system = createOAuthSystem();
  const settings = { refreshTokenRotation: 'preserve' };
  const client = system.registry.register();
  const token = await getRefresh(system, client);
  for (let i = 0; i < 3; i += 1) {
    const { status, json } = await refresh(system, client, token, {}, settings);
    assert.deepEqual([status, json.refresh_token], [200, undefined]);
  }
  const app = system.registry.register(PUBLIC);
  const { code } = await grantCode(system, app, { grant: { productId: 'prd_2' } });
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await system.postForm({ ...form, client_id: app.consumerKey });
  const rotated = await refresh(system, app, String(json.refresh_token), {}, settings);
  assert.deepEqual([rotated.status, typeof rotated.json.refresh_token], [200, 'string']);
});

test('none: a refresh token works once and gives no other', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const settings = { refreshTokenRotation: 'none' };
  const token = await getRefresh(system, client);
  const { status, json } = await refresh(system, client, token, {}, settings);
  assert.deepEqual([status, json.refresh_token], [200, undefined]);
  assert.deepEqual(outcome(await refresh(system, client, token, {}, settings)), [
    400,
    'invalid_grant',
    'refresh_reused',
  ]);
});

test('RFC 6749 §6: a narrower scope is granted, a wider one never; the next refresh may have all again', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const narrow = await refresh(system, client, await getRefresh(system, client), { scope: 'orders:read' });
  assert.deepEqual([narrow.status, narrow.json.scope], [200, undefined]);
  const next = String(narrow.json.refresh_token);
  const wide = await refresh(system, client, next, { scope: 'orders:read admin' });
  assert.deepEqual([wide.status, wide.json.error], [400, 'invalid_scope']);
  const all = await refresh(system, client, next);
  assert.equal(all.json.scope, 'orders:read orders:write');
});

test('RFC 6749 §10.4: another client can do nothing with a refresh token, and ends nothing', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await getRefresh(system, client);
  const thief = system.registry.register();
  assert.deepEqual(outcome(await refresh(system, thief, token)), [400, 'invalid_grant', 'other_client']);
  assert.equal((await refresh(system, client, token)).status, 200);
});

test('RFC 8705 §4: the refresh token of a public client is bound to the certificate that it showed', async () => {
  const system = createOAuthSystem();
  const app = system.registry.register({ client: { ...PUBLIC.client, certificateBound: true } });
  const certificate = (thumbprint: string) => ({ thumbprint, der: Buffer.alloc(0), isTrusted: false });
  const { code } = await grantCode(system, app, { grant: { details: { certificate: 'a' } } });
  const send = (form: Record<string, string>, thumbprint: string | undefined) =>
    system.token({
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: new URLSearchParams({ ...form, client_id: app.consumerKey }).toString(),
      certificate: thumbprint === undefined ? undefined : certificate(thumbprint),
    });
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await send(form, 'a');
  const again = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) };
  assert.deepEqual(outcome(await send(again, 'b')), [400, 'invalid_grant', 'other_certificate']);
  assert.deepEqual(outcome(await send(again, undefined)), [401, 'invalid_client', 'certificate_missing']);
  assert.equal((await send(again, 'a')).status, 200);
});

test('one that ended, was revoked or whose owner was disabled gives nothing', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const disabled = await getRefresh(system, client);
  system.registry.changeSubject('own_0000000000000001', { active: false });
  assert.equal((await refresh(system, client, disabled)).facts.cause, 'owner_disabled');
  system.registry.changeSubject('own_0000000000000001', { active: true });
  assert.equal((await refresh(system, client, disabled)).status, 200);
  const late = await getRefresh(system, client);
  system.clock.advance(43_200_000);
  assert.equal((await refresh(system, client, late)).facts.cause, 'refresh_expired');
  assert.equal((await refresh(system, client, 'x'.repeat(46))).facts.cause, 'refresh_not_known');
});

test('of many that rotate one refresh token at once exactly one is given the next', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const token = await getRefresh(system, client);
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(system, client, token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

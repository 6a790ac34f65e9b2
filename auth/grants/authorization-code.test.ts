import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Registered, Registration } from '#test/support/client-registry';
import { createOAuthSystem, type OAuthSystem } from '#test/support/oauth';
import { CALLBACK, grantCode, VERIFIER } from '#test/support/oauth-grants';

const PUBLIC: Registration = { client: { kind: 'public', authMethod: 'none', redirectUris: [CALLBACK] } };

/** The exchange as a client should send it; `undefined` leaves a parameter out. */
function exchange(
  system: OAuthSystem,
  client: Registered,
  code: string,
  change: Readonly<Record<string, string | undefined>> = {},
) {
  const parameters = {
    ...{ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
    ...{ client_id: client.consumerKey, client_secret: client.secret },
    ...change,
  };
  const sent = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return system.postForm(Object.fromEntries(sent));
}

test('RFC 6749 §4.1.3: a code gives an access token of its resource owner and a refresh token', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { code, grantId } = await grantCode(system, client);
  const { status, json } = await exchange(system, client, code);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope']);
  assert.equal(json.scope, 'orders:read orders:write');
  assert.equal(String(json.refresh_token).length, 46);
  const found = await system.store.findAccess(sha256Hex(String(json.access_token)), system.clock.now());
  assert.ok(found.state === 'live');
  const { token } = found;
  assert.deepEqual([token.subject, token.grantId, token.secretId], ['own_0000000000000001', grantId, client.secretId]);
  assert.deepEqual(token.generations, { client: 1, subscription: 1, subject: 0, secret: 1 });
  assert.equal(token.details?.username, 'alice');
  assert.equal((await system.callWith(String(json.access_token))).status, 200);
});

test('RFC 6749 §4.1.2: a code used twice is refused, and all that came of it ends', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { code } = await grantCode(system, client);
  const { json } = await exchange(system, client, code);
  const again = await exchange(system, client, code);
  assert.deepEqual([again.status, again.json.error, again.facts.cause], [400, 'invalid_grant', 'code_replayed']);
  system.verifier.forget('flush');
  assert.equal((await system.callWith(String(json.access_token))).code, 'token_revoked');
  const refresh = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) };
  const renewed = await system.postForm({
    ...refresh,
    client_id: client.consumerKey,
    client_secret: client.secret,
  });
  assert.deepEqual([renewed.json.error, renewed.facts.cause], ['invalid_grant', 'revoked']);
});

test('RFC 6749 §4.1.3: client, redirect URI and issuer are those of the authorization request', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const other = system.registry.register();
  const causes: unknown[] = [];
  const refused = async (by: Registered, change: object, options?: Parameters<typeof grantCode>[2]) => {
    const { code } = await grantCode(system, client, options);
    const answer = await exchange(system, by, code, { ...change });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);
    causes.push(answer.facts.cause);
  };
  await refused(other, {});
  await refused(client, { redirect_uri: undefined });
  await refused(client, { redirect_uri: `${CALLBACK}/` });
  await refused(client, { redirect_uri: CALLBACK.toUpperCase() });
  await refused(client, {}, { grant: { projectId: 'prj_other' } });
  await refused(client, {}, { grant: { serverGroupId: 'grp_other' } });
  await refused(client, {}, { code: { redirectUri: undefined } });
  assert.deepEqual(causes, [
    ...['other_client', 'redirect_uri', 'redirect_uri', 'redirect_uri', 'other_issuer', 'other_issuer'],
    'redirect_uri',
  ]);
});

test('RFC 7636 §4.6: the verifier fits the challenge, and stands where a challenge stood', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const cause = async (change: object, options?: Parameters<typeof grantCode>[2]) => {
    const { code } = await grantCode(system, client, options);
    const answer = await exchange(system, client, code, { ...change });
    return answer.status === 200 ? 'taken' : [answer.json.error, answer.facts.cause].join(' ');
  };
  assert.equal(await cause({ code_verifier: undefined }), 'invalid_grant verifier_missing');
  assert.equal(await cause({ code_verifier: VERIFIER.replace('d', 'e') }), 'invalid_grant verifier_wrong');
  assert.equal(await cause({ code_verifier: 'short' }), 'invalid_grant verifier_malformed');
  assert.equal(await cause({ code_verifier: `${'x'.repeat(43)} ` }), 'invalid_grant verifier_malformed');
  const without = { code: { codeChallenge: undefined } };
  assert.equal(await cause({}, without), 'invalid_grant verifier_unexpected');
  assert.equal(await cause({ code_verifier: undefined }, without), 'taken');
});

test('a public client needs its code verifier and nothing else', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register(PUBLIC);
  const nothing = { client_secret: undefined };
  const first = await grantCode(system, client);
  const answer = await exchange(system, client, first.code, nothing);
  assert.deepEqual([answer.status, typeof answer.json.refresh_token], [200, 'string']);
  const stripped = await grantCode(system, client, { code: { codeChallenge: undefined } });
  const refused = await exchange(system, client, stripped.code, { ...nothing, code_verifier: undefined });
  assert.deepEqual([refused.json.error, refused.facts.cause], ['invalid_grant', 'verifier_missing']);
});

test('a code that ended, was never issued or whose owner was disabled gives nothing', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const late = await grantCode(system, client);
  system.clock.advance(60_000);
  assert.equal((await exchange(system, client, late.code)).facts.cause, 'code_expired');
  assert.equal((await exchange(system, client, 'x'.repeat(43))).facts.cause, 'code_not_known');
  const disabled = await grantCode(system, client);
  system.registry.changeSubject('own_0000000000000001', { active: false });
  assert.equal((await exchange(system, client, disabled.code)).facts.cause, 'owner_disabled');
  system.registry.changeSubject('own_0000000000000001', { active: true, generation: 1 });
  const raised = await grantCode(system, client);
  assert.equal((await exchange(system, client, raised.code)).facts.cause, 'revoked');
  const missing = await exchange(system, client, '');
  assert.deepEqual([missing.json.error, missing.facts.parameter], ['invalid_request', 'code']);
});

test('RFC 8707 §2.2: a token is for those of the granted resources that are asked for', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const details = { audience: ['https://a.example/', 'https://b.example/'] };
  const audience = async (resource: string | undefined) => {
    const { code } = await grantCode(system, client, { grant: { details } });
    const { json } = await exchange(system, client, code, { resource });
    if (json.error !== undefined) return json.error;
    const found = await system.store.findAccess(sha256Hex(String(json.access_token)), system.clock.now());
    return found.state === 'live' ? found.token.details?.audience : found.state;
  };
  assert.deepEqual(await audience(undefined), details.audience);
  assert.deepEqual(await audience('https://b.example/'), ['https://b.example/']);
  assert.equal(await audience('https://c.example/'), 'invalid_target');
  assert.equal(await audience('b.example'), 'invalid_target');
});

test('scopes that were taken from the registration since are not granted', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { code } = await grantCode(system, client);
  system.registry.changeSubscription(client.subscriptionId, { scopes: [{ scope: 'orders:read', default: false }] });
  assert.equal((await exchange(system, client, code)).json.scope, 'orders:read');
  const strict = createOAuthSystem();
  const other = strict.registry.register({ subscription: { scopes: [{ scope: 'orders:read', default: false }] } });
  const { code: second } = await grantCode(strict, other);
  const form = { grant_type: 'authorization_code', code: second, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const credentials = { client_id: other.consumerKey, client_secret: other.secret };
  const { json } = await strict.postForm({ ...form, ...credentials }, { scopeMatch: 'all' });
  assert.equal(json.scope, 'orders:read');
});

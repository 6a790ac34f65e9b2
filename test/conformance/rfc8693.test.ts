import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Registered } from '../support/client-registry.ts';
import { FORM } from '../support/oauth.ts';
import { CALLBACK, grantCode, VERIFIER } from '../support/oauth-grants.ts';
import { openOAuthOverHttp } from '../support/oauth-http.ts';
import { must } from './must.ts';

// Token exchange.

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SETTINGS = { grantTypes: [GRANT, 'client_credentials', 'authorization_code'] };
const system = await openOAuthOverHttp();
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register();

async function exchange(more: Readonly<Record<string, string>> = {}) {
  const subject = { subject_token: await system.getToken(client), subject_token_type: ACCESS_TOKEN };
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  return system.postForm({ grant_type: GRANT, ...credentials, ...subject, ...more }, SETTINGS);
}

must('8693-2.1-required', async () => {
  for (const name of ['subject_token', 'subject_token_type']) {
    const answer = await exchange({ [name]: '' });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], name);
  }
});

must('8693-2.1-actor-type', async () => {
  const actor = await system.getToken(client);
  for (const half of [{ actor_token: actor }, { actor_token_type: ACCESS_TOKEN }]) {
    const answer = await exchange(half as Readonly<Record<string, string>>);
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
  }
});

must('8693-2.2.1-answer', async () => {
  const { status, json, header } = await exchange();
  assert.deepEqual([status, json.issued_token_type, json.token_type], [200, ACCESS_TOKEN, 'Bearer']);
  assert.equal(typeof json.access_token, 'string');
  assert.equal(header('cache-control'), 'no-store');
});

must('8693-2.2.2-invalid', async () => {
  for (const bad of [{ subject_token: 'never-issued' }, { subject_token_type: 'urn:example:unknown' }]) {
    const answer = await exchange(bad as Readonly<Record<string, string>>);
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
  }
});

must('8693-2.1-authenticate', async () => {
  for (const wrong of [{ client_secret: 'wrong' }, { client_id: 'gwk_0000000000000000' }]) {
    const answer = await exchange(wrong as Readonly<Record<string, string>>);
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
  }
});

/** A token of a resource owner, got by `client` with a code. */
async function ownersToken(grant: Parameters<typeof grantCode>[2] = {}): Promise<string> {
  const { code } = await grantCode(system, client, grant);
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  return String((await system.postForm({ ...form, ...credentialsOf(client) }, SETTINGS)).json.access_token);
}

const credentialsOf = ({ consumerKey, secret }: Registered) => ({ client_id: consumerKey, client_secret: secret });

/** A service of the same product passes the call on. */
const pass = (who: Registered, subject: string, more: Readonly<Record<string, string>> = {}) =>
  exchange({ ...credentialsOf(who), subject_token: subject, ...more });

const registerService = () => system.registry.register({ subscription: { productId: 'prd_1' } });

async function introspect(who: Registered, token: unknown) {
  const body = new URLSearchParams({ token: String(token), ...credentialsOf(who) }).toString();
  return (await system.token({ path: '/token/introspect', headers: [FORM], body }, SETTINGS)).json;
}

must('8693-2.1-validate', async () => {
  const owners = await ownersToken();
  assert.equal((await pass(registerService(), owners)).status, 200, 'a service of the product for which it was issued');
  const stranger = system.registry.register();
  const strangers = await system.getToken(stranger);
  const actor = (token: string) => ({ actor_token: token, actor_token_type: ACCESS_TOKEN });
  for (const [answer, why] of [
    [await pass(stranger, owners), 'a client for which it was not meant'],
    [await pass(client, owners, actor(strangers)), 'an actor token of somebody else'],
    [await pass(client, owners, actor(owners)), 'an actor token of a person'],
    [await pass(client, owners, actor('x')), 'an actor token that nobody issued'],
  ] as const)
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], why);
  assert.equal((await pass(client, owners, actor(await system.getToken(client)))).status, 200);
  system.clock.advance(3_600_001);
  const late = await pass(client, owners);
  assert.deepEqual([late.status, late.json.error], [400, 'invalid_request'], 'expired');
});

must('8693-2.1-resource', async () => {
  for (const resource of ['orders', '/orders', 'https://api.example.com/orders#a', '']) {
    const answer = await pass(client, await ownersToken(), { resource });
    if (resource === '') assert.equal(answer.status, 200, 'a parameter without value is as left out (RFC 6749 §3.2)');
    else assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_target'], resource);
  }
  const twice = [...Object.entries(credentialsOf(client)), ['grant_type', GRANT], ['subject_token_type', ACCESS_TOKEN]];
  const resources = ['https://a.example/', 'https://b.example/'];
  const form = [...twice, ['subject_token', await ownersToken()], ...resources.map((one) => ['resource', one])];
  const body = new URLSearchParams([...form, ['audience', 'orders-api']] as [string, string][]).toString();
  const { status, json } = await system.token({ headers: [FORM], body }, SETTINGS);
  assert.equal(status, 200);
  assert.deepEqual((await introspect(client, json.access_token)).aud, [...resources, 'orders-api']);
});

must('8693-2.1-requested-type', async () => {
  for (const type of ['refresh_token', 'id_token', 'saml2', 'jwt']) {
    const answer = await exchange({ requested_token_type: `urn:ietf:params:oauth:token-type:${type}` });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], type);
  }
  assert.equal((await exchange({ requested_token_type: ACCESS_TOKEN })).json.issued_token_type, ACCESS_TOKEN);
});

must('8693-2.2.1-scope', async () => {
  const fewer = await pass(client, await ownersToken(), { scope: 'orders:read' });
  assert.equal(fewer.status, 200);
  assert.equal((await introspect(client, fewer.json.access_token)).scope, 'orders:read');
  const unsaid = await pass(client, await ownersToken({ grant: { scopes: ['orders:read'] } }));
  assert.equal(unsaid.json.scope, 'orders:read', 'none was requested: it is said which there are');
  const more = await pass(client, await ownersToken({ grant: { scopes: ['orders:read'] } }), { scope: 'orders:write' });
  assert.deepEqual([more.status, more.json.error], [400, 'invalid_scope']);
});

must('8693-2.2.1-refresh', async () => {
  const subject = await ownersToken();
  system.clock.advance(1_800_000);
  const { json } = await pass(registerService(), subject);
  assert.equal(json.refresh_token, undefined);
  assert.ok(Number(json.expires_in) <= 1800, `${json.expires_in}`);
  assert.equal((await system.callWith(String(json.access_token))).status, 200);
  system.clock.advance(1_800_001);
  assert.equal((await system.callWith(String(json.access_token))).status, 401);
});

must('8693-2.2.2-target', async () => {
  const narrow = await ownersToken({ grant: { details: { audience: ['https://a.example/'] } } });
  for (const target of [{ audience: 'nowhere' }, { audience: 'sign-in' }, { resource: 'https://b.example/' }]) {
    const answer = await pass(client, narrow, target as Readonly<Record<string, string>>);
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_target'], JSON.stringify(target));
  }
});

must('8693-4.1-act', async () => {
  const [first, second] = [registerService(), registerService()];
  const own = await introspect(client, (await pass(client, await ownersToken())).json.access_token);
  assert.equal(own.act, undefined, 'who had it already acts for nobody new');
  const once = (await pass(first, await ownersToken())).json.access_token;
  const passedOn = await introspect(first, once);
  assert.deepEqual([passedOn.act, passedOn.sub], [{ sub: first.consumerKey }, 'own_0000000000000001']);
  const twice = await introspect(second, (await pass(second, String(once))).json.access_token);
  assert.deepEqual(twice.act, { sub: second.consumerKey, act: { sub: first.consumerKey } });
});

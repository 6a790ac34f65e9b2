import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceOwners } from '#core/resource-owner';
import { schema } from '#policies/oauth-token-endpoint/schema';
import { createOAuthSystem, FORM } from '../support/oauth.ts';
import { CALLBACK, grantCode, VERIFIER } from '../support/oauth-grants.ts';

// Seed 000, sentence by sentence: the OAuth Token End Point policy and its requests. The test's name is what the seed says.

const OWNER = { subject: 'own_0000000000000001', username: 'alice', displayName: 'Alice', generation: 0 };
const owners: Partial<ResourceOwners> = {
  findDirectory: (name) => ({ name, displayName: 'People', kind: 'local' }),
  checkPassword: async ({ username, password }) =>
    username === 'alice' && password === 'correct' ? { state: 'known', owner: OWNER } : { state: 'wrong' },
};
const system = createOAuthSystem({ owners });
const client = system.registry.register();
const app = system.registry.register({
  client: { kind: 'public', authMethod: 'none', redirectUris: [CALLBACK] },
});
const PASSWORD = { grantTypes: ['client_credentials', 'authorization_code', 'refresh_token', 'password'] };

/** `POST` with query parameters and form-urlencoded ones, as the seed divides them. */
const post = (query: string, form: Readonly<Record<string, string>>, settings = {}) =>
  system.token({ query, headers: [FORM], body: new URLSearchParams(form).toString() }, settings);

test('"Access Token Expiry Time: Provide required expiry time to the generated access token"', async () => {
  const form = { client_id: client.consumerKey, client_secret: client.secret };
  const { json } = await post('grant_type=client_credentials', form, { accessTokenExpiryMs: 600_000 });
  assert.equal(json.expires_in, 600);
});

test('"The Request for OAuth Token End Point has to be constructed with the following parameters using POST"', async () => {
  const answer = await system.token({ method: 'GET', query: 'grant_type=client_credentials' });
  assert.deepEqual([answer.status, answer.header('allow')], [405, 'POST']);
});

test('"If the grant type is Authorization Code: query parameters: grant_type … Value MUST be set to authorization_code; form-urlencoded parameters: code … client_id … Specify consumer key generated in client subscription"', async () => {
  const { code } = await grantCode(system, app, { code: { redirectUri: undefined }, grant: { productId: 'prd_2' } });
  const answer = await post('grant_type=authorization_code', {
    code,
    client_id: app.consumerKey,
    code_verifier: VERIFIER, // a public client proves itself by PKCE (product.md §5)
  });
  assert.equal(answer.status, 200);
  const second = await grantCode(system, client, { code: { redirectUri: undefined } });
  const confidential = await post('grant_type=authorization_code', {
    ...{ code: second.code, client_id: client.consumerKey, code_verifier: VERIFIER },
    client_secret: client.secret, // a confidential one by its secret
  });
  assert.equal(confidential.status, 200);
});

test('code and client_id alone: the seed asks for no more, RFC 6749 §4.1.3 does; nobody gets a token with less than secret or PKCE', async () => {
  const open = await grantCode(system, app, { code: { redirectUri: undefined, codeChallenge: undefined } });
  const bare = await post('grant_type=authorization_code', { code: open.code, client_id: app.consumerKey });
  assert.deepEqual([bare.status, bare.json.error], [400, 'invalid_grant']);
  const { code } = await grantCode(system, client, { code: { redirectUri: undefined } });
  const unproved = await post('grant_type=authorization_code', { code, client_id: client.consumerKey });
  assert.deepEqual([unproved.status, unproved.json.error], [401, 'invalid_client']);
});

test('"If the access token request is valid and authorized, the authorization server issues an access token and optional refresh token."', async () => {
  const ask = async (settings: object) => {
    const { code } = await grantCode(system, client, { code: { redirectUri: undefined } });
    const form = { code, client_id: client.consumerKey, client_secret: client.secret, code_verifier: VERIFIER };
    return (await post('grant_type=authorization_code', form, settings)).json;
  };
  const both = await ask({});
  assert.deepEqual([typeof both.access_token, typeof both.refresh_token], ['string', 'string']);
  const one = await ask({ includeRefreshToken: false });
  assert.deepEqual([typeof one.access_token, one.refresh_token], ['string', undefined]);
});

test('"If the grant type is Resource Owner Password Credentials: query parameters: grant_type … password; form-urlencoded parameters: username … password"', async () => {
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  const form = { username: 'alice', password: 'correct' };
  const answer = await post('grant_type=password', { ...form, ...credentials }, PASSWORD);
  assert.deepEqual([answer.status, typeof answer.json.refresh_token], [200, 'string']);
  const bare = await post('grant_type=password', form, PASSWORD);
  assert.deepEqual([bare.status, bare.json.error], [401, 'invalid_client'], 'decision 14');
  for (const left of ['username', 'password'] as const) {
    const incomplete = await post('grant_type=password', { ...form, ...credentials, [left]: '' }, PASSWORD);
    assert.deepEqual([incomplete.status, incomplete.json.error], [400, 'invalid_request'], left);
  }
  assert.ok(!schema.parse({}).grantTypes.includes('password'), 'off until it is ticked');
});

test('"If the grant type is Client Credentials: grant_type … client_credentials; form-urlencoded parameters: client_id … client_secret … Specify consumer secret generated in client subscription"', async () => {
  const form = { client_id: client.consumerKey, client_secret: client.secret };
  const answer = await post('grant_type=client_credentials', form);
  assert.deepEqual(Object.keys(answer.json), ['access_token', 'token_type', 'expires_in', 'scope']);
  assert.equal((await post('', { grant_type: 'client_credentials', ...form })).status, 200);
  for (const left of ['client_id', 'client_secret'] as const) {
    const incomplete = await post('grant_type=client_credentials', { ...form, [left]: '' });
    assert.ok([400, 401].includes(incomplete.status), left);
  }
});

test('"presenting its authorization grant or refresh token along with valid credentials"', async () => {
  const { code } = await grantCode(system, client, { code: { redirectUri: undefined } });
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  const { json } = await post('grant_type=authorization_code', { code, code_verifier: VERIFIER, ...credentials });
  const refresh_token = String(json.refresh_token);
  const renewed = await post('grant_type=refresh_token', { refresh_token, ...credentials });
  assert.equal(renewed.status, 200);
  const unproved = await post('grant_type=refresh_token', { refresh_token, client_id: client.consumerKey });
  assert.equal(unproved.json.error, 'invalid_client');
});

import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Registered } from '../support/client-registry.ts';
import { basic, FORM } from '../support/oauth.ts';
import { CALLBACK, grantCode, VERIFIER } from '../support/oauth-grants.ts';
import { openOAuthOverHttp } from '../support/oauth-http.ts';
import { must } from './must.ts';

// Revocation.

const system = await openOAuthOverHttp();
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register();
const PLACE = { path: '/token/revoke', targetPath: '/revoke' };

function revoke(form: Readonly<Record<string, string>>, { consumerKey, secret }: Registered = client) {
  const body = new URLSearchParams(form).toString();
  return system.token({ ...PLACE, headers: [FORM, basic(consumerKey, secret)], body });
}

async function tokensOfGrant(): Promise<Readonly<Record<string, string>>> {
  const { code } = await grantCode(system, client);
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { access_token: access, refresh_token: refresh } = (await system.postForm({ ...form, ...credentials })).json;
  return { access: String(access), refresh: String(refresh) };
}

must('7009-2-refresh', async () => {
  const { access = '', refresh = '' } = await tokensOfGrant();
  assert.equal((await revoke({ token: refresh })).status, 200);
  const again = { client_id: client.consumerKey, client_secret: client.secret, refresh_token: refresh };
  const refreshed = await system.postForm({ grant_type: 'refresh_token', ...again });
  assert.equal(refreshed.json.error, 'invalid_grant');
  assert.equal((await system.callWith(access)).status, 401, 'the access token of its grant ends too');
});

must('7009-2-post', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await system.token({ ...PLACE, method });
    assert.deepEqual([answer.status, answer.header('allow')], [405, 'POST'], method);
  }
});

must('7009-2.1-token', async () => {
  const answer = await revoke({});
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
});

must('7009-2.1-authenticate', async () => {
  const token = await system.getToken(client);
  const answer = await revoke({ token }, { ...client, secret: 'wrong' });
  assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
  assert.equal((await system.callWith(token)).status, 200);
});

must('7009-2.1-client', async () => {
  const token = await system.getToken(client);
  await revoke({ token }, system.registry.register());
  assert.equal((await system.callWith(token)).status, 200);
});

must('7009-2.1-hint', async () => {
  for (const hint of ['refresh_token', 'whatever']) {
    const { access = '', refresh = '' } = await tokensOfGrant();
    assert.equal((await revoke({ token: access, token_type_hint: hint })).status, 200);
    assert.equal((await revoke({ token: refresh, token_type_hint: 'access_token' })).status, 200);
    assert.equal((await system.callWith(access)).status, 401, hint);
  }
});

must('7009-2.2-unknown', async () => {
  assert.equal((await revoke({ token: 'never-issued' })).status, 200);
});

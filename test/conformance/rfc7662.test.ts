import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { Registered } from '../support/client-registry.ts';
import { basic, FORM } from '../support/oauth.ts';
import { openOAuthOverHttp } from '../support/oauth-http.ts';
import { must } from './must.ts';

// Introspection.

const system = await openOAuthOverHttp();
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register();
const PLACE = { path: '/token/introspect', targetPath: '/introspect' };

function introspect(form: Readonly<Record<string, string>>, who: Registered = client) {
  const body = new URLSearchParams(form).toString();
  return system.token({ ...PLACE, headers: [FORM, basic(who.consumerKey, who.secret)], body });
}

must('7662-2-post', async () => {
  const answer = await system.token({ ...PLACE, method: 'GET', query: 'token=x' });
  assert.deepEqual([answer.status, answer.header('allow')], [405, 'POST']);
});

must('7662-2.1-token', async () => {
  const answer = await introspect({});
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
});

must('7662-2.1-authorize', async () => {
  const token = await system.getToken(client);
  const body = `token=${token}`;
  const nobody = await system.token({ ...PLACE, headers: [FORM], body });
  assert.deepEqual([nobody.status, nobody.json.error], [401, 'invalid_client']);
  const bearer = await system.token({ ...PLACE, headers: [FORM, ['Authorization', `Bearer ${token}`]], body });
  assert.equal(bearer.status, 401, 'the token that is asked about is no credential');
  const wrong = await introspect({ token }, { ...client, secret: 'wrong' });
  assert.deepEqual([wrong.status, wrong.json.error], [401, 'invalid_client']);
});

must('7662-2.1-hint', async () => {
  const token = await system.getToken(client);
  for (const hint of ['refresh_token', 'whatever'])
    assert.equal((await introspect({ token, token_type_hint: hint })).json.active, true, hint);
});

must('7662-2.2-active', async () => {
  const answer = await introspect({ token: await system.getToken(client) });
  assert.deepEqual([answer.status, answer.header('content-type')], [200, 'application/json']);
  assert.equal(answer.json.active, true);
  assert.equal(answer.json.client_id, client.consumerKey);
});

must('7662-2.2-inactive', async () => {
  const foreign = await system.getToken(system.registry.register());
  for (const token of ['never-issued', foreign]) {
    const answer = await introspect({ token });
    assert.deepEqual([answer.status, answer.json], [200, { active: false }]);
  }
});

must('7662-4-expired', async () => {
  const token = await system.getToken(client);
  system.clock.advance(3_600_001);
  assert.deepEqual((await introspect({ token })).json, { active: false });
});

import assert from 'node:assert/strict';
import { createOAuthSystem } from '../support/oauth.ts';
import { must } from './must.ts';

// Token exchange.

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SETTINGS = { grantTypes: [GRANT, 'client_credentials'] };
const system = createOAuthSystem();
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

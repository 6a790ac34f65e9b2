import assert from 'node:assert/strict';
import { after } from 'node:test';
import { decideDeviceRequest } from '#auth/device/record';
import type { Registered } from '../support/client-registry.ts';
import { FORM } from '../support/oauth.ts';
import { openOAuthOverHttp } from '../support/oauth-http.ts';
import { must } from './must.ts';

// Device authorization grant.

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SETTINGS = { grantTypes: [GRANT, 'client_credentials'] };
const system = await openOAuthOverHttp();
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register();

const credentialsOf = ({ consumerKey, secret }: Registered) => ({ client_id: consumerKey, client_secret: secret });

const ask = (form: Readonly<Record<string, string>>) =>
  system.token(
    {
      ...{ path: '/token/device', targetPath: '/device', headers: [FORM] },
      body: new URLSearchParams(form).toString(),
    },
    SETTINGS,
  );

async function begin() {
  const { json } = await ask({ ...credentialsOf(client), scope: 'orders:read' });
  return { deviceCode: String(json.device_code), userCode: String(json.user_code) };
}

const poll = (deviceCode: string, who = client) =>
  system.postForm({ grant_type: GRANT, device_code: deviceCode, ...credentialsOf(who) }, SETTINGS);

function decide(userCode: string, isAllowed: boolean): Promise<boolean> {
  const now = system.clock.now();
  const approval = { subject: 'own_1', username: 'alice', subjectGeneration: 0, scopes: ['orders:read'] };
  const typed = { typed: userCode, now };
  const decision = isAllowed ? { ...approval, authenticatedAt: now } : undefined;
  return decideDeviceRequest(system.store, { ...typed, approval: decision });
}

must('8628-3.1-authenticate', async () => {
  const answer = await ask({ client_id: client.consumerKey, client_secret: 'wrong' });
  assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
});

must('8628-3.2-answer', async () => {
  const { status, json, header } = await ask({ ...credentialsOf(client), scope: 'orders:read' });
  assert.equal(status, 200);
  assert.equal(header('cache-control'), 'no-store');
  assert.equal(json.verification_uri, 'https://login.example.com/authorize/device');
  assert.equal(json.verification_uri_complete, `${json.verification_uri}?user_code=${json.user_code}`);
  assert.deepEqual([json.expires_in, json.interval], [600, 5]);
  assert.ok(String(json.device_code).length >= 43, '§5.2: 256 bits');
});

must('8628-3.4-device-code', async () => {
  const answer = await system.postForm({ grant_type: GRANT, ...credentialsOf(client) }, SETTINGS);
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
});

must('8628-3.4-bound', async () => {
  const { deviceCode, userCode } = await begin();
  await decide(userCode, true);
  const answer = await poll(deviceCode, system.registry.register());
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);
  assert.equal((await poll(deviceCode)).status, 200);
});

must('8628-3.5-pending', async () => {
  const { deviceCode } = await begin();
  const answer = await poll(deviceCode);
  assert.deepEqual([answer.status, answer.json.error], [400, 'authorization_pending']);
});

must('8628-3.5-slow-down', async () => {
  const { deviceCode } = await begin();
  await poll(deviceCode);
  system.clock.advance(4000);
  assert.equal((await poll(deviceCode)).json.error, 'slow_down');
  system.clock.advance(8000);
  assert.equal((await poll(deviceCode)).json.error, 'slow_down', 'it is 10 s for all polls that follow');
  system.clock.advance(15_500);
  assert.equal((await poll(deviceCode)).json.error, 'authorization_pending');
});

must('8628-3.5-denied', async () => {
  const { deviceCode, userCode } = await begin();
  await decide(userCode, false);
  const answer = await poll(deviceCode);
  assert.deepEqual([answer.status, answer.json.error], [400, 'access_denied']);
});

must('8628-3.5-expired', async () => {
  const { deviceCode, userCode } = await begin();
  system.clock.advance(600_000);
  const answer = await poll(deviceCode);
  assert.deepEqual([answer.status, answer.json.error], [400, 'expired_token']);
  assert.equal(await decide(userCode, true), false);
});

must('8628-3.5-once', async () => {
  const { deviceCode, userCode } = await begin();
  await decide(userCode, true);
  const answers = await Promise.all([poll(deviceCode), poll(deviceCode), poll(deviceCode)]);
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

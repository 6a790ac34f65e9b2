import assert from 'node:assert/strict';
import { after } from 'node:test';
import { OWNER, openAuthorization, PASSWORD } from '../support/authorization.ts';
import { APP, createCodeFlow, type JsonAnswer } from '../support/code-flow.ts';
import { must } from './must.ts';

// What codes, refresh tokens and passwords are exchanged for, over HTTP.

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;
const other = flow.register();
const SCOPE = { scope: 'orders:read orders:write' };
const PASSWORD_GRANT = { grant_type: 'password', username: OWNER.username, password: PASSWORD };
const refused = ({ status, json }: JsonAnswer, error: string, expected = 400) =>
  assert.deepEqual([status, json.error], [expected, error], JSON.stringify(json));

async function withPassword(check: () => Promise<void>): Promise<void> {
  system.configure({ token: { grantTypes: ['password', 'refresh_token', 'authorization_code'] } });
  try {
    await check();
  } finally {
    system.owners.answer = undefined;
    system.configure({});
  }
}

must('6749-4.1.2-single-use', async () => {
  const code = await flow.getCode(client);
  const { json } = await flow.exchange(client, code);
  assert.equal((await flow.introspect(client, json.access_token)).active, true);
  refused(await flow.exchange(client, code), 'invalid_grant');
  assert.equal((await flow.introspect(client, json.access_token)).active, false);
  refused(await flow.refresh(client, json.refresh_token), 'invalid_grant');
});

must('6749-4.1.2-short-lived', async () => {
  const code = await flow.getCode(client);
  system.clock.advance(600_000);
  refused(await flow.exchange(client, code), 'invalid_grant');
});

must('6749-4.1.3-authenticate', async () => {
  const form = { grant_type: 'authorization_code', code: await flow.getCode(client), redirect_uri: APP };
  refused(await flow.post('', { ...form, client_id: client.consumerKey }), 'invalid_client', 401);
  refused(await flow.post('', { ...form, client_id: client.consumerKey, client_secret: 'x' }), 'invalid_client', 401);
  assert.equal((await flow.exchange(client, form.code)).status, 200, 'what is not authenticated uses up no code');
});

must('6749-4.1.3-client', async () => {
  for (const thief of [other, app]) refused(await flow.exchange(thief, await flow.getCode(client)), 'invalid_grant');
  refused(await flow.exchange(client, await flow.getCode(app)), 'invalid_grant');
});

must('6749-4.1.3-client-id', async () => {
  const code = await flow.getCode(app);
  refused(await flow.exchange(app, code, { client_id: undefined }), 'invalid_client', 401);
  assert.equal((await flow.exchange(app, code)).status, 200);
});

must('6749-4.1.3-redirect-uri', async () => {
  for (const uri of [undefined, '', `${APP}/`, `${APP}?`, APP.toUpperCase(), 'https://evil.example.com/'])
    refused(await flow.exchange(client, await flow.getCode(client), { redirect_uri: uri }), 'invalid_grant');
  const unsaid = await flow.getCode(client, { redirect_uri: undefined });
  assert.equal((await flow.exchange(client, unsaid, { redirect_uri: undefined })).status, 200);
});

must('6749-4.1.4-answer', async () => {
  const { status, headers, json } = await flow.exchange(client, await flow.getCode(client, SCOPE));
  assert.deepEqual([status, json.token_type], [200, 'Bearer']);
  assert.match(String(json.access_token), /^[\x20-\x7E]+$/);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual([headers.get('cache-control'), headers.get('pragma')], ['no-store', 'no-cache']);
});

must('6749-4.3.2-authenticate', () =>
  withPassword(async () => {
    refused(await flow.post('', PASSWORD_GRANT), 'invalid_client', 401);
    refused(await flow.token(client, { ...PASSWORD_GRANT, client_secret: 'wrong' }), 'invalid_client', 401);
    const { status } = await flow.token(app, PASSWORD_GRANT);
    assert.ok(status === 400 || status === 401, 'a public client proves nothing');
    assert.equal((await flow.token(client, PASSWORD_GRANT)).status, 200);
  }),
);

must('6749-4.3.2-password', () =>
  withPassword(async () => {
    for (const name of ['username', 'password'])
      refused(await flow.token(client, { ...PASSWORD_GRANT, [name]: undefined }), 'invalid_request');
    refused(await flow.token(client, { ...PASSWORD_GRANT, password: 'wrong' }), 'invalid_grant');
    refused(await flow.token(client, { ...PASSWORD_GRANT, username: 'nobody' }), 'invalid_grant');
    system.owners.answer = { state: 'disabled' };
    refused(await flow.token(client, PASSWORD_GRANT), 'invalid_grant');
  }),
);

must('6749-4.3.2-brute-force', () =>
  withPassword(async () => {
    system.owners.answer = { state: 'limited', retryAfterMs: 30_000 };
    const { status, headers, json } = await flow.token(client, PASSWORD_GRANT);
    assert.deepEqual([status, headers.get('retry-after'), json.access_token], [429, '30', undefined]);
  }),
);

must('6749-5.2-invalid-grant', async () => {
  for (const value of ['x', '0'.repeat(43), 'é"\\', ' ', '\0'.repeat(9)]) {
    refused(await flow.exchange(client, value), 'invalid_grant');
    refused(await flow.refresh(client, value), 'invalid_grant');
  }
  for (const form of [
    { grant_type: 'authorization_code' },
    { grant_type: 'refresh_token' },
    { grant_type: 'authorization_code', code: 'x'.repeat(600) },
  ])
    refused(await flow.token(client, form), 'invalid_request');
});

must('6749-6-authenticate', async () => {
  const { refresh_token: token } = await flow.getTokens(client);
  const form = { grant_type: 'refresh_token', refresh_token: String(token) };
  refused(await flow.post('', form), 'invalid_client', 401);
  refused(await flow.post('', { ...form, client_id: client.consumerKey }), 'invalid_client', 401);
  assert.equal((await flow.refresh(client, token)).status, 200);
});

must('6749-6-client', async () => {
  const { refresh_token: token } = await flow.getTokens(client);
  for (const thief of [other, app]) refused(await flow.refresh(thief, token), 'invalid_grant');
  assert.equal((await flow.refresh(client, token)).status, 200);
  const { refresh_token: ofApp } = await flow.getTokens(app);
  refused(await flow.refresh(client, ofApp), 'invalid_grant');
});

must('6749-6-scope', async () => {
  const { refresh_token: token } = await flow.getTokens(client, { scope: 'orders:read' });
  refused(await flow.refresh(client, token, { scope: 'orders:write' }), 'invalid_scope');
  const both = await flow.refresh(client, token, SCOPE);
  assert.ok(both.status === 400 || both.json.scope === 'orders:read', JSON.stringify(both.json));
  const next = both.json.refresh_token ?? token;
  const { json } = await flow.refresh(client, next);
  assert.equal((await flow.introspect(client, json.access_token)).scope, 'orders:read');
});

must('6749-6-next-scope', async () => {
  const { refresh_token: token } = await flow.getTokens(client, SCOPE);
  const narrow = await flow.refresh(client, token, { scope: 'orders:read' });
  assert.equal((await flow.introspect(client, narrow.json.access_token)).scope, 'orders:read');
  const wide = await flow.refresh(client, narrow.json.refresh_token);
  assert.equal((await flow.introspect(client, wide.json.access_token)).scope, SCOPE.scope);
});

must('6749-6-old', async () => {
  const { refresh_token: token } = await flow.getTokens(client);
  assert.equal((await flow.refresh(client, token)).status, 200);
  refused(await flow.refresh(client, token), 'invalid_grant');
});

must('6749-10.10-codes', async () => {
  const seen = new Set<unknown>();
  for (let i = 0; i < 10; i += 1) {
    const code = await flow.getCode(client);
    const { json } = await flow.exchange(client, code);
    assert.match(code, /^[0-9A-Za-z]{43}$/); // 43 × log2(62) > 256 bits
    assert.match(String(json.refresh_token), /^[0-9A-Za-z]{46}$/);
    seen.add(code).add(json.refresh_token);
  }
  assert.equal(seen.size, 20);
});

import assert from 'node:assert/strict';
import { createOAuthSystem } from '../support/oauth.ts';
import { must } from './must.ts';

// The metadata of the authorization server.

const PATH = '/.well-known/oauth-authorization-server/token';
const system = createOAuthSystem();
const get = (settings = {}) => system.token({ method: 'GET', path: PATH, targetPath: PATH }, settings);

must('8414-2-required', async () => {
  const { json } = await get();
  assert.equal(json.issuer, 'https://api.example.com/token');
  assert.equal(json.token_endpoint, 'https://api.example.com/token');
  assert.ok(Array.isArray(json.response_types_supported));
  assert.deepEqual(json.grant_types_supported, ['client_credentials', 'authorization_code', 'refresh_token']);
  const jwt = ['client_secret_jwt', 'private_key_jwt', 'none'];
  assert.deepEqual(json.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post', ...jwt]);
  const headerOnly = await get({ clientCredentialsIn: { body: false } });
  assert.deepEqual(headerOnly.json.token_endpoint_auth_methods_supported, ['client_secret_basic', ...jwt]);
});

must('8414-2-issuer-form', async () => {
  const issuer = new URL(String((await get()).json.issuer));
  assert.deepEqual([issuer.protocol, issuer.search, issuer.hash], ['https:', '', '']);
});

must('8414-3-path', async () => {
  assert.equal((await get()).status, 200);
  const behind = '/token/.well-known/oauth-authorization-server';
  const answer = await system.token({ method: 'GET', path: behind, targetPath: behind.slice('/token'.length) });
  assert.deepEqual(answer.json, (await get()).json, 'the same one, for clients that look behind the issuer (§5)');
  const atRoot = createOAuthSystem({ contextPath: '/' });
  const path = '/.well-known/oauth-authorization-server';
  const root = await atRoot.token({ method: 'GET', path, targetPath: path });
  assert.equal(root.json.issuer, 'https://api.example.com');
});

must('8414-3.1-get', async () => {
  const answer = await system.token({ method: 'POST', path: PATH, targetPath: PATH });
  assert.deepEqual([answer.status, answer.header('allow')], [405, 'GET, HEAD']);
});

must('8414-3.2-answer', async () => {
  const answer = await get();
  assert.deepEqual([answer.status, answer.header('content-type')], [200, 'application/json']);
  assert.equal(typeof answer.json, 'object');
});

must('8414-3.3-issuer', async () => {
  const { json } = await get();
  const issuer = new URL(String(json.issuer));
  assert.equal(
    `${issuer.origin}/.well-known/oauth-authorization-server${issuer.pathname}`,
    `https://api.example.com${PATH}`,
  );
});

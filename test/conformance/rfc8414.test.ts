import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import { oauthAuthorizationEndpoint } from '#policies/oauth-authorization-endpoint/policy';
import { createOAuthSystem, FORM } from '../support/oauth.ts';
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

/** The same issuer with an authorization end point deployed beside. */
function withAuthorization(settings = {}): ReturnType<typeof createOAuthSystem> {
  const one = createOAuthSystem();
  const parsed = oauthAuthorizationEndpoint.schema.parse({ tokenProject: 'access-token', ...settings });
  const authorization = { name: 'sign-in', url: 'https://login.example.com/authorize', settings: parsed };
  one.endpoints.use([{ id: 'prj_S', name: 'sign-in', endpoints: { token: undefined, authorization } }]);
  return one;
}

async function metadataOf(one: typeof system, settings = {}): Promise<Readonly<Record<string, unknown>>> {
  return (await one.token({ method: 'GET', path: PATH, targetPath: PATH }, settings)).json;
}

must('8414-2-authorization', async () => {
  const metadata = await metadataOf(withAuthorization());
  assert.equal(metadata.authorization_endpoint, 'https://login.example.com/authorize');
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.equal((await metadataOf(system)).authorization_endpoint, undefined, 'where there is none');
});

must('8414-2-algorithms', async () => {
  const metadata = await metadataOf(system);
  for (const endpoint of ['token', 'introspection', 'revocation']) {
    const methods = metadata[`${endpoint}_endpoint_auth_methods_supported`] as string[];
    assert.ok(methods.includes('private_key_jwt') && methods.includes('client_secret_jwt'), endpoint);
    const algorithms = metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`] as string[];
    assert.ok(algorithms.includes('RS256'), `${endpoint}: servers SHOULD support RS256`);
    assert.ok(!algorithms.includes('none'), endpoint);
  }
});

must('8414-2-jwks', async () => {
  const client = system.registry.register();
  const token = await system.getToken(client, {}, { accessTokenFormat: 'jwt' });
  const url = new URL(String((await get()).json.jwks_uri));
  assert.deepEqual([url.protocol, url.search, url.hash], ['https:', '', '']);
  const targetPath = url.pathname.slice('/token'.length);
  const { status, json } = await system.token({ method: 'GET', path: url.pathname, targetPath });
  assert.equal(status, 200);
  const keys = json.keys as Readonly<Record<string, unknown>>[];
  assert.ok(keys.some(({ kid }) => kid === decodeProtectedHeader(token).kid));
  for (const key of keys)
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.equal(key[member], undefined, member);
});

must('8414-2-end-points', async () => {
  const one = withAuthorization();
  const settings = { grantTypes: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'] };
  const members = Object.entries(await metadataOf(one, settings)).filter(([name]) => name.endsWith('_endpoint'));
  const named = members.map(([name]) => name.slice(0, -'_endpoint'.length)).sort();
  const secondary = ['introspection', 'pushed_authorization_request', 'revocation', 'token'];
  assert.deepEqual(named, ['authorization', 'device_authorization', ...secondary]);
  for (const [name, text] of members) {
    const url = new URL(String(text));
    assert.deepEqual([url.protocol, url.hash], ['https:', ''], name);
    if (name === 'authorization_endpoint') continue;
    const targetPath = url.pathname.slice('/token'.length) || '/';
    const answer = await one.token({ path: url.pathname, targetPath, headers: [FORM], body: '' }, settings);
    const errors = ['invalid_request', 'invalid_client'];
    assert.ok(errors.includes(String(answer.json.error)), `${name}: ${answer.status} ${answer.text}`);
  }
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

must('8414-3.2-empty', async () => {
  const emptyIn = (metadata: Readonly<Record<string, unknown>>) =>
    Object.entries(metadata).flatMap(([name, value]) =>
      value === '' || value === null || (Array.isArray(value) && value.length === 0) ? [name] : [],
    );
  assert.deepEqual(emptyIn(await metadataOf(withAuthorization())), []);
  // Without an authorization end point there is no response type; §2 requires the member all the same.
  const settings = { grantTypes: ['client_credentials'], clientCredentialsIn: { header: false, body: true } };
  assert.deepEqual(emptyIn(await metadataOf(system, settings)), ['response_types_supported']);
});

must('8414-3.3-issuer', async () => {
  const { json } = await get();
  const issuer = new URL(String(json.issuer));
  assert.equal(
    `${issuer.origin}/.well-known/oauth-authorization-server${issuer.pathname}`,
    `https://api.example.com${PATH}`,
  );
});

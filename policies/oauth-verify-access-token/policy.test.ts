import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOAuthSystem, FORM } from '#test/support/oauth';
import { oauthVerifyAccessToken } from './policy.ts';
import { schema } from './schema.ts';

const system = createOAuthSystem();
const client = system.registry.register();
const bearer = (token: string) => ['Authorization', `Bearer ${token}`] as const;

test('settings left out take the documented defaults', () => {
  assert.deepEqual(schema.parse({}), {
    tokenIn: ['header'],
    scopes: [],
    scopeMatch: 'all',
    issuer: 'own',
    foreign: {
      ...{
        issuer: '',
        check: 'jwks',
        introspectionUrl: '',
        clientId: '',
        clientSecret: '',
        jwksUri: '',
        audience: '',
        typ: 'at+jwt',
        clockSkewMs: 30_000,
      },
      algorithms: ['ES256', 'RS256'],
    },
    audience: [],
    revocationCheck: 'bounded',
    requireActiveSubscription: true,
    removeToken: true,
    realm: '',
    headerName: 'Authorization',
    headerPrefix: 'Bearer',
    queryParameter: 'access_token',
    bodyParameter: 'access_token',
  });
  for (const bad of [{ tokenIn: [] }, { tokenIn: ['header', 'header'] }, { realm: '"' }, { headerName: 'Host' }]) {
    assert.equal(schema.safeParse(bad).success, false, JSON.stringify(bad));
  }
});

test('the token does not reach the target, and every other byte does', async () => {
  const token = await system.getToken(client);
  const other = ['X-Trace', '1'] as const;
  const inHeader = await system.call({ headers: [other, bearer(token)] });
  assert.deepEqual(inHeader.message.request.headers.raw, [...other]);

  const settings = { tokenIn: ['query', 'body'] };
  for (const [before, after] of [
    [`access_token=${token}`, ''],
    [`a=%zz&access_token=${token}&b=+%20`, 'a=%zz&b=+%20'],
    [`access_token=${token}&&x`, '&x'],
    [`x&access%5Ftoken=${token}`, 'x'],
    [`a=1&b=2&access_token=${token}&`, 'a=1&b=2&'],
    [`xaccess_token=1&access_token=${token}`, 'xaccess_token=1'],
  ] as const) {
    const inQuery = await system.call({ query: before }, settings);
    assert.deepEqual([inQuery.status, inQuery.message.request.query], [200, after], before);
    const inBody = await system.call({ method: 'POST', headers: [FORM], body: before }, settings);
    assert.deepEqual([inBody.status, inBody.message.body.toString()], [200, after], before);
  }
  const bytes = Buffer.concat([Buffer.from([0xff, 0x3d, 0xfe, 0x26]), Buffer.from(`access_token=${token}`)]);
  const binary = await system.call({ method: 'POST', headers: [FORM], body: bytes }, settings);
  assert.deepEqual([...binary.message.body], [0xff, 0x3d, 0xfe]);
});

test('the token stays when the policy says so', async () => {
  const token = await system.getToken(client);
  const { message } = await system.call({ headers: [bearer(token)] }, { removeToken: false });
  assert.deepEqual(message.request.headers.raw, [...bearer(token)]);
});

test('a refused call names where a token was seen though not looked for', async () => {
  const token = await system.getToken(client);
  const inQuery = await system.call({ query: `access_token=${token}` });
  assert.deepEqual(
    [inQuery.code, inQuery.facts.foundIn, inQuery.facts.lookedIn],
    ['token_missing', 'query', ['header']],
  );
  const inHeader = await system.call({ headers: [bearer(token)] }, { tokenIn: ['query'] });
  assert.deepEqual([inHeader.code, inHeader.facts.foundIn], ['token_missing', 'header']);
  const scheme = await system.call({ headers: [['Authorization', `Token ${token}`]] });
  assert.deepEqual(
    [scheme.code, scheme.facts.scheme, scheme.facts.expected],
    ['token_scheme_wrong', 'Token', 'Bearer'],
  );
  const bare = await system.call({ headers: [['Authorization', token]] });
  assert.equal(bare.code, 'token_scheme_wrong');
  for (const { facts } of [inQuery, inHeader, scheme, bare]) assert.ok(!JSON.stringify(facts).includes(token));
});

test('another header, prefix and parameter name can be set', async () => {
  const token = await system.getToken(client);
  const bare = { headerName: 'X-Token', headerPrefix: '' };
  assert.equal((await system.call({ headers: [['x-token', token]] }, bare)).status, 200);
  const backend = await system.call(
    {
      headers: [
        ['Authorization', 'Basic eDp5'],
        ['X-Token', token],
      ],
    },
    bare,
  );
  assert.deepEqual(
    backend.message.request.headers.raw,
    ['Authorization', 'Basic eDp5'],
    "the target's own field stays",
  );
  assert.equal((await system.call({ query: `t=${token}` }, { tokenIn: ['query'], queryParameter: 't' })).status, 200);
});

test('a form body over 64 KiB is refused where bodies are read, and left alone where not', async () => {
  const token = await system.getToken(client);
  const large = { method: 'POST', headers: [FORM, bearer(token)], body: `x=${'y'.repeat(70_000)}` };
  assert.equal((await system.call(large, { tokenIn: ['header', 'body'] })).code, 'body_too_large');
  assert.equal((await system.call(large)).status, 200);
});

test('what later policies may want to know stands on the whiteboard, and the record names the caller', async () => {
  const parameters = [{ name: 'Department', value: 'Engineering' }];
  const token = await system.getToken(client, { scope: 'orders:read' }, { additionalParameters: parameters });
  const { message } = await system.callWith(token);
  const attributes = message.whiteboard.get('accesstoken');
  assert.deepEqual(attributes?.scopes, ['orders:read']);
  assert.deepEqual(attributes?.parameters, { Department: 'Engineering' });
  assert.equal(message.whiteboard.get('authentication.subject.id'), client.clientId);
  assert.equal(message.whiteboard.get('oauth.client.details')?.consumerKey, client.consumerKey);
  assert.equal(message.whiteboard.get('api.product.name'), 'shop-1');
  assert.equal(message.caller?.clientId, client.clientId);
  assert.equal(message.caller?.tokenPrefix, attributes?.prefix);
});

test('the record names the caller of a call that is refused for its standing', async () => {
  const other = system.registry.register();
  const token = await system.getToken(other);
  system.registry.changeClient(other.clientId, { active: false });
  assert.equal((await system.callWith(token)).message.caller?.clientId, other.clientId);
});

test('a call passes without a promise when its token is remembered', async () => {
  const token = await system.getToken(client);
  await system.callWith(token);
  const { createMessage } = await import('#test/support/message');
  const { proxyRequest } = system.compile(oauthVerifyAccessToken, {});
  assert.equal(proxyRequest?.(createMessage({ headers: [bearer(token)] })), undefined);
});

test('the card says where and what', () => {
  assert.equal(
    oauthVerifyAccessToken.summarize(schema.parse({ tokenIn: ['query'], scopes: ['a', 'b'], scopeMatch: 'any' })),
    'token in query; any of a b',
  );
});

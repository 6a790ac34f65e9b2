import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema } from '#policies/oauth-verify-access-token/schema';
import { type Claims, createTestSigner, signWithSecret, unsecured } from '#test/support/assertion';
import { createOAuthSystem } from '#test/support/oauth';

const IDP = 'https://idp.example';
const foreign = { issuer: IDP, jwksUri: `${IDP}/jwks`, audience: 'orders' };
const settings = { issuer: 'foreign', foreign, requireActiveSubscription: false };

async function start() {
  const signer = await createTestSigner();
  const state = { jwks: signer.jwks, calls: 0, status: 200 };
  const system = createOAuthSystem({
    answerEgress: () => {
      state.calls += 1;
      return { status: state.status, body: state.jwks };
    },
  });
  const now = Math.floor(system.clock.now() / 1000);
  const sign = (change: Claims = {}, header: Readonly<Record<string, unknown>> = {}) =>
    signer.sign(
      { iss: IDP, sub: 'anna', aud: ['account', 'orders'], exp: now + 600, iat: now, scope: 'orders:read', ...change },
      { typ: 'at+jwt', ...header },
    );
  return { system, signer, state, now, sign };
}

test('RFC 9068 §4: a foreign issuer’s JWT lets a call through, with its subject and scopes', async () => {
  const { system, sign } = await start();
  const answer = await system.callWith(await sign({ client_id: 'web' }), { ...settings, scopes: ['orders:read'] });
  assert.equal(answer.status, 200);
  const { whiteboard, caller } = answer.message;
  assert.equal(whiteboard.get('authentication.subject.id'), 'anna');
  assert.deepEqual(whiteboard.get('accesstoken')?.scopes, ['orders:read']);
  assert.deepEqual([caller, answer.facts.issuer, answer.facts.foreignClient], [undefined, IDP, 'web']);
  const refused = await system.callWith(await sign(), { ...settings, scopes: ['orders:write'] });
  assert.deepEqual([refused.status, refused.code], [403, 'scope_missing']);
});

test('what is not as the policy says is refused as invalid_token', async () => {
  const { system, signer, now, sign } = await start();
  const other = await createTestSigner();
  const whole = { iss: IDP, sub: 'anna', aud: 'orders', exp: now + 600 };
  const tricks: Readonly<Record<string, string>> = {
    'alg none': `${unsecured(whole)}AA`,
    'by a secret': await signWithSecret(whole, signer.jwks),
    'signed by somebody else': await other.sign(whole, { typ: 'at+jwt' }),
    'other issuer': await sign({ iss: `${IDP}/` }),
    'other audience': await sign({ aud: 'account' }),
    'no audience': await sign({ aud: undefined }),
    'ID token': await sign({}, { typ: 'JWT' }),
    'no typ': await sign({}, { typ: undefined }),
    expired: await sign({ exp: now - 31 }),
    'not yet valid': await sign({ nbf: now + 31 }),
    'no end': await sign({ exp: undefined }),
    'no subject': await sign({ sub: undefined }),
    jku: await sign({}, { jku: 'https://evil.example' }),
    'unknown kid': await sign({}, { kid: 'other' }),
  };
  for (const [name, token] of Object.entries(tricks)) {
    const { status, code, header } = await system.callWith(token, settings);
    assert.deepEqual([status, code], [401, 'token_foreign'], name);
    assert.match(header('www-authenticate') ?? '', /error="invalid_token"/, name);
  }
  assert.equal((await system.callWith('opaque-token', settings)).code, 'token_malformed');
});

test('an algorithm that is not in the list is refused though the key would fit', async () => {
  const { system, sign } = await start();
  const strict = { ...settings, foreign: { ...foreign, algorithms: ['RS256'] } };
  assert.equal((await system.callWith(await sign(), strict)).facts.cause, 'algorithm');
});

test('the clock of the issuer may be off by the skew, and the verdict ends with the token', async () => {
  const { system, sign, now } = await start();
  const token = await sign({ exp: now + 10, nbf: now + 20 });
  assert.equal((await system.callWith(token, settings)).status, 200);
  system.clock.advance(39_000);
  assert.equal((await system.callWith(token, settings)).status, 200);
  system.clock.advance(2_000);
  assert.equal((await system.callWith(token, settings)).facts.cause, 'expired');
});

test('a key that its issuer takes back ends within minutes', async () => {
  const { system, state, sign } = await start();
  const token = await sign({ exp: Math.floor(system.clock.now() / 1000) + 86_400 });
  assert.equal((await system.callWith(token, settings)).status, 200);
  state.jwks = (await createTestSigner('ES256', 'key-2')).jwks;
  system.clock.advance(300_000);
  assert.equal((await system.callWith(token, settings)).status, 200, 'the set is still fresh');
  system.clock.advance(301_000);
  assert.equal((await system.callWith(token, settings)).code, 'token_foreign');
});

test('keys that cannot be had are a 503, not a refused token', async () => {
  const { system, state, sign } = await start();
  state.status = 500;
  const answer = await system.callWith(await sign(), settings);
  assert.deepEqual([answer.status, answer.code], [503, 'key_set_unavailable']);
  await system.callWith(await sign(), settings);
  assert.equal(state.calls, 1);
});

test('one issuer’s token does for no policy of another, nor for one with another audience', async () => {
  const { system, sign } = await start();
  const token = await sign();
  assert.equal((await system.callWith(token, settings)).status, 200);
  const elsewhere = { ...settings, foreign: { ...foreign, audience: 'billing' } };
  assert.equal((await system.callWith(token, elsewhere)).code, 'token_foreign');
  const own = await system.callWith(token, {});
  assert.equal(own.code, 'token_unknown');
});

test('a foreign issuer needs its settings, and no subscription', () => {
  const issues = (value: object) => schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];
  assert.deepEqual(issues(settings), []);
  assert.deepEqual(issues({ issuer: 'foreign' }), [
    'requireActiveSubscription',
    'foreign.issuer',
    'foreign.jwksUri',
    'foreign.audience',
  ]);
  assert.deepEqual(issues({ ...settings, foreign: { ...foreign, algorithms: ['HS256'] } }), ['foreign.algorithms.0']);
  assert.deepEqual(issues({ ...settings, foreign: { ...foreign, jwksUri: 'http://idp.example/' } }), [
    'foreign.jwksUri',
  ]);
});

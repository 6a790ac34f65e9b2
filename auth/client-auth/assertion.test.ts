import assert from 'node:assert/strict';
import { createPublicKey, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Claims, createTestSigner, signWithSecret, unsecured } from '#test/support/assertion';
import { createOAuthSystem, type OAuthOptions } from '#test/support/oauth';

const ISSUER = 'https://api.example.com/token';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const JWKS_URI = 'https://client.example/jwks';

/** A system with one client that signs assertions with its private key. */
async function start(algorithm = 'ES256', options: OAuthOptions = {}) {
  const system = createOAuthSystem(options);
  const signer = await createTestSigner(algorithm);
  const client = system.registry.register({ client: { authMethod: 'private_key_jwt', jwks: signer.jwks } });
  const now = Math.floor(system.clock.now() / 1000);
  const claims = (change: Claims = {}): Claims => ({
    ...{ iss: client.consumerKey, sub: client.consumerKey, aud: ISSUER },
    ...{ exp: now + 60, iat: now, jti: randomUUID() },
    ...change,
  });
  const post = (assertion: string, more: Readonly<Record<string, string>> = {}) =>
    system.postForm({
      ...{ grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion: assertion },
      ...more,
    });
  return { system, signer, client, now, claims, post };
}

for (const algorithm of ['ES256', 'RS256', 'PS256', 'EdDSA'])
  test(`RFC 7523 §2.2: a client proves itself by a JWT of ${algorithm}, with and without client_id`, async () => {
    const { signer, client, claims, post } = await start(algorithm);
    assert.equal((await post(await signer.sign(claims()))).status, 200);
    assert.equal((await post(await signer.sign(claims()), { client_id: client.consumerKey })).status, 200);
  });

test('RFC 7523 §3: a jti is taken once, also after the assertion could be forgotten too early', async () => {
  const { system, signer, claims, post } = await start();
  const assertion = await signer.sign(claims());
  assert.equal((await post(assertion)).status, 200);
  const again = await post(assertion);
  assert.deepEqual([again.status, again.json.error, again.facts.fault], [401, 'invalid_client', 'replayed']);
  system.clock.advance(85_000);
  await system.store.purge(system.clock.now(), 1000);
  assert.equal((await post(assertion)).facts.fault, 'replayed');
  system.clock.advance(6_000);
  assert.equal((await post(assertion)).facts.fault, 'expired');
});

test('two clients may use the same jti', async () => {
  const { system, signer, claims, post } = await start();
  const other = system.registry.register({ client: { authMethod: 'private_key_jwt', jwks: signer.jwks } });
  const jti = 'same';
  assert.equal((await post(await signer.sign(claims({ jti })))).status, 200);
  const theirs = claims({ jti, iss: other.consumerKey, sub: other.consumerKey });
  assert.equal((await post(await signer.sign(theirs))).status, 200);
});

test('assertions that are not as they must be are refused, and none gives a 500', async () => {
  const { system, signer, client, now, claims, post } = await start();
  const other = await createTestSigner();
  const secret = createPublicKey({ key: signer.publicJwk as never, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  const without = (name: string) => Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
  const tricks: Readonly<Record<string, [assertion: string, fault: string]>> = {
    'alg none': [`${unsecured(claims())}AA`, 'algorithm'],
    'public key as secret': [await signWithSecret(claims(), String(secret)), 'algorithm'],
    'consumer secret though registered for a key': [await signWithSecret(claims(), client.secret), 'algorithm'],
    'key of somebody else': [await other.sign(claims()), 'signature'],
    'unknown kid': [await signer.sign(claims(), { kid: 'other' }), 'key'],
    'huge kid': [await signer.sign(claims(), { kid: 'k'.repeat(300) }), 'header'],
    'kid of another type': [await signer.sign(claims(), { kid: 5 }), 'header'],
    jku: [await signer.sign(claims(), { jku: 'https://evil.example' }), 'header'],
    x5u: [await signer.sign(claims(), { x5u: 'https://evil.example' }), 'header'],
    x5c: [await signer.sign(claims(), { x5c: ['MIIB'] }), 'header'],
    'embedded key': [await other.sign(claims(), { jwk: other.publicJwk }), 'header'],
    'typ of an access token': [await signer.sign(claims(), { typ: 'at+jwt' }), 'type'],
    'typ of no text': [await signer.sign(claims(), { typ: 5 }), 'type'],
    expired: [await signer.sign(claims({ exp: now - 31 })), 'expired'],
    'no exp': [await signer.sign(without('exp')), 'claim'],
    'exp far away': [await signer.sign(claims({ exp: now + 7200 })), 'life'],
    'exp beyond all numbers': [await signer.sign(claims({ exp: 1e300 })), 'life'],
    'nbf ahead': [await signer.sign(claims({ nbf: now + 300 })), 'not_yet'],
    'iat ahead': [await signer.sign(claims({ iat: now + 300 })), 'not_yet'],
    'iat long ago': [await signer.sign(claims({ iat: now - 7200 })), 'life'],
    'no jti': [await signer.sign(without('jti')), 'claim'],
    'empty jti': [await signer.sign(claims({ jti: '' })), 'claim'],
    'long jti': [await signer.sign(claims({ jti: 'j'.repeat(257) })), 'claim'],
    'jti of a number': [await signer.sign(claims({ jti: 5 })), 'claim'],
    'iss of somebody else': [await signer.sign(claims({ iss: 'gwk_0000000000000000' })), 'issuer'],
    'no iss': [await signer.sign(without('iss')), 'issuer'],
    'aud missing': [await signer.sign(without('aud')), 'audience'],
    'aud of the token end point of another project': [await signer.sign(claims({ aud: `${ISSUER}2` })), 'audience'],
    'aud with a slash more': [await signer.sign(claims({ aud: `${ISSUER}/` })), 'audience'],
    'aud as a list of one': [await signer.sign(claims({ aud: [ISSUER] })), 'audience'],
    'aud as a list with others': [await signer.sign(claims({ aud: [ISSUER, 'https://evil.example'] })), 'audience'],
  };
  for (const [name, [assertion, fault]] of Object.entries(tricks)) {
    const answer = await post(assertion);
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client'], name);
    assert.equal(answer.facts.fault, fault, `${name}: ${answer.facts.detail}`);
  }
  assert.equal((await system.store.sizes()).once, 0, 'nothing that was refused is remembered');
});

test('what is no JWT at all is refused without a 500', async () => {
  const { claims, post } = await start();
  const [, body] = unsecured(claims()).split('.');
  const head = (text: string) => Buffer.from(text).toString('base64url');
  for (const assertion of [
    'x',
    'a.b.c',
    `..`,
    `${head('{}')}.${body}.AA`,
    `${head('null')}.${body}.AA`,
    'é.é.é',
    `${head('[')}.${body}.AA`,
    'a'.repeat(20_000),
  ]) {
    const { status } = await post(assertion);
    assert.ok(status === 400 || status === 401, `${assertion.slice(0, 20)}: ${status}`);
  }
});

test('client_secret_jwt: HS256 with a consumer secret that is kept readable, whichever of them', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register({ client: { authMethod: 'client_secret_jwt' } });
  const seal = (secret: string) => Buffer.from(secret).toString('base64');
  system.registry.changeSecret(client.consumerKey, { sealed: seal(client.secret) });
  const second = system.registry.addSecret(client.consumerKey);
  system.registry.changeSecret(client.consumerKey, { sealed: seal(second) }, 1);
  const now = Math.floor(system.clock.now() / 1000);
  const post = async (secret: string) =>
    system.postForm({
      ...{ grant_type: 'client_credentials', client_assertion_type: TYPE },
      client_assertion: await signWithSecret(
        { iss: client.consumerKey, sub: client.consumerKey, aud: ISSUER, exp: now + 60, jti: randomUUID() },
        secret,
      ),
    });
  assert.equal((await post(client.secret)).status, 200);
  assert.equal((await post(second)).status, 200);
  assert.equal(system.registry.secretsUsed.length, 2);
  assert.equal((await post('gws_wrong-but-long-enough-for-the-algorithm')).facts.fault, 'signature');
  system.registry.changeSecret(client.consumerKey, { active: false }, 1);
  assert.equal((await post(second)).status, 401);
});

test('decision 3: an assertion does for no client that is registered for something else', async () => {
  const { system, signer, claims, post } = await start();
  for (const authMethod of ['client_secret', 'client_secret_basic', 'none', 'tls_client_auth'] as const) {
    const client = system.registry.register({ client: { authMethod, jwks: signer.jwks } });
    const own = { iss: client.consumerKey, sub: client.consumerKey };
    assert.equal((await post(await signer.sign(claims(own)))).status, 401, authMethod);
    assert.equal((await post(await signWithSecret(claims(own), client.secret))).status, 401, authMethod);
  }
});

test('an unknown client is told the same as one with a wrong assertion', async () => {
  const { signer, claims, post } = await start();
  const other = await createTestSigner();
  const unknown = await post(await signer.sign(claims({ iss: 'gwk_none', sub: 'gwk_none' })));
  const wrong = await post(await other.sign(claims()));
  assert.deepEqual([unknown.status, unknown.json.error_description], [wrong.status, wrong.json.error_description]);
});

test('a client with a jwks_uri: its keys are fetched through the way out; without an answer it is told to come again', async () => {
  const signer = await createTestSigner();
  let isDown = false;
  const answerEgress = () => (isDown ? { status: 500, body: '' } : { status: 200, body: signer.jwks });
  const { system, claims, post } = await start('ES256', { answerEgress });
  const register = (jwksUri: string) => {
    const { consumerKey } = system.registry.register({ client: { authMethod: 'private_key_jwt', jwksUri } });
    return { iss: consumerKey, sub: consumerKey };
  };
  assert.equal((await post(await signer.sign(claims(register(JWKS_URI))))).status, 200);
  isDown = true;
  const answer = await post(await signer.sign(claims(register('https://other.example/jwks'))));
  assert.deepEqual([answer.status, answer.code], [503, 'key_set_unavailable']);
});

test('RFC 8414 §2: metadata name the methods and the algorithms of assertions', async () => {
  const { system } = await start();
  const path = '/.well-known/oauth-authorization-server/token';
  const { json } = await system.token({ method: 'GET', path, targetPath: path });
  const methods = json.token_endpoint_auth_methods_supported as string[];
  assert.ok(['private_key_jwt', 'client_secret_jwt'].every((method) => methods.includes(method)));
  assert.deepEqual(json.token_endpoint_auth_signing_alg_values_supported, [
    'ES256',
    'RS256',
    'PS256',
    'EdDSA',
    'HS256',
  ]);
  assert.equal(json.jwks_uri, `${ISSUER}/jwks`);
});

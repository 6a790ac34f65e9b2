import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { SIGNING_ALGORITHMS } from '#core/signing-keys';
import type { TokenStore } from '#core/token-store';
import { createOAuthSystem } from '#test/support/oauth';

const JWT = { accessTokenFormat: 'jwt' };
const ISSUER = 'https://api.example.com/token';
const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A system that counts what the store is asked, with one client and its JWT. */
async function start() {
  let asked = 0;
  const wrapStore = (store: TokenStore): TokenStore =>
    Object.assign(Object.create(store), {
      findAccess: (hash: string, now: number) => {
        asked += 1;
        return store.findAccess(hash, now);
      },
    });
  const system = createOAuthSystem({ wrapStore });
  const client = system.registry.register();
  const token = await system.getToken(client, { scope: 'orders:read' }, JWT);
  const jwks = async () => {
    const answer = await system.token({ method: 'GET', path: '/token/jwks', targetPath: '/jwks' });
    assert.deepEqual([answer.status, answer.header('content-type')], [200, 'application/jwk-set+json']);
    return answer.json as unknown as JSONWebKeySet;
  };
  return { system, client, token, jwks, asked: () => asked };
}

for (const signingAlgorithm of SIGNING_ALGORITHMS)
  test(`RFC 9068 §2: an access token by ${signingAlgorithm} is one that others can check`, async () => {
    const { system, client, jwks } = await start();
    const token = await system.getToken(client, { scope: 'orders:read' }, { ...JWT, signingAlgorithm });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await jwks()), {
      ...{ issuer: ISSUER, audience: 'https://api.example.com', typ: 'at+jwt', algorithms: [signingAlgorithm] },
      currentDate: new Date(system.clock.now()),
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    });
    assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid', 'typ']);
    assert.equal(payload.sub, client.consumerKey);
    assert.equal(payload.client_id, client.consumerKey);
    assert.equal(payload.scope, 'orders:read');
    assert.equal((await system.callWith(token)).status, 200);
  });

test('RFC 9068 §3: the audience of a JWT is the resource that was asked for', async () => {
  const { system, client } = await start();
  const resource = 'https://api.example.com/orders';
  const token = await system.getToken(client, { resource }, JWT);
  assert.equal(decodeJwt(token).aud, resource);
  assert.equal((await system.callWith(token)).status, 200);
  const other = await system.getToken(client, { resource: 'https://other.example/' }, JWT);
  const refused = await system.callWith(other);
  assert.deepEqual([refused.status, refused.code], [401, 'token_audience']);
  assert.equal((await system.callWith(other, { audience: ['https://other.example'] })).status, 200);
});

test('two JWTs of one second differ, and each is revoked by itself', async () => {
  const { system, client, token } = await start();
  const other = await system.getToken(client, { scope: 'orders:read' }, JWT);
  assert.notEqual(other, token);
  assert.notEqual(decodeJwt(other).jti, decodeJwt(token).jti);
});

test('the keys are published without a private member', async () => {
  const { jwks } = await start();
  const { keys } = await jwks();
  assert.ok(keys.length > 0);
  for (const key of keys)
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(name in key), `${key.kid} has ${name}`);
});

test('a JWT that no key of ours signed is refused without asking the store', async () => {
  const { system, token, jwks, asked } = await start();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const head = decodeProtectedHeader(token) as { alg: string; kid: string; typ: string };
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (otherHead: object, body = payload) => {
    const text = `${part(otherHead)}.${body}`;
    const key = { key: mine.privateKey, dsaEncoding: 'ieee-p1363' as const };
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };
  const { keys } = await jwks();
  const own = keys.find(({ kid }) => kid === head.kid);
  const asSecret = createPublicKey({ key: own as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const confused = `${part({ ...head, alg: 'HS256' })}.${payload}`;
  const claims = decodeJwt(token);
  const tricks: Readonly<Record<string, string>> = {
    'alg none': `${part({ ...head, alg: 'none' })}.${payload}.${signature}`,
    'public key as secret': `${confused}.${createHmac('sha256', asSecret).update(confused).digest('base64url')}`,
    'other algorithm of the same key': `${part({ ...head, alg: 'RS256' })}.${payload}.${signature}`,
    'other key under our kid': signed(head),
    'unknown kid': signed({ ...head, kid: 'kid_other' }),
    'huge kid': signed({ ...head, kid: 'k'.repeat(3000) }),
    'no kid': signed({ alg: 'ES256', typ: 'at+jwt' }),
    'kid of another type': signed({ ...head, kid: { $ne: 1 } }),
    'kid of a path': signed({ ...head, kid: '../../dev/null' }),
    jku: signed({ ...head, jku: 'https://evil.example/jwks' }),
    'embedded key': signed({ ...head, jwk: mine.publicKey.export({ format: 'jwk' }) }),
    x5u: signed({ ...head, x5u: 'https://evil.example/cert' }),
    crit: signed({ ...head, crit: ['exp'] }),
    'other typ': signed({ ...head, typ: 'JWT' }),
    'claims changed': `${header}.${part({ ...claims, scope: 'orders:write' })}.${signature}`,
    'header is no JSON': `${part('{"alg"')}.${payload}.${signature}`,
    'header is a list': `${part('[1]')}.${payload}.${signature}`,
    'signature of DER': `${header}.${payload}.${sign('sha256', Buffer.from(`${header}.${payload}`), mine.privateKey).toString('base64url')}`,
    'short signature': `${header}.${payload}.AA`,
  };
  for (const [name, trick] of Object.entries(tricks)) {
    const answer = await system.callWith(trick);
    assert.deepEqual([answer.status, answer.code], [401, 'token_unknown'], name);
  }
  for (const malformed of ['a.b', 'a.b.c.d', `${token}.`, `.${payload}.${signature}`, `x.${'y'.repeat(9000)}.z`])
    assert.equal((await system.callWith(malformed)).code, 'token_malformed', malformed.slice(0, 20));
  assert.equal(asked(), 0);
});

test('a signature written differently is no other token', async () => {
  const { system, token } = await start();
  // The last character of 64 bytes carries 4 bits that decoders ignore.
  const last = token.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = token.slice(0, -1) + alphabet[alphabet.indexOf(last) ^ 1];
  assert.equal((await system.callWith(twin)).code, 'token_unknown');
});

test('decision 7: standing of a JWT is looked at like that of any token', async () => {
  const { system, client, token } = await start();
  assert.equal((await system.callWith(token)).status, 200);
  system.registry.changeClient(client.clientId, { active: false });
  assert.equal((await system.callWith(token)).code, 'client_disabled');
  system.registry.changeClient(client.clientId, { active: true, generation: 2 });
  assert.equal((await system.callWith(token)).code, 'token_revoked');
});

test('a JWT ends when it says so, without tolerance', async () => {
  const { system, client, token } = await start();
  const { exp = 0 } = decodeJwt(token);
  system.clock.advance(exp * 1000 - system.clock.now() + 1000);
  assert.equal((await system.callWith(token)).code, 'token_expired');
  assert.ok(client);
});

test('made-up JWTs of an address are refused before their signature is checked, once there were too many', async () => {
  const system = createOAuthSystem({ missesPerSecond: 1 });
  const head = part({ alg: 'ES256', kid: 'kid_ES256', typ: 'at+jwt' });
  const codes = new Set<string | undefined>();
  for (let i = 0; i < 12; i += 1) codes.add((await system.callWith(`${head}.${part({ i })}.AAAA`)).code);
  assert.deepEqual([...codes], ['token_unknown', 'gateway_busy']);
});

import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { after } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { CALLBACK, grantCode, VERIFIER } from '../support/oauth-grants.ts';
import { openOAuthOverHttp } from '../support/oauth-http.ts';
import { must } from './must.ts';

// JWT access tokens: how they are issued, and what the resource server refuses.

const JWT = { accessTokenFormat: 'jwt' };
const system = await openOAuthOverHttp();
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register();
const credentials = { client_id: client.consumerKey, client_secret: client.secret };

const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const partsOf = (token: string) => token.split('.') as [header: string, payload: string, signature: string];

/** A JWT like ours, signed with a key by ES256. */
function forge(header: object, payload: object, key: KeyObject): string {
  const signed = `${part(header)}.${part(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Refused as RFC 6750 §3.1 has it, and nothing fails. */
async function assertRefused(token: string, why: string): Promise<void> {
  const { status, header } = await system.callWith(token);
  assert.equal(status, 401, why);
  assert.match(header('www-authenticate') ?? '', /error="invalid_token"/, why);
}

function ourKey(): { readonly kid: string; readonly privateKey: KeyObject } {
  const key = system.signingKeys.current('ES256');
  assert.ok(key !== undefined);
  return key;
}

must('9068-2.1-signed', async () => {
  for (const signingAlgorithm of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
    const token = await system.getToken(client, {}, { ...JWT, signingAlgorithm });
    assert.equal(decodeProtectedHeader(token).alg, signingAlgorithm);
    assert.ok(partsOf(token)[2].length > 60);
  }
});

must('9068-2.1-typ', async () => {
  assert.equal(decodeProtectedHeader(await system.getToken(client, {}, JWT)).typ, 'at+jwt');
});

must('9068-2.2-claims', async () => {
  const claims = decodeJwt(await system.getToken(client, {}, JWT));
  for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'])
    assert.ok(claims[name] !== undefined, name);
  assert.equal(claims.iss, 'https://api.example.com/token');
  assert.equal(claims.sub, client.consumerKey, '§2.2: the client, where no resource owner is involved');
});

must('9068-2.2.1-auth-time', async () => {
  const signedInAt = Math.floor(system.clock.now() / 1000);
  const { code } = await grantCode(system, client);
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await system.postForm({ ...form, ...credentials }, JWT);
  assert.equal(decodeJwt(String(json.access_token)).auth_time, signedInAt);
  system.clock.advance(60_000);
  const refresh = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) };
  const next = await system.postForm({ ...refresh, ...credentials }, JWT);
  assert.equal(decodeJwt(String(next.json.access_token)).auth_time, signedInAt);
});

must('9068-2.2.3-scope', async () => {
  const token = await system.getToken(client, { scope: 'orders:read nothing' }, JWT);
  assert.equal(decodeJwt(token).scope, 'orders:read');
});

must('9068-3-resource', async () => {
  const resource = 'https://api.example.com/orders';
  assert.equal(decodeJwt(await system.getToken(client, { resource }, JWT)).aud, resource);
});

must('9068-4-typ', async () => {
  const claims = decodeJwt(await system.getToken(client, {}, JWT));
  const { kid, privateKey } = ourKey();
  for (const typ of ['JWT', 'logout+jwt', undefined])
    await assertRefused(forge({ ...(typ && { typ }), alg: 'ES256', kid }, claims, privateKey), String(typ));
});

must('9068-4-iss-aud', async () => {
  const elsewhere = await system.getToken(client, { resource: 'https://elsewhere.example/' }, JWT);
  await assertRefused(elsewhere, 'another audience');
  const claims = decodeJwt(await system.getToken(client, {}, JWT));
  const { kid, privateKey } = ourKey();
  const header = { typ: 'at+jwt', alg: 'ES256', kid };
  await assertRefused(forge(header, { ...claims, iss: 'https://evil.example' }, privateKey), 'another issuer');
  await assertRefused(
    forge(header, { ...claims, aud: ['https://elsewhere.example/', claims.aud] }, privateKey),
    'a list',
  );
});

must('9068-4-signature', async () => {
  const token = await system.getToken(client, {}, JWT);
  assert.equal((await system.callWith(token)).status, 200);
  const [header, payload, signature] = partsOf(token);
  const { kid, privateKey } = ourKey();
  const claims = decodeJwt(token);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = other.publicKey.export({ format: 'jwk' });
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const hmacHead = part({ typ: 'at+jwt', alg: 'HS256', kid });
  const hmac = createHmac('sha256', publicPem).update(`${hmacHead}.${payload}`).digest('base64url');
  const tricks: Readonly<Record<string, string>> = {
    'alg none': `${part({ typ: 'at+jwt', alg: 'none', kid })}.${payload}.`,
    'alg None with the signature': `${part({ typ: 'at+jwt', alg: 'None', kid })}.${payload}.${signature}`,
    'the public key as a secret': `${hmacHead}.${payload}.${hmac}`,
    'another key under our kid': forge({ typ: 'at+jwt', alg: 'ES256', kid }, claims, other.privateKey),
    'a key of its own in the header': forge({ typ: 'at+jwt', alg: 'ES256', jwk }, claims, other.privateKey),
    'a key set of its own': forge(
      { typ: 'at+jwt', alg: 'ES256', kid, jku: 'https://evil.example' },
      claims,
      other.privateKey,
    ),
    'an unknown crit': forge({ typ: 'at+jwt', alg: 'ES256', kid, crit: ['x'], x: 1 }, claims, privateKey),
    'a huge kid': forge({ typ: 'at+jwt', alg: 'ES256', kid: 'k'.repeat(6000) }, claims, other.privateKey),
    'a kid that is a path': forge({ typ: 'at+jwt', alg: 'ES256', kid: '../../etc/passwd' }, claims, other.privateKey),
    'more scopes under the signature': `${header}.${part({ ...claims, scope: 'admin' })}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'a fourth part': `${token}.x`,
  };
  for (const [why, trick] of Object.entries(tricks)) await assertRefused(trick, why);
});

must('9068-4-exp', async () => {
  const token = await system.getToken(client, {}, JWT);
  system.clock.advance(3_600_000);
  await assertRefused(token, 'its time is over');
  const claims = decodeJwt(await system.getToken(client, {}, JWT));
  const { kid, privateKey } = ourKey();
  const future = { ...claims, iat: (claims.iat ?? 0) + 86_400, exp: (claims.exp ?? 0) + 86_400 };
  await assertRefused(
    forge({ typ: 'at+jwt', alg: 'ES256', kid }, future, privateKey),
    'one from the future was never issued',
  );
});

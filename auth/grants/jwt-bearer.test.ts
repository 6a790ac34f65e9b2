import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Claims, createTestSigner, signWithSecret } from '#test/support/assertion';
import { createOAuthSystem } from '#test/support/oauth';

const ISSUER = 'https://api.example.com/token';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TRUSTED = 'https://idp.example';

async function start() {
  const signer = await createTestSigner();
  const system = createOAuthSystem({ answerEgress: () => ({ status: 200, body: signer.jwks }) });
  const client = system.registry.register();
  const settings = {
    grantTypes: [GRANT],
    trustedIssuers: [{ issuer: TRUSTED, jwksUri: `${TRUSTED}/jwks`, algorithms: ['ES256'] }],
  };
  const now = Math.floor(system.clock.now() / 1000);
  const claims = (change: Claims = {}): Claims => ({
    ...{ iss: TRUSTED, sub: 'anna', aud: ISSUER, exp: now + 60, iat: now, jti: randomUUID() },
    ...change,
  });
  const post = (assertion: string, more: Readonly<Record<string, string>> = {}) =>
    system.postForm(
      {
        ...{ grant_type: GRANT, assertion },
        ...{ client_id: client.consumerKey, client_secret: client.secret },
        ...more,
      },
      settings,
    );
  return { system, signer, client, claims, post, now };
}

test('RFC 7523 §2.1: the JWT of a trusted issuer is a grant; the token is of its subject, without refresh token', async () => {
  const { system, signer, claims, post } = await start();
  const answer = await post(await signer.sign(claims()), { scope: 'orders:read' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.refresh_token, undefined);
  const called = await system.callWith(String(answer.json.access_token));
  assert.equal(called.status, 200);
  assert.equal(called.message.whiteboard.get('authentication.subject.id'), `${TRUSTED}#anna`);
});

test('RFC 7523 §3.1: what is not as it must be is invalid_grant', async () => {
  const { signer, client, claims, post, now } = await start();
  const other = await createTestSigner();
  const assertions: Readonly<Record<string, string>> = {
    'issuer not trusted': await signer.sign(claims({ iss: 'https://other.example' })),
    'issuer with a slash more': await signer.sign(claims({ iss: `${TRUSTED}/` })),
    'no issuer': await signer.sign(claims({ iss: undefined })),
    'signed by somebody else': await other.sign(claims()),
    'signed with the consumer secret': await signWithSecret(claims(), client.secret),
    'no subject': await signer.sign(claims({ sub: undefined })),
    'subject of a number': await signer.sign(claims({ sub: 5 })),
    'long subject': await signer.sign(claims({ sub: 's'.repeat(256) })),
    'for somebody else': await signer.sign(claims({ aud: 'https://api.example.com/other' })),
    'for several': await signer.sign(claims({ aud: [ISSUER, 'https://other.example'] })),
    expired: await signer.sign(claims({ exp: now - 60 })),
    'too long a life': await signer.sign(claims({ exp: now + 86_400 })),
    'no jti': await signer.sign(claims({ jti: undefined })),
    'an access token': await signer.sign(claims(), { typ: 'at+jwt' }),
    'no JWT': 'nothing',
  };
  for (const [name, assertion] of Object.entries(assertions)) {
    const answer = await post(assertion);
    assert.deepEqual([answer.status, answer.json.error, answer.facts.cause], [400, 'invalid_grant', 'assertion'], name);
  }
});

test('an assertion is a grant once, and is not used up by a request that is refused for its scope', async () => {
  const { signer, claims, post } = await start();
  const assertion = await signer.sign(claims());
  assert.equal((await post(assertion, { scope: 'nothing' })).json.error, 'invalid_scope');
  assert.equal((await post(assertion)).status, 200);
  const again = await post(assertion);
  assert.deepEqual([again.json.error, again.facts.fault], ['invalid_grant', 'replayed']);
});

test('a subject that was disabled gets no token, and the grant is off until it is ticked', async () => {
  const { system, signer, client, claims, post } = await start();
  system.registry.changeSubject(`${TRUSTED}#anna`, { active: false });
  assert.equal((await post(await signer.sign(claims()))).json.error, 'invalid_grant');
  const form = { grant_type: GRANT, client_id: client.consumerKey, client_secret: client.secret };
  const off = await system.postForm({ ...form, assertion: await signer.sign(claims()) });
  assert.equal(off.json.error, 'unsupported_grant_type');
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { sha256Hex } from '#core/credential';
import { type Claims, createTestSigner, signWithSecret, unsecured } from '../support/assertion.ts';
import { openOAuthOverHttp, type WireAnswer } from '../support/oauth-http.ts';
import { must } from './must.ts';

// JWTs as client authentication and as grant. What each rule says holds for both: each is sent both ways.

const ISSUER = 'https://api.example.com/token';
const TRUSTED = 'https://idp.example';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SETTINGS = {
  grantTypes: [GRANT, 'client_credentials'],
  trustedIssuers: [{ issuer: TRUSTED, jwksUri: `${TRUSTED}/jwks`, algorithms: ['ES256'] }],
};

const signer = await createTestSigner();
const stranger = await createTestSigner();
const system = await openOAuthOverHttp({ answerEgress: () => ({ status: 200, body: signer.jwks }) });
after(() => system[Symbol.asyncDispose]());
const client = system.registry.register({ client: { authMethod: 'private_key_jwt', jwks: signer.jwks } });
const other = system.registry.register({ client: { authMethod: 'private_key_jwt', jwks: stranger.jwks } });
const caller = system.registry.register();
const now = Math.floor(system.clock.now() / 1000);

/** How a JWT is sent: what is right in it, the request, and the error that the specification has for it. */
interface Use {
  readonly name: string;
  readonly iss: string;
  readonly sub: string;
  readonly refused: readonly [status: number, error: string];
  send(jwt: string, more?: Readonly<Record<string, string>>): Promise<WireAnswer>;
}

const AUTHENTICATION: Use = {
  name: 'client authentication',
  iss: client.consumerKey,
  sub: client.consumerKey,
  refused: [401, 'invalid_client'],
  send: (jwt, more = {}) => {
    const proof = { client_assertion_type: TYPE, client_assertion: jwt };
    return system.postForm({ grant_type: 'client_credentials', ...proof, ...more }, SETTINGS);
  },
};
const BEARER: Use = {
  name: 'grant',
  iss: TRUSTED,
  sub: 'anna',
  refused: [400, 'invalid_grant'],
  send: (jwt, more = {}) => {
    const credentials = { client_id: caller.consumerKey, client_secret: caller.secret };
    return system.postForm({ grant_type: GRANT, assertion: jwt, ...credentials, ...more }, SETTINGS);
  },
};
const USES = [AUTHENTICATION, BEARER];

/** Claims as they must be, but for the change. */
function claimsOf({ iss, sub }: Use, change: Claims = {}): Claims {
  return { iss, sub, aud: ISSUER, exp: now + 60, iat: now, jti: randomUUID(), ...change };
}

/** Both uses refuse each of the changes, and take the JWT without. */
async function refusesEach(changes: readonly Claims[]): Promise<void> {
  for (const use of USES) {
    const good = await use.send(await signer.sign(claimsOf(use)));
    assert.equal(good.status, 200, `${use.name}: ${good.text}`);
    for (const change of changes) assertRefused(use, await use.send(await signer.sign(claimsOf(use, change))), change);
  }
}

function assertRefused({ name, refused }: Use, answer: WireAnswer, change: unknown): void {
  assert.deepEqual([answer.status, answer.json.error], refused, `${name}: ${JSON.stringify(change)}`);
}

must('7523-2.1-grant', async () => {
  for (const assertion of ['', `${await signer.sign(claimsOf(BEARER))} ${await signer.sign(claimsOf(BEARER))}`]) {
    const { status, json } = await BEARER.send(assertion);
    assert.deepEqual([status, json.error], [400, assertion === '' ? 'invalid_request' : 'invalid_grant']);
  }
  const { status, json } = await BEARER.send(await signer.sign(claimsOf(BEARER)));
  assert.deepEqual([status, json.token_type, json.refresh_token], [200, 'Bearer', undefined]);
});

must('7523-2.1-authenticate', async () => {
  const jwt = await signer.sign(claimsOf(BEARER));
  const answer = await BEARER.send(jwt, { client_secret: 'wrong' });
  assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
  assert.equal((await BEARER.send(jwt)).status, 200, 'the assertion was not used up');
});

must('7523-2.2-type', async () => {
  const jwt = await signer.sign(claimsOf(AUTHENTICATION));
  for (const type of ['urn:ietf:params:oauth:client-assertion-type:saml2-bearer', GRANT, '']) {
    const answer = await AUTHENTICATION.send(jwt, { client_assertion_type: type });
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], type);
  }
  const two = `${jwt} ${await signer.sign(claimsOf(AUTHENTICATION))}`;
  assertRefused(AUTHENTICATION, await AUTHENTICATION.send(two), 'two of them');
  assert.equal((await AUTHENTICATION.send(jwt)).status, 200);
});

must('7523-2.2-one', async () => {
  const jwt = await signer.sign(claimsOf(AUTHENTICATION));
  const answer = await AUTHENTICATION.send(jwt, { client_id: client.consumerKey, client_secret: client.secret });
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
});

must('7523-2.2-client-id', async () => {
  const jwt = await signer.sign(claimsOf(AUTHENTICATION));
  const answer = await AUTHENTICATION.send(jwt, { client_id: other.consumerKey });
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request']);
  assert.equal((await AUTHENTICATION.send(jwt, { client_id: client.consumerKey })).status, 200);
});

must('7523-3-iss', () =>
  refusesEach([{ iss: undefined }, { iss: '' }, { iss: 5 }, { iss: 'https://other.example' }, { iss: `${TRUSTED}/` }]),
);

must('7523-3-sub', () => refusesEach([{ sub: undefined }, { sub: '' }, { sub: 5 }]));

must('7523-3-sub-client', async () => {
  for (const named of [{ sub: other.consumerKey }, { iss: other.consumerKey }, { sub: 'gwk_0000000000000000' }]) {
    const answer = await AUTHENTICATION.send(await signer.sign(claimsOf(AUTHENTICATION, named)));
    assertRefused(AUTHENTICATION, answer, named);
  }
});

must('7523-3-aud', () =>
  refusesEach([
    ...[{ aud: undefined }, { aud: '' }, { aud: 5 }, { aud: `${ISSUER}/` }, { aud: `${ISSUER}2` }],
    ...[{ aud: ISSUER.toUpperCase() }, { aud: 'https://api.example.com' }, { aud: [] }],
    ...[{ aud: ['https://other.example'] }, { aud: [ISSUER, 'https://other.example'] }],
  ]),
);

must('7523-3-exp', async () => {
  await refusesEach([{ exp: undefined }, { exp: 'tomorrow' }, { exp: now - 31 }, { exp: 0 }, { exp: -1 }]);
  await refusesEach([{ exp: now + 7200 }, { exp: 1e300 }]);
});

must('7523-3-nbf', () => refusesEach([{ nbf: now + 300 }, { nbf: 'today' }]));

must('7523-3-iat', () => refusesEach([{ iat: now + 300 }, { iat: now - 7200 }, { iat: 'now' }]));

must('7523-3-jti', async () => {
  await refusesEach([{ jti: undefined }, { jti: '' }, { jti: 5 }]);
  for (const use of USES) {
    const jwt = await signer.sign(claimsOf(use));
    const both = await Promise.all([use.send(jwt), use.send(jwt)]);
    const statuses = both.map(({ status }) => status).sort((a, b) => a - b);
    assert.deepEqual(statuses, [200, use.refused[0]], `${use.name}: one of two at once`);
    assertRefused(use, await use.send(jwt), 'again');
  }
});

must('7523-3-other', async () => {
  for (const use of USES) {
    const more = { email: 'anna@example.com', 'https://claims.example/x': { y: [1] }, client_id: other.consumerKey };
    const answer = await use.send(await signer.sign(claimsOf(use, more)));
    assert.equal(answer.status, 200, use.name);
    const { clientId } = use === BEARER ? caller : client;
    const token = await system.store.findAccess(sha256Hex(String(answer.json.access_token)), system.clock.now());
    assert.ok(token.state === 'live');
    assert.equal(token.token.clientId, clientId, 'client_id in a JWT names nobody');
  }
});

must('7523-3-signed', async () => {
  for (const use of USES) {
    const good = await signer.sign(claimsOf(use));
    const [header, , signature] = good.split('.');
    const payload = Buffer.from(JSON.stringify(claimsOf(use, { scope: 'more' }))).toString('base64url');
    const forged = {
      unsecured: unsecured(claimsOf(use)),
      'by somebody else': await stranger.sign(claimsOf(use)),
      'by the public key as a secret': await signWithSecret(claimsOf(use), signer.jwks),
      'by the secret of the client': await signWithSecret(claimsOf(use), caller.secret),
      'with another payload': `${header}.${payload}.${signature}`,
      'without signature': good.slice(0, good.lastIndexOf('.') + 1),
      'with a key that it brings': await stranger.sign(claimsOf(use), { jwk: stranger.publicJwk }),
      'with a key from elsewhere': await stranger.sign(claimsOf(use), { jku: 'https://evil.example/jwks' }),
    };
    for (const [name, jwt] of Object.entries(forged)) assertRefused(use, await use.send(jwt), name);
    assert.equal((await use.send(good)).status, 200);
  }
});

must('7523-3-valid', async () => {
  for (const use of USES) {
    const jwt = await signer.sign(claimsOf(use));
    const nested = Buffer.from(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM' })).toString('base64url');
    for (const bad of ['nothing', 'a.b.c', '..', `${jwt}.x`, `${nested}.a.b.c.d`])
      assertRefused(use, await use.send(bad), bad);
    for (const header of [{ typ: 'at+jwt' }, { kid: 'k'.repeat(300) }, { kid: 'other' }])
      assertRefused(use, await use.send(await signer.sign(claimsOf(use), header)), header);
  }
});

must('7523-3.1-description', async () => {
  const answer = await BEARER.send(await stranger.sign(claimsOf(BEARER)));
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);
  assert.equal(answer.header('cache-control'), 'no-store');
});

must('7523-3.2-description', async () => {
  const answer = await AUTHENTICATION.send(await stranger.sign(claimsOf(AUTHENTICATION)));
  assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
  assert.equal(answer.header('cache-control'), 'no-store');
});

must('7523-5-rs256', async () => {
  const rsa = await createTestSigner('RS256');
  const { consumerKey } = system.registry.register({ client: { authMethod: 'private_key_jwt', jwks: rsa.jwks } });
  const use = { ...AUTHENTICATION, iss: consumerKey, sub: consumerKey };
  assert.equal((await use.send(await rsa.sign(claimsOf(use)))).status, 200);
});

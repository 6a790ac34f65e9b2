import assert from 'node:assert/strict';
import { oauthTokenEndpoint as tokenEndpoint } from '#policies/oauth-token-endpoint/policy';
import type { Registered } from '../support/client-registry.ts';
import { basic, createOAuthSystem, FORM } from '../support/oauth.ts';
import { must } from './must.ts';

// The token end point and the client credentials grant.

const system = createOAuthSystem();
const client = system.registry.register();
const GRANT = 'grant_type=client_credentials';
const inForm = ({ consumerKey, secret }: Registered) => `client_id=${consumerKey}&client_secret=${secret}`;
const post = (body: string, headers: readonly (readonly [string, string])[] = []) =>
  system.token({ headers: [FORM, ...headers], body });
const withBasic = (body: string, { consumerKey, secret }: Registered = client) =>
  post(body, [basic(consumerKey, secret)]);

must('6749-2.3-one-method', async () => {
  const header = basic(client.consumerKey, client.secret);
  for (const body of [`${GRANT}&${inForm(client)}`, `${GRANT}&client_secret=${client.secret}`]) {
    const answer = await post(body, [header]);
    assert.deepEqual([answer.status, answer.json.error, answer.facts.problem], [400, 'invalid_request', 'two_methods']);
  }
  const assertion = await post(`${GRANT}&${inForm(client)}&client_assertion=x.y.z`);
  assert.equal(assertion.json.error, 'invalid_request');
  const other = await post(`${GRANT}&client_id=gwk_another`, [header]);
  assert.equal(other.json.error, 'invalid_request', 'two clients');
  const same = await post(`${GRANT}&client_id=${client.consumerKey}`, [header]);
  assert.equal(same.status, 200, 'the id alone proves nothing, so it is no second method');
});

must('6749-2.3.1-basic', async () => {
  assert.equal((await withBasic(GRANT)).status, 200);
  const [, value] = basic(client.consumerKey, client.secret);
  assert.equal((await post(GRANT, [['authorization', value.replace('Basic', 'bASIC')]])).status, 200);
});

must('6749-2.3.1-form-encoding', async () => {
  const encoded = [...client.consumerKey].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
  const value = Buffer.from(`${encoded}:${client.secret}`).toString('base64');
  assert.equal((await post(GRANT, [['Authorization', `Basic ${value}`]])).status, 200);
  const broken = Buffer.from(`%zz:${client.secret}`).toString('base64');
  assert.equal((await post(GRANT, [['Authorization', `Basic ${broken}`]])).status, 401);
});

must('6749-2.3.1-query', async () => {
  const answer = await system.token({ query: `${GRANT}&${inForm(client)}` });
  assert.deepEqual([answer.status, answer.json.error, answer.facts.problem], [400, 'invalid_request', 'in_query']);
  const idOnly = await system.token({ query: `${GRANT}&client_id=${client.consumerKey}` });
  assert.equal(idOnly.json.error, 'invalid_client');
});

must('6749-2.3.1-brute-force', async () => {
  const guarded = createOAuthSystem({ limits: { failedAuthPerMinute: 3 } });
  const victim = guarded.registry.register();
  const attempt = (secret: string, address: string) =>
    guarded.token({ headers: [FORM], body: `${GRANT}&${inForm({ ...victim, secret })}`, address });
  for (let i = 0; i < 3; i += 1) assert.equal((await attempt('wrong', '192.0.2.66')).status, 401);
  const limited = await attempt(victim.secret, '192.0.2.66');
  assert.deepEqual([limited.status, limited.code], [429, 'client_auth_limited']);
  assert.ok(Number(limited.header('retry-after')) > 0);
  assert.equal((await attempt(victim.secret, '192.0.2.1')).status, 200, 'the owner elsewhere is not locked out');
  guarded.clock.advance(60_000);
  assert.equal((await attempt(victim.secret, '192.0.2.66')).status, 200);
});

must('6749-3.1-empty', async () => {
  assert.equal((await withBasic(`${GRANT}&scope=`)).status, 200);
  assert.equal((await withBasic(`${GRANT}&client_secret=&client_id=`)).status, 200);
  assert.equal((await withBasic('grant_type=')).facts.problem, 'missing');
});

must('6749-3.2-post', async () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await system.token({ method, query: GRANT, headers: [basic(client.consumerKey, client.secret)] });
    assert.deepEqual([answer.status, answer.header('allow')], [405, 'POST'], method);
  }
});

must('6749-3.2-unrecognized', async () => {
  assert.equal((await withBasic(`${GRANT}&whatever=x&__proto__=y&constructor=z`)).status, 200);
});

must('6749-3.2-repeated', async () => {
  for (const body of [`${GRANT}&${GRANT}`, `${GRANT}&scope=&scope=orders:read`, `${GRANT}&x=1&%78=2`]) {
    const answer = await withBasic(body);
    assert.deepEqual([answer.json.error, answer.facts.problem], ['invalid_request', 'twice'], body);
  }
  const inQuery = await system.token({ query: `${GRANT}&${GRANT}` });
  assert.equal(inQuery.facts.problem, 'twice');
  const both = await system.token({ query: GRANT, headers: [FORM], body: `grant_type=password&${inForm(client)}` });
  assert.equal(both.facts.problem, 'different');
  const same = await system.token({ query: GRANT, headers: [FORM], body: `${GRANT}&${inForm(client)}` });
  assert.equal(same.status, 200, 'as the seeds send it');
});

must('6749-3.2.1-authenticate', async () => {
  for (const body of [GRANT, `${GRANT}&client_id=${client.consumerKey}`]) {
    const answer = await post(body);
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client'], body);
  }
});

must('6749-3.3-scope-answer', async () => {
  const some = await withBasic(`${GRANT}&scope=orders:read+unknown`);
  assert.equal(some.json.scope, 'orders:read');
  const none = await withBasic(GRANT);
  assert.equal(none.json.scope, 'orders:read orders:write');
  const same = await withBasic(`${GRANT}&scope=orders:write`);
  assert.equal(same.json.scope, undefined);
});

must('6749-3.3-scope-default', async () => {
  const flagged = system.registry.register({
    subscription: {
      scopes: [
        { scope: 'a', default: true },
        { scope: 'b', default: false },
      ],
    },
  });
  assert.equal((await withBasic(GRANT, flagged)).json.scope, 'a');
  const scopeless = system.registry.register({ subscription: { scopes: [] } });
  const answer = await withBasic(GRANT, scopeless);
  assert.deepEqual([answer.status, answer.json.scope], [200, undefined]);
});

must('6749-4.4.2-grant-type', async () => {
  const answer = await withBasic('');
  assert.deepEqual([answer.status, answer.json.error, answer.facts.parameter], [400, 'invalid_request', 'grant_type']);
});

must('6749-4.4.2-authenticate', async () => {
  const wrong = system.registry.register();
  for (const [secret, cause] of [
    ['wrong', 'wrong_secret'],
    [`${wrong.secret.slice(0, -1)}${wrong.secret.endsWith('0') ? '1' : '0'}`, 'secret_checksum'],
    [client.secret, 'wrong_secret'],
  ] as const) {
    const answer = await post(`${GRANT}&${inForm({ ...wrong, secret })}`);
    assert.deepEqual([answer.status, answer.json.error, answer.facts.cause], [401, 'invalid_client', cause]);
  }
  const unknown = await post(`${GRANT}&${inForm({ ...wrong, consumerKey: 'gwk_0000000000000000' })}`);
  const known = await post(`${GRANT}&${inForm({ ...wrong, secret: 'x' })}`);
  assert.equal(unknown.text, known.text, 'nobody learns whether a client exists');
});

must('6749-4.4.3-answer', async () => {
  const answer = await withBasic(GRANT);
  assert.equal(answer.status, 200);
  assert.equal(answer.header('content-type'), 'application/json');
  const { access_token: token, token_type: type, expires_in: expiresIn, refresh_token: refresh } = answer.json;
  assert.match(String(token), /^[0-9A-Za-z]{54}$/);
  assert.deepEqual([type, expiresIn, refresh], ['Bearer', 3600, undefined]);
});

must('6749-5.1-no-store', async () => {
  const answer = await withBasic(GRANT);
  assert.deepEqual([answer.header('cache-control'), answer.header('pragma')], ['no-store', 'no-cache']);
});

must('6749-5.2-form', async () => {
  for (const [body, error] of [
    [`${GRANT}&x=%zz`, 'invalid_request'],
    ['grant_type=password', 'unsupported_grant_type'],
    [`${GRANT}&scope=nothing`, 'invalid_scope'],
  ] as const) {
    const answer = await withBasic(body);
    assert.deepEqual([answer.status, answer.json.error], [400, error]);
    assert.equal(answer.header('content-type'), 'application/json');
    assert.equal(answer.header('cache-control'), 'no-store');
  }
});

must('6749-5.2-invalid-request', async () => {
  const json = await system.token({ headers: [['Content-Type', 'application/json']], body: '{}' });
  const untyped = await system.token({ body: `${GRANT}&${inForm(client)}` });
  const zipped = await system.token({ headers: [FORM, ['Content-Encoding', 'gzip']], body: GRANT });
  const many = await withBasic(`${GRANT}&${Array.from({ length: 32 }, (_, i) => `p${i}=1`).join('&')}`);
  const twoHeaders = await post(GRANT, [basic(client.consumerKey, client.secret), basic('a', 'b')]);
  for (const answer of [json, untyped, zipped, many, twoHeaders]) {
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], JSON.stringify(answer.facts));
  }
  const charset = await system.token({
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8']],
    body: `${GRANT}&${inForm(client)}`,
  });
  assert.equal(charset.status, 200);
  const huge = await withBasic(`${GRANT}&x=${'y'.repeat(70_000)}`);
  assert.equal(huge.status, 413);
});

must('6749-5.2-invalid-client', async () => {
  const bearer = ['Authorization', 'Bearer x'] as const;
  for (const header of [basic(client.consumerKey, 'x'), ['Authorization', 'Basic ###'] as const, bearer]) {
    const answer = await post(GRANT, [header]);
    assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client']);
    assert.match(answer.header('www-authenticate') ?? '', /^Basic realm="/);
  }
});

must('6749-5.2-unsupported-grant-type', async () => {
  for (const grantType of ['password', 'implicit', 'CLIENT_CREDENTIALS', 'x'.repeat(5000)]) {
    const answer = await withBasic(`grant_type=${grantType}`);
    assert.deepEqual([answer.status, answer.json.error], [400, 'unsupported_grant_type']);
  }
});

must('6749-5.2-invalid-scope', async () => {
  for (const scope of ['unknown', '%22', '%5C', 'orders:read++orders:write', '%C3%A9']) {
    const answer = await withBasic(`${GRANT}&scope=${scope}`);
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_scope'], scope);
  }
  const all = await system.token(
    {
      headers: [FORM, basic(client.consumerKey, client.secret)],
      body: `${GRANT}&scope=orders:read+unknown`,
    },
    { scopeMatch: 'all' },
  );
  assert.equal(all.json.error, 'invalid_scope');
});

must('6749-5.2-description-characters', async () => {
  const answers = [
    await withBasic('grant_type="\\é'),
    await withBasic(`${GRANT}&scope=%22`),
    await post(`${GRANT}&client_id=%22%0a&client_secret=x`),
  ];
  for (const { json } of answers) {
    assert.match(String(json.error), /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
    assert.match(String(json.error_description), /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  }
});

must('6749-10.10-guessing', async () => {
  const tokens = new Set<string>();
  for (let i = 0; i < 50; i += 1) tokens.add(await system.getToken(client, {}, { accessTokenLength: 22 }));
  assert.equal(tokens.size, 50);
  for (const token of tokens) assert.match(token, /^[0-9A-Za-z]{22}$/); // 22 × log2(62) > 130 bits
  assert.throws(() => system.compile(tokenEndpoint, { accessTokenLength: 21 }));
});

must('6749-10.2-impersonation', async () => {
  const rotated = system.registry.register();
  const secret = system.registry.addSecret(rotated.consumerKey);
  assert.equal((await withBasic(GRANT, rotated)).status, 200, 'the old one works until it ends');
  system.registry.changeSecret(rotated.consumerKey, { endsAt: system.clock.now() + 1000 });
  assert.equal((await withBasic(GRANT, rotated)).status, 200);
  system.clock.advance(1000);
  const ended = await withBasic(GRANT, rotated);
  assert.deepEqual([ended.status, ended.json.error, ended.facts.cause], [401, 'invalid_client', 'secret_ended']);
  assert.equal((await withBasic(GRANT, { ...rotated, secret })).status, 200);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EgressError } from '#core/egress';
import { schema } from '#policies/oauth-verify-access-token/schema';
import { createOAuthSystem } from '#test/support/oauth';

const IDP = 'https://idp.example';
const foreign = {
  ...{ check: 'introspection', issuer: IDP, introspectionUrl: `${IDP}/introspect` },
  ...{ clientId: 'gate way', clientSecret: 's3:cr%t' },
};
const settings = { issuer: 'foreign', foreign, requireActiveSubscription: false };

function start() {
  const state = {
    answer: { active: true, sub: 'anna' } as unknown,
    status: 200,
    error: undefined as Error | undefined,
  };
  const asked: { url: string; body: unknown; headers: Readonly<Record<string, string>> | undefined }[] = [];
  const system = createOAuthSystem({
    answerEgress: (url, { body, headers }) => {
      asked.push({ url, body, headers });
      if (state.error !== undefined) throw state.error;
      const { answer, status } = state;
      return { status, body: typeof answer === 'string' ? answer : JSON.stringify(answer) };
    },
  });
  const seconds = Math.floor(system.clock.now() / 1000);
  const call = (token = 'opaque.token_1', change: object = {}, more: object = {}) =>
    system.callWith(token, { ...settings, ...more, foreign: { ...foreign, ...change } });
  return { system, state, asked, seconds, call };
}

test('RFC 7662 §2.1: a foreign issuer is asked with HTTP Basic, and its active token lets a call through', async () => {
  const { state, asked, seconds, call } = start();
  state.answer = { active: true, sub: 'anna', client_id: 'web', scope: 'orders:read', iss: IDP, exp: seconds + 60 };
  const answer = await call('opaque.token_1', {}, { scopes: ['orders:read'] });
  assert.equal(answer.status, 200);
  assert.deepEqual(asked[0]?.url, `${IDP}/introspect`);
  assert.equal(asked[0]?.body, 'token=opaque.token_1&token_type_hint=access_token');
  const basic = Buffer.from('gate+way:s3%3Acr%25t').toString('base64');
  assert.equal(asked[0]?.headers?.Authorization, `Basic ${basic}`);
  const { whiteboard, caller } = answer.message;
  assert.equal(whiteboard.get('authentication.subject.id'), 'anna');
  assert.deepEqual(whiteboard.get('accesstoken')?.scopes, ['orders:read']);
  assert.deepEqual([caller, answer.facts.issuer, answer.facts.foreignClient], [undefined, IDP, 'web']);
  const refused = await call('opaque.token_1', {}, { scopes: ['orders:write'] });
  assert.deepEqual([refused.status, refused.code], [403, 'scope_missing']);
  assert.doesNotMatch(JSON.stringify([answer.facts, refused.facts]), /s3|opaque\.token/);
});

test('RFC 7662 §2.2: a token that is not active is refused as invalid_token, and the caller learns no more', async () => {
  const { state, call } = start();
  state.answer = { active: false, sub: 'anna' };
  const { status, code, header } = await call();
  assert.deepEqual([status, code], [401, 'token_inactive']);
  assert.match(header('www-authenticate') ?? '', /error="invalid_token"/);
});

test('what the answer says must fit the policy', async () => {
  const { state, seconds, call } = start();
  const cases: Readonly<Record<string, object>> = {
    issuer: { iss: `${IDP}/` },
    audience: { aud: ['billing'] },
    expired: { exp: seconds - 31 },
    not_yet: { nbf: seconds + 31 },
    claim: { exp: 'soon' },
  };
  for (const [cause, change] of Object.entries(cases)) {
    state.answer = { active: true, sub: 'anna', aud: 'orders', ...change };
    const answer = await call(`token-${cause}`, { audience: 'orders' });
    assert.deepEqual([answer.status, answer.code, answer.facts.cause], [401, 'token_foreign', cause]);
  }
  for (const [name, change] of Object.entries({
    'no audience': { aud: undefined },
    'nobody’s': { sub: undefined },
    'bound to a certificate': { cnf: { 'x5t#S256': 'x' } },
  })) {
    state.answer = { active: true, sub: 'anna', aud: 'orders', ...change };
    assert.equal((await call(`token-${name.length}`, { audience: 'orders' })).code, 'token_foreign', name);
  }
  state.answer = { active: true, client_id: 'batch' };
  const batch = await call('token-of-a-client');
  assert.equal(batch.message.whiteboard.get('authentication.subject.id'), 'batch');
});

test('a verdict is remembered for 5 s at most, good or bad, and never past the end of the token', async () => {
  const { system, state, asked, seconds, call } = start();
  state.answer = { active: true, sub: 'anna', exp: seconds + 600 };
  for (let i = 0; i < 3; i += 1) assert.equal((await call()).status, 200);
  assert.equal(asked.length, 1);
  state.answer = { active: false };
  system.clock.advance(4_999);
  assert.equal((await call()).status, 200);
  system.clock.advance(2);
  assert.equal((await call()).code, 'token_inactive');
  assert.equal((await call()).code, 'token_inactive');
  assert.equal(asked.length, 2);
  state.answer = { active: true, sub: 'anna', exp: Math.floor(system.clock.now() / 1000) + 2 };
  assert.equal((await call('short', { clockSkewMs: 0 })).status, 200);
  system.clock.advance(3_000);
  state.answer = { active: false };
  assert.equal((await call('short', { clockSkewMs: 0 })).code, 'token_inactive', 'asked again');
  state.answer = { active: true, sub: 'anna' };
  system.clock.advance(5_001);
  assert.equal((await call()).status, 200);
});

test('calls with one token at once ask once', async () => {
  const { asked, call } = start();
  const answers = await Promise.all([call(), call(), call()]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(asked.length, 1);
});

test('an end point that is away, refuses us or answers nonsense is a 503, and nobody’s token is refused for it', async () => {
  const { state, call } = start();
  const expectAway = async (pattern: RegExp) => {
    const { status, code, facts, header, text } = await call();
    assert.deepEqual([status, code], [503, 'introspection_unavailable']);
    assert.match(String(facts.detail), pattern);
    assert.equal(header('retry-after'), '1');
    assert.doesNotMatch(text, /idp\.example|s3/);
  };
  state.status = 500;
  await expectAway(/500/);
  state.status = 401;
  await expectAway(/credentials/);
  state.status = 200;
  for (const answer of ['', '[]', '{"active":"true"}', 'null', '<html>']) {
    state.answer = answer;
    await expectAway(/no introspection/);
  }
  state.error = new EgressError('timed_out', 'No answer in time.');
  await expectAway(/in time/);
  state.error = undefined;
  state.answer = { active: true, sub: 'anna' };
  assert.equal((await call()).status, 200, 'nothing of it is remembered');
});

test('made-up tokens of one address are not passed on without end, and what is no token never', async () => {
  const { state, asked, call } = start();
  state.answer = { active: false };
  const codes = new Set<string | undefined>();
  for (let i = 0; i < 600; i += 1) codes.add((await call(`made-up-${i}`)).code);
  assert.deepEqual([...codes], ['token_inactive', 'gateway_busy']);
  assert.equal(asked.length, 500);
  for (const token of ['a"b', 'ü', 'x'.repeat(16_385)]) assert.equal((await call(token)).code, 'token_malformed');
  assert.equal(asked.length, 500);
});

test('introspection needs an address and credentials, and no key set', () => {
  const issues = (value: object) => schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];
  assert.deepEqual(issues(settings), []);
  assert.deepEqual(issues({ ...settings, foreign: { check: 'introspection' } }), [
    ...['foreign.issuer', 'foreign.introspectionUrl', 'foreign.clientId', 'foreign.clientSecret'],
  ]);
  assert.deepEqual(issues({ ...settings, foreign: { ...foreign, introspectionUrl: 'http://idp.example/' } }), [
    'foreign.introspectionUrl',
  ]);
});

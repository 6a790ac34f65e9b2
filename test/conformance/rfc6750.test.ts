import assert from 'node:assert/strict';
import { type Answer, createOAuthSystem, FORM } from '../support/oauth.ts';
import { must } from './must.ts';

// The resource server: a resource behind Verify.

const system = createOAuthSystem();
const client = system.registry.register();
const REALM = 'realm="Orders API"';
const CHALLENGE =
  /^Bearer (?:[a-z_]+="[\x20-\x21\x23-\x5B\x5D-\x7E]*")(?:, [a-z_]+="[\x20-\x21\x23-\x5B\x5D-\x7E]*")*$/;
const challengeOf = (answer: Answer) => answer.header('www-authenticate') ?? '';

must('6750-2.1-header', async () => {
  const token = await system.getToken(client);
  assert.equal((await system.callWith(token)).status, 200);
  assert.equal((await system.call({ headers: [['authorization', `bearer ${token}`]] })).status, 200);
});

must('6750-2.2-body-form', async () => {
  const body = `access_token=${await system.getToken(client)}`;
  const settings = { tokenIn: ['body'] };
  assert.equal((await system.call({ method: 'POST', headers: [FORM], body }, settings)).status, 200);
  assert.equal((await system.call({ method: 'GET', headers: [FORM], body }, settings)).status, 401);
  for (const type of ['text/plain', 'multipart/form-data; boundary=x']) {
    const answer = await system.call({ method: 'POST', headers: [['Content-Type', type]], body }, settings);
    assert.equal(answer.code, 'token_missing', type);
  }
});

must('6750-2.3-query', async () => {
  const query = `access_token=${await system.getToken(client)}`;
  const answer = await system.call({ query }, { tokenIn: ['query'] });
  assert.equal(answer.status, 200);
  assert.equal(answer.header('cache-control'), 'private', '§2.3: SHOULD carry the private option');
});

must('6750-2-twice', async () => {
  const token = await system.getToken(client);
  const header = ['Authorization', `Bearer ${token}`] as const;
  const query = `access_token=${token}`;
  const answers = [
    await system.call({ headers: [header], query }),
    await system.call({ headers: [header], query }, { tokenIn: ['header', 'query', 'body'] }),
    await system.call({ headers: [header, header] }),
    await system.call({ query: `${query}&${query}` }, { tokenIn: ['query'] }),
    await system.call({ method: 'POST', headers: [header, FORM], body: query }, { tokenIn: ['header', 'body'] }),
  ];
  for (const answer of answers) {
    assert.deepEqual([answer.status, answer.code], [400, 'token_twice']);
    assert.match(challengeOf(answer), /error="invalid_request"/);
  }
});

must('6750-3-challenge', async () => {
  const answers = [await system.call({}), await system.callWith('x'), await system.callWith('a'.repeat(54))];
  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.match(challengeOf(answer), CHALLENGE);
    assert.ok(challengeOf(answer).includes(REALM));
  }
  assert.match(challengeOf(await system.call({}, { realm: 'shop' })), /realm="shop"/);
});

must('6750-3-realm-once', async () => {
  const token = await system.getToken(client, { scope: 'orders:read' });
  const answer = await system.callWith(token, { scopes: ['orders:write', 'orders:admin'] });
  assert.equal(challengeOf(answer).split('realm=').length, 2);
  assert.equal(challengeOf(answer).split('scope="').length, 2);
  assert.match(challengeOf(answer), /scope="orders:write orders:admin"/);
});

must('6750-3-characters', async () => {
  const odd = createOAuthSystem({ displayName: 'Bestellungen für Zürich' });
  assert.match(challengeOf(await odd.call({})), /^Bearer realm="orders-api"$/);
  for (const value of ['Bearer "\\', 'Bearer \u00e9', 'Bearer a b', 'Bearer ']) {
    const answer = await system.call({ headers: [['Authorization', value]] });
    assert.equal(answer.status, 401);
    assert.match(challengeOf(answer), CHALLENGE);
  }
});

must('6750-3.1-no-credentials', async () => {
  for (const headers of [[], [['Authorization', 'Basic eDp5']], [['Authorization', 'Token x']]] as const) {
    assert.equal(challengeOf(await system.call({ headers })), `Bearer ${REALM}`);
  }
});

must('6750-3.1-invalid-request', async () => {
  const answer = await system.call({ query: 'access_token=x&access_token=y' }, { tokenIn: ['query'] });
  assert.equal(answer.status, 400);
  assert.match(challengeOf(answer), /error="invalid_request"/);
});

must('6750-3.1-invalid-token', async () => {
  const expired = await system.getToken(client, {}, { accessTokenExpiryMs: 1000 });
  const revoked = await system.getToken(client);
  const disabled = system.registry.register();
  const ofDisabled = await system.getToken(disabled);
  system.registry.changeClient(disabled.clientId, { active: false });
  const other = system.registry.register();
  const ofOther = await system.getToken(other);
  system.registry.changeClient(other.clientId, { generation: 2 });
  assert.equal((await system.callWith(revoked)).status, 200);
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(revoked).digest('hex');
  await system.store.revokeAccess(hash, { by: 'priya', at: system.clock.now(), reason: undefined });
  system.verifier.forget({ kind: 'token', hash });
  system.clock.advance(1000);
  for (const [token, code] of [
    [expired, 'token_expired'],
    [revoked, 'token_revoked'],
    [ofDisabled, 'client_disabled'],
    [ofOther, 'token_revoked'],
    ['a'.repeat(54), 'token_unknown'],
    ['a'.repeat(30), 'token_unknown'],
    ['short', 'token_malformed'],
  ] as const) {
    const answer = await system.callWith(token);
    assert.deepEqual([answer.status, answer.code], [401, code]);
    assert.match(challengeOf(answer), /error="invalid_token"/);
  }
});

must('6750-3.1-insufficient-scope', async () => {
  const token = await system.getToken(client, { scope: 'orders:read' });
  const answer = await system.callWith(token, { scopes: ['orders:write'] });
  assert.deepEqual([answer.status, answer.code], [403, 'scope_missing']);
  assert.match(challengeOf(answer), /error="insufficient_scope".*scope="orders:write"/);
  assert.equal((await system.callWith(token, { scopes: ['orders:read'] })).status, 200);
  const both = ['orders:read', 'orders:write'];
  assert.equal((await system.callWith(token, { scopes: both })).status, 403);
  assert.equal((await system.callWith(token, { scopes: both, scopeMatch: 'any' })).status, 200);
});

must('6750-4-expires', async () => {
  const token = await system.getToken(client, {}, { accessTokenExpiryMs: 2000 });
  system.clock.advance(1999);
  assert.equal((await system.callWith(token)).status, 200);
  system.clock.advance(1);
  assert.equal((await system.callWith(token)).code, 'token_expired', 'also while it is remembered');
});

must('6750-5.2-audience', async () => {
  const elsewhere = system.registry.register({ product: { projectIds: ['prj_other'] } });
  const token = await system.getToken(elsewhere);
  const answer = await system.callWith(token);
  assert.deepEqual([answer.status, answer.code], [403, 'subscription_missing']);
  const verified = await system.getToken(client);
  const purpose = { serverGroupId: 'grp_B', projectId: 'prj_A', projectName: 'x', requireActiveSubscription: true };
  assert.throws(() => system.verifier.verify(verified, purpose), { code: 'token_issuer' });
});

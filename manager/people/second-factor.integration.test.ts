import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { ADMIN, setUp, signIn } from '#test/support/console-session';
import { startTestManager } from '#test/support/running-manager';

const { password } = ADMIN;

/** A manager whose administrator has a second factor, and the app that makes its codes. */
async function start(t: TestContext) {
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined } });
  const session = await setUp(manager);
  const begun = await session.call('POST /session/second-factor', { body: { password } });
  assert.equal(begun.status, 201, begun.text);
  const app = new TOTP({ secret: Secret.fromBase32(begun.body.secret) });
  const code = () => app.generate({ timestamp: manager.clock.now() });
  const enter = (given?: string) =>
    manager.call('POST /session', { key: '', body: { ...ADMIN, ...(given !== undefined && { code: given }) } });
  return { manager, session, begun: begun.body, code, enter };
}

test('a second factor holds from its first code on; the URI is what an authenticator app reads', async (t) => {
  const { session, begun, code, enter, manager } = await start(t);
  assert.match(begun.uri, /^otpauth:\/\/totp\/Gatewright%20Harbour:anna\?/);
  assert.equal((await enter()).status, 201, 'not before it is confirmed');
  const wrong = await session.call('POST /session/second-factor/confirm', { body: { code: '000000' } });
  assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, '/code']);
  const confirmed = await session.call('POST /session/second-factor/confirm', { body: { code: code() } });
  assert.equal(confirmed.body.recoveryCodes.length, 10);
  const without = await enter();
  assert.deepEqual([without.status, without.body.code], [401, 'second_factor_needed']);
  assert.equal((await enter('000000')).body.code, 'sign_in_failed');
  manager.clock.advance(30_000);
  assert.equal((await enter(code())).status, 201);
});

test('a code works once, also when it is sent twice at a time, and an old one not at all', async (t) => {
  const { session, code, enter, manager } = await start(t);
  const first = code();
  await session.call('POST /session/second-factor/confirm', { body: { code: first } });
  assert.equal((await enter(first)).body.code, 'sign_in_failed', 'the code that confirmed it');
  manager.clock.advance(30_000);
  const next = code();
  const both = await Promise.all([enter(next), enter(next)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 401]);
  manager.clock.advance(120_000);
  assert.equal((await enter(next)).status, 401);
});

test('a recovery code works once, however it is typed, and no stored form of it can be read', async (t) => {
  const { session, code, enter } = await start(t);
  const { body } = await session.call('POST /session/second-factor/confirm', { body: { code: code() } });
  const [one, two] = body.recoveryCodes;
  assert.match(one, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  assert.equal((await enter(one.toLowerCase().replaceAll('-', ' '))).status, 201);
  assert.equal((await enter(one)).status, 401);
  assert.equal((await enter(two)).status, 201);
});

test('guessing codes ends like guessing passwords', async (t) => {
  const { session, code, enter } = await start(t);
  await session.call('POST /session/second-factor/confirm', { body: { code: code() } });
  for (let i = 0; i < 5; i += 1) assert.equal((await enter(`00000${i}`)).status, 401);
  assert.equal((await enter('000009')).status, 429);
});

test('removing it asks for the password; an administrator removes one that was lost', async (t) => {
  const { manager, session, code, enter } = await start(t);
  await session.call('POST /session/second-factor/confirm', { body: { code: code() } });
  const wrong = await session.call('DELETE /session/second-factor', { body: { password: 'not the password' } });
  assert.equal(wrong.status, 401);
  assert.equal((await session.call('GET /session')).body.user.secondFactor, true);
  assert.equal(
    (await manager.callLocally('POST /users/anna/unlock', { body: { removeSecondFactor: true } })).status,
    200,
  );
  assert.equal((await enter()).status, 201);
});

test('where a second factor is required, who has none can set one up and do nothing else', async (t) => {
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined } });
  const session = await setUp(manager);
  await session.call('PATCH /settings', { body: { requireSecondFactor: true } });
  const held = await signIn(manager, ADMIN);
  assert.equal((await held.call('GET /session')).body.mustAddSecondFactor, true);
  const refused = await held.call('GET /projects');
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
  assert.match(refused.body.detail, /second factor is required/);
  const key = await held.call('POST /management-keys', { body: { displayName: 'k', roles: [{ role: 'viewer' }] } });
  assert.equal(key.status, 422, 'nor a key that could');
  const { body } = await held.call('POST /session/second-factor', { body: { password } });
  const code = new TOTP({ secret: Secret.fromBase32(body.secret) }).generate({ timestamp: manager.clock.now() });
  await held.call('POST /session/second-factor/confirm', { body: { code } });
  assert.equal((await held.call('GET /projects')).status, 200);
});

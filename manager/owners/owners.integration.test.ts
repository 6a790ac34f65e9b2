import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { UnavailableError } from '#core/errors';
import { openOwnerDesk } from '#test/support/owner-desk';
import { type RunningManager, startTestManager } from '#test/support/running-manager';

const password = 'a long walk by the sea';
const any = { 'if-match': '*' };

async function start(t: TestContext) {
  const manager = await startTestManager(t);
  const owners = openOwnerDesk(t, manager);
  const make = async (body: object) => {
    const made = await manager.call('POST /resource-owners', { body });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  const check = (username: string, given: string, rest: { address?: string; clientId?: string } = {}) =>
    owners.checkPassword({
      ...{ directory: 'local', username, password: given, address: '192.0.2.1', clientId: 'cli_1' },
      ...rest,
    });
  return { manager, owners, make, check };
}

/** Audit trail, log and every answer about somebody, as one text. */
async function everything(manager: RunningManager): Promise<string> {
  const audit = await manager.call('GET /audit?limit=200');
  const list = await manager.call('GET /resource-owners');
  return audit.text + list.text + JSON.stringify(manager.log);
}

test('somebody of the local directory signs in, however they write their name; the password stands nowhere', async (t) => {
  const { manager, make, check } = await start(t);
  const anna = await make({ name: 'Anna.B', displayName: 'Anna B', password });
  assert.match(anna.id, /^own_/);
  const owner = { subject: anna.id, username: 'anna.b', displayName: 'Anna B', generation: 0 };
  for (const name of ['anna.b', 'ANNA.B', ' Anna.B ', '\uff41nna.b'])
    assert.deepEqual(await check(name, password), { state: 'known', owner }, name);
  const words = await everything(manager);
  assert.ok(!words.includes(password) && !words.includes('argon2id'));
});

test('an unknown name, a wrong password and a disabled one with a wrong password are one and the same', async (t) => {
  const { manager, make, check } = await start(t);
  await make({ name: 'anna', password });
  await make({ name: 'ben', password });
  await make({ name: 'nopassword' });
  assert.equal(
    (await manager.call('POST /resource-owners/ben/disable', { body: { reason: 'left' } })).body.active,
    false,
  );
  for (const [name, given] of [
    ['anna', 'not that'],
    ['nobody', password],
    ['ben', 'not that'],
    ['nopassword', password],
    ['', password],
    ['anna', ''],
    ['anna\0', password],
    ['anna', `${password}\0`],
    ['\ud800', password],
    ['a'.repeat(2000), password],
    ['anna', 'x'.repeat(5000)],
  ] as const)
    assert.deepEqual(await check(name, given), { state: 'wrong' }, name.slice(0, 10));
  assert.deepEqual(await check('ben', password), { state: 'disabled' });
  await manager.call('POST /resource-owners/ben/enable', { body: {} });
  assert.equal((await check('ben', password)).state, 'known');
});

test('who guesses has to wait, from that address only; unlocking forgets it', async (t) => {
  const { manager, make, check } = await start(t);
  await make({ name: 'anna', password });
  for (let i = 0; i < 5; i += 1) assert.equal((await check('anna', 'wrong')).state, 'wrong');
  const limited = await check('anna', password);
  assert.deepEqual(limited, { state: 'limited', retryAfterMs: 30_000 });
  assert.deepEqual(await check('ANNA', password), limited, 'another spelling is no way round');
  assert.equal((await check('anna', password, { address: '192.0.2.2' })).state, 'known');
  assert.equal(typeof (await manager.call('GET /resource-owners/anna')).body.lockedUntil, 'number');
  await manager.call('POST /resource-owners/anna/unlock', { body: {} });
  assert.equal((await check('anna', password)).state, 'known');
});

test('a new password revokes what was got under the old one; weak ones are refused', async (t) => {
  const { manager, make, check } = await start(t);
  await make({ name: 'anna', password });
  const next = 'quite another one this time';
  const set = (body: object) => manager.call('POST /resource-owners/anna/password', { body });
  for (const weak of ['short', 'anna-anna-anna', 'passwordpassword'])
    assert.equal((await set({ password: weak })).status, 422);
  assert.equal((await set({ password: next })).body.generation, 1);
  assert.equal((await check('anna', password)).state, 'wrong');
  const now = await check('anna', next);
  assert.equal(now.state === 'known' && now.owner.generation, 1);
  assert.equal((await set({ password, revokeTokens: false })).body.generation, 1);
});

test('a name is unique in its directory; with several directories it says which', async (t) => {
  const { manager, make } = await start(t);
  await make({ name: 'anna', password });
  assert.equal((await manager.call('POST /resource-owners', { body: { name: 'ANNA' } })).body.code, 'name_taken');
  assert.equal((await manager.call('POST /directories', { body: { displayName: 'Partners' } })).status, 201);
  const other = await make({ name: 'anna', directory: 'partners', password });
  const both = await manager.call('GET /resource-owners/anna');
  assert.deepEqual([both.status, both.body.code], [409, 'state_conflict']);
  assert.match(both.body.detail, /local:anna, partners:anna/);
  assert.equal((await manager.call('GET /resource-owners/partners:anna')).body.id, other.id);
  assert.equal((await manager.call(`GET /resource-owners/${other.id}`)).body.directory, 'partners');
  assert.equal((await manager.call('GET /resource-owners?directory=partners')).body.total, 1);
  const changed = await manager.call('PATCH /resource-owners/partners:anna', {
    body: { email: 'a@b.example' },
    headers: any,
  });
  assert.equal(changed.body.email, 'a@b.example', changed.text);
  assert.equal((await manager.call('DELETE /directories/partners', { headers: any })).body.code, 'in_use');
});

test('a directory that is off, of another kind or not there lets in nobody, and the manager being away is said', async (t) => {
  const { manager, owners, make, check } = await start(t);
  await make({ name: 'anna', password });
  assert.deepEqual(owners.findDirectory('local'), { name: 'local', displayName: 'Local', kind: 'local' });
  assert.equal(owners.findDirectory('elsewhere'), undefined);
  const begin = () => owners.beginExternal({ directory: 'local', redirectUri: 'https://login.example.com/external' });
  await assert.rejects(begin(), UnavailableError);
  await manager.call('PATCH /directories/local', { body: { active: false }, headers: any });
  await assert.rejects(check('anna', password), UnavailableError);
  await manager.manager.close();
  await assert.rejects(check('anna', password), UnavailableError);
});

test('two hundred sign-ins at once: those that are too many are told to come back, the rest are answered', async (t) => {
  const { make, check } = await start(t);
  await make({ name: 'anna', password });
  const tries = Array.from({ length: 200 }, (_, i) => check('anna', password, { address: `198.51.100.${i}` }));
  const done = await Promise.allSettled(tries);
  const known = done.filter((one) => one.status === 'fulfilled' && one.value.state === 'known').length;
  const away = done.filter((one) => one.status === 'rejected' && one.reason instanceof UnavailableError).length;
  assert.equal(known + away, 200);
  assert.ok(known > 0 && away > 0, String(known));
});

test('questions that are none are refused', async (t) => {
  const { manager } = await start(t);
  for (const body of [
    {},
    { ask: 'everything' },
    { ask: 'check-password', directory: 'local' },
    '[',
    { ask: 'begin-external', directory: 'local', redirectUri: 'javascript:alert(1)' },
  ]) {
    const { status } = await manager.callLocally('POST /internal/v1/resource-owners', { body });
    assert.ok(status === 400 || status === 422, String(status));
  }
  const outside = await fetch(`${manager.address}/internal/v1/resource-owners`, { method: 'POST', body: '{}' });
  assert.ok(outside.status === 404 || outside.status === 401, 'not on the listener of people');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN, sessionOf, setUp, signIn } from '#test/support/console-session';
import { startTestManager } from '#test/support/running-manager';

const options = { bootstrapToken: undefined };
const HOUR = 3_600_000;

test('the setup link makes the first administrator, signed in, exactly once of many who try at a time', async (t) => {
  const manager = await startTestManager(t, { options });
  const token = manager.setupLink?.split('/').at(-1);
  const wishes = Array.from({ length: 6 }, (_, i) => ({ ...ADMIN, name: `admin${i}`, token, teamName: `Team ${i}` }));
  const answers = await Promise.all(wishes.map((body) => manager.call('POST /setup', { key: '', body })));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409, 409, 409, 409, 409]);
  const winner = answers.find(({ status }) => status === 201);
  assert.ok(winner !== undefined);
  const session = sessionOf(manager, winner);
  const { body } = await session.call('GET /users');
  assert.deepEqual(
    [body.total, body.items[0].name, body.items[0].roles],
    [1, winner.body.user.name, [{ role: 'admin' }]],
  );
  const page = await manager.call('GET /sign-in', { key: '' });
  assert.deepEqual(page.body, { setupOpen: false, teamName: winner.body.teamName, identityProviders: [] });
});

test('the cookie of a session is out of reach for scripts, other sites and other managers of this machine', async (t) => {
  const manager = await startTestManager(t, { options });
  await setUp(manager);
  const port = new URL(manager.address).port;
  const sign = (keepSignedIn: boolean) => manager.call('POST /session', { key: '', body: { ...ADMIN, keepSignedIn } });
  const [plain] = (await sign(false)).headers.getSetCookie();
  assert.match(
    plain ?? '',
    new RegExp(`^gatewright-session-${port}=[0-9A-Za-z]{43}; Path=/; HttpOnly; SameSite=Strict$`),
  );
  const [kept] = (await sign(true)).headers.getSetCookie();
  assert.match(kept ?? '', /; SameSite=Strict; Max-Age=2592000$/);
});

test('behind TLS the cookie cannot be set by another host or a plain page', async (t) => {
  const manager = await startTestManager(t, { options: { ...options, publicUrl: 'https://gatewright.example.com' } });
  await setUp(manager);
  const [cookie] = (await manager.call('POST /session', { key: '', body: ADMIN })).headers.getSetCookie();
  assert.match(cookie ?? '', /^__Host-gatewright=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
});

test('a page on another port of this machine can do nothing with the cookie that the browser sends along', async (t) => {
  const manager = await startTestManager(t, { options });
  const session = await setUp(manager);
  const body = { displayName: 'By another page' };
  const other = 'http://127.0.0.1:1';
  const tries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'no token': { 'x-csrf-token': '' },
    'a wrong token': { 'x-csrf-token': 'f'.repeat(64) },
    'another port': { origin: other },
    'another port, and nothing else wrong': { origin: other, 'sec-fetch-site': 'same-site' },
    'an origin that the browser keeps to itself': { origin: 'null' },
    'another site, as the browser says': { 'sec-fetch-site': 'cross-site' },
    'the same site, as the browser says': { 'sec-fetch-site': 'same-site' },
  };
  for (const [what, headers] of Object.entries(tries)) {
    const answer = await session.call('POST /clients', { body, headers });
    assert.equal(answer.status, 403, what);
    assert.match(answer.body.code, /^(origin_not_allowed|csrf_token_wrong)$/, what);
  }
  const { cookie, csrfToken } = session;
  const noOrigin = await manager.call('POST /clients', {
    key: '',
    body,
    headers: { cookie, 'x-csrf-token': csrfToken },
  });
  assert.deepEqual([noOrigin.status, noOrigin.body.code], [403, 'origin_not_allowed']);
  const read = await session.call('GET /clients', { headers: { 'sec-fetch-site': 'same-site' } });
  assert.deepEqual([read.status, read.body.code], [403, 'origin_not_allowed']);
  const login = await manager.call('POST /session', {
    key: '',
    body: ADMIN,
    headers: { 'sec-fetch-site': 'same-site' },
  });
  assert.deepEqual([login.status, login.body.code], [403, 'origin_not_allowed'], 'nor sign somebody in as another');
  assert.equal((await session.call('POST /clients', { body })).status, 201);
});

test('a session that somebody prepared in the browser is not taken over at sign-in, and the one before ends', async (t) => {
  const manager = await startTestManager(t, { options });
  const first = await setUp(manager);
  const name = first.cookie.split('=')[0];
  const planted = `${name}=${'a'.repeat(43)}`;
  const answer = await manager.call('POST /session', { key: '', body: ADMIN, headers: { cookie: planted } });
  const second = sessionOf(manager, answer);
  assert.notEqual(second.cookie, planted);
  assert.equal((await manager.call('GET /session', { key: '', headers: { cookie: planted } })).status, 401);
  const third = sessionOf(
    manager,
    await manager.call('POST /session', { key: '', body: ADMIN, headers: { cookie: second.cookie } }),
  );
  assert.equal((await second.call('GET /session')).status, 401);
  assert.equal((await third.call('GET /session')).status, 200);
  const two = await manager.call('GET /session', { key: '', headers: { cookie: `${third.cookie}; ${planted}` } });
  assert.equal(two.status, 401, 'of two cookies with one name none is believed');
});

test('wrong name, wrong password and a person turned off get one answer, and each costs a hash', async (t) => {
  const manager = await startTestManager(t, { options });
  const session = await setUp(manager);
  await session.call('POST /users', { body: { name: 'ben', roles: [{ role: 'viewer' }], password: ADMIN.password } });
  await session.call('PATCH /users/ben', { body: { active: false }, headers: { 'if-match': '*' } });
  const answers = await Promise.all(
    [
      { name: 'nobody', password: ADMIN.password },
      { name: ADMIN.name, password: 'something else entirely' },
      { name: 'ben', password: ADMIN.password },
    ].map((body) => manager.call('POST /session', { key: '', body })),
  );
  const texts = answers.map(({ status, body: { requestId: _, ...rest } }) => JSON.stringify([status, rest]));
  assert.equal(new Set(texts).size, 1);
  assert.deepEqual([answers[0]?.status, answers[0]?.body.code], [401, 'sign_in_failed']);
});

test('after five wrong passwords a person is told to wait, from there only, longer each time', async (t) => {
  const manager = await startTestManager(t, { options });
  const session = await setUp(manager);
  const attempt = (password: string) =>
    manager.call('POST /session', { key: '', body: { name: ADMIN.name, password } });
  const many = await Promise.all(Array.from({ length: 9 }, (_, i) => attempt(`wrong password ${i}`)));
  assert.deepEqual(many.map(({ status }) => status).toSorted(), [401, 401, 401, 401, 401, 429, 429, 429, 429]);
  const locked = await attempt(ADMIN.password);
  assert.deepEqual([locked.status, locked.body.detail], [429, 'Too many tries. Try again in 30 s.']);
  assert.equal(locked.headers.get('retry-after'), '30');
  assert.equal((await session.call('GET /session')).status, 200, 'who is signed in stays so');
  const { body } = await session.call('GET /users/anna');
  assert.equal(body.lockedUntil, manager.clock.now() + 30_000);
  for (const wait of ['1 min', '2 min', '4 min']) {
    manager.clock.advance(15 * 60_000);
    assert.equal((await attempt('wrong again, of course')).status, 401);
    assert.match((await attempt(ADMIN.password)).body.detail, new RegExp(`in ${wait}\\.$`));
  }
  assert.equal((await session.call('POST /users/anna/unlock', { body: {} })).status, 200);
  assert.equal((await attempt(ADMIN.password)).status, 201);
});

test('a session ends when it is not used, and at the latest after its longest time', async (t) => {
  const manager = await startTestManager(t, { options });
  const idle = await setUp(manager);
  manager.clock.advance(7 * HOUR);
  assert.equal((await idle.call('GET /session')).status, 200);
  manager.clock.advance(7 * HOUR);
  const background = { headers: { 'x-background': 'true' } };
  assert.equal((await idle.call('GET /session', background)).status, 200, 'it was used seven hours ago');
  manager.clock.advance(HOUR);
  assert.equal((await idle.call('GET /session')).status, 401, 'what a page asks by itself is no use');
  const longest = await signIn(manager, ADMIN);
  for (let hours = 0; hours < 23; hours += 1) {
    manager.clock.advance(HOUR);
    assert.equal((await longest.call('GET /session')).status, 200);
  }
  manager.clock.advance(HOUR);
  assert.equal((await longest.call('GET /session')).status, 401);
});

test('another password, other roles, being turned off and signing out everywhere end sessions and personal keys at once', async (t) => {
  const manager = await startTestManager(t, { options });
  const admin = await setUp(manager);
  const ben = { name: 'ben', password: 'long enough for ben here' };
  await admin.call('POST /users', { body: { ...ben, roles: [{ role: 'designer' }] } });
  const acts: readonly [string, () => Promise<{ status: number }>][] = [
    ['roles', () => admin.call('PATCH /users/ben', { body: { roles: [{ role: 'viewer' }] }, headers: any })],
    ['turned off', () => admin.call('PATCH /users/ben', { body: { active: false }, headers: any })],
    ['signed out by an administrator', () => admin.call('POST /users/ben/sign-out', { body: {} })],
  ];
  for (const [what, act] of acts) {
    const session = await signIn(manager, ben);
    const made = await session.call('POST /management-keys', {
      body: { displayName: what, roles: [{ role: 'viewer' }] },
    });
    assert.equal(made.status, 201, made.text);
    const { key } = made.body;
    assert.equal((await manager.call('GET /projects', { key })).status, 200);
    assert.ok((await act()).status < 300, what);
    assert.equal((await session.call('GET /projects')).status, 401, `${what}: session`);
    assert.equal((await manager.call('GET /projects', { key })).status, 401, `${what}: key`);
    await admin.call('PATCH /users/ben', { body: { active: true }, headers: any });
  }
  const here = await signIn(manager, ben);
  const there = await signIn(manager, ben);
  const { key } = (
    await here.call('POST /management-keys', { body: { displayName: 'k', roles: [{ role: 'viewer' }] } })
  ).body;
  const next = 'another one, also long';
  const changed = await here.call('POST /session/password', { body: { current: ben.password, next } });
  assert.equal(changed.status, 200, changed.text);
  for (const session of [here, there]) assert.equal((await session.call('GET /session')).status, 401);
  assert.equal((await manager.call('GET /projects', { key })).status, 401);
  const renewed = sessionOf(manager, changed);
  assert.equal((await renewed.call('GET /session')).status, 200, 'who changed it goes on, in a new session');
  const elsewhere = await signIn(manager, { ...ben, password: next });
  assert.equal((await renewed.call('DELETE /session')).status, 204);
  assert.equal((await elsewhere.call('GET /session')).status, 200, 'signing out ends one session');
  assert.equal((await elsewhere.call('DELETE /session?everywhere=true')).status, 204);
  assert.equal((await elsewhere.call('GET /session')).status, 401);
});

const any = { 'if-match': '*' };

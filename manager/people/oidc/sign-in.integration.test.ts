import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ConsoleSession, setUp } from '#test/support/console-session';
import { type Claims, type OpenidProvider, startOpenidProvider } from '#test/support/openid-provider';
import { type RunningManager, startTestManager } from '#test/support/running-manager';

interface Place {
  readonly manager: RunningManager;
  readonly provider: OpenidProvider;
  readonly admin: ConsoleSession;
}

const anna: Claims = { sub: '1001', preferred_username: 'Anna.B', name: 'Anna B', email: 'anna@example.com' };
const any = { 'if-match': '*' };

async function start(t: TestContext, settings: object = {}): Promise<Place> {
  const provider = await startOpenidProvider(t);
  const outbound = { allow: [`127.0.0.1:${provider.port}`], ownPorts: [] };
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined, outbound } });
  const admin = await setUp(manager);
  const { issuer, clientId, clientSecret } = provider;
  const body = { displayName: 'Harbour ID', issuer, clientId, clientSecret, ...settings };
  const made = await admin.call('POST /identity-providers', { body });
  assert.equal(made.status, 201, made.text);
  assert.ok(!made.text.includes(clientSecret));
  return { manager, provider, admin };
}

const open = { createUsers: true, defaultRoles: [{ role: 'viewer' }] };

/** What a browser gets that asks for a page, redirects not followed. */
async function visit(url: string, cookie = '') {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  await answer.text();
  return { status: answer.status, to: answer.headers.get('location') ?? '', cookies: answer.headers.getSetCookie() };
}

const cookieOf = (fields: readonly string[], part: string) =>
  fields.find((field) => field.includes(part))?.split(';')[0] ?? '';

/** Goes to the provider and comes back; gives the callback's address and the browser's cookie before it is followed. */
async function leave({ manager }: Place, query = '') {
  const left = await visit(`${manager.address}/api/v1/sign-in/harbour-id${query}`);
  assert.equal(left.status, 303);
  const there = await visit(left.to);
  return { url: there.to, cookie: cookieOf(left.cookies, 'sign-in'), left };
}

async function enter(place: Place, query = '') {
  const { url, cookie } = await leave(place, query);
  const back = await visit(url, cookie);
  const session = cookieOf(back.cookies, 'gatewright-session');
  const ask = (path: string) => place.manager.call(`GET ${path}`, { key: '', headers: { cookie: session } });
  return { ...back, session, ask };
}

test('somebody signs in through a provider, comes back to where they wanted, and is a user with the given roles', async (t) => {
  const place = await start(t, open);
  place.provider.person = anna;
  const entered = await enter(place, '?returnTo=%2Fprojects%3Fq%3Dorders');
  assert.deepEqual([entered.status, entered.to], [303, '/projects?q=orders']);
  const { body } = await entered.ask('/session');
  assert.deepEqual(
    [body.user.name, body.user.displayName, body.user.source, body.roles],
    ['anna.b', 'Anna B', 'harbour-id', [{ role: 'viewer' }]],
  );
  const again = await enter(place);
  assert.equal((await again.ask('/session')).body.user.id, body.user.id, 'the same one at the next visit');
  const page = await place.manager.call('GET /sign-in', { key: '' });
  assert.deepEqual(page.body.identityProviders, [{ name: 'harbour-id', displayName: 'Harbour ID' }]);
});

test('after the sign-in nobody is led to another site', async (t) => {
  const place = await start(t, open);
  place.provider.person = anna;
  for (const returnTo of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/%0d%0aX: y',
  ])
    assert.match((await enter(place, `?returnTo=${encodeURIComponent(returnTo)}`)).to, /^\/(%0d%0aX: y)?$/);
});

test('roles follow the claim at each sign-in; what was made under other roles ends; nobody comes in without one', async (t) => {
  const place = await start(t, {
    createUsers: true,
    roleClaim: 'groups',
    roleMapping: [
      { value: 'ops', roles: [{ role: 'releaser', serverGroup: 'local' }] },
      { value: 'api', roles: [{ role: 'designer' }] },
    ],
  });
  place.provider.person = { ...anna, groups: ['ops', 'other'] };
  const first = await enter(place);
  assert.deepEqual((await first.ask('/session')).body.roles, [{ role: 'releaser', serverGroup: 'local' }]);
  place.provider.person = anna;
  place.provider.userInfo = { groups: ['api'] };
  const second = await enter(place);
  assert.deepEqual((await second.ask('/session')).body.roles, [{ role: 'designer' }]);
  assert.equal((await first.ask('/session')).status, 401);
  place.provider.userInfo = { groups: ['cooks'] };
  assert.equal((await enter(place)).to, '/login?problem=not_admitted');
});

test('without createUsers only those come in whom an administrator made for the provider', async (t) => {
  const place = await start(t, { defaultRoles: [{ role: 'viewer' }] });
  place.provider.person = anna;
  assert.equal((await enter(place)).to, '/login?problem=not_admitted');
  const body = { name: 'anna.b', roles: [{ role: 'operator' }], source: 'harbour-id' };
  assert.equal((await place.admin.call('POST /users', { body })).status, 201);
  assert.deepEqual((await (await enter(place)).ask('/session')).body.roles, [{ role: 'operator' }]);
  place.provider.person = { ...anna, sub: 'somebody who took the name over' };
  assert.equal((await enter(place)).to, '/login?problem=not_admitted');
  await place.admin.call('PATCH /users/anna.b', { body: { active: false }, headers: any });
  place.provider.person = anna;
  assert.equal((await enter(place)).to, '/login?problem=not_admitted');
});

test('a provider gives nobody the name, and so the rights, of somebody with a password', async (t) => {
  const place = await start(t, open);
  place.provider.person = { sub: '1', preferred_username: 'anna' };
  assert.equal((await enter(place)).to, '/login?problem=not_admitted');
});

test('an answer that is not for this browser, this sign-in or from this provider lets nobody in', async (t) => {
  const place = await start(t, open);
  place.provider.person = anna;
  const one = await leave(place);
  assert.equal((await visit(one.url)).to, '/login?problem=sign_in_expired', 'a browser that did not begin it');
  const other = await leave(place);
  assert.equal((await visit(one.url, other.cookie)).to, '/login?problem=provider_refused', 'the state of another one');
  assert.equal(
    (await visit(one.url.replace(/iss=[^&]*/, 'iss=http%3A%2F%2Fevil.example'), one.cookie)).to,
    '/login?problem=provider_refused',
  );
  const good = await leave(place);
  assert.equal((await visit(good.url, good.cookie)).to, '/');
  assert.equal((await visit(good.url, good.cookie)).to, '/login?problem=provider_refused', 'a code works once');
  const late = await leave(place);
  place.manager.clock.advance(10 * 60_000);
  assert.equal((await visit(late.url, late.cookie)).to, '/login?problem=sign_in_expired');
});

test('an ID token with a wrong nonce, audience, issuer, end or signature lets nobody in', async (t) => {
  const place = await start(t, open);
  place.provider.person = anna;
  const wrong = [
    ...[
      { nonce: 'another' },
      { aud: 'somebody-else' },
      { iss: 'http://evil.example' },
      { exp: 1_000 },
      { sub: '' },
    ].map((claims) => ({ claims })),
    { foreignKey: true },
  ];
  for (const faults of wrong) {
    place.provider.faults = faults;
    const { to, session } = await enter(place);
    assert.match(to, /^\/login\?problem=(provider_refused|not_admitted)$/, JSON.stringify(faults));
    assert.equal(session, '');
  }
});

test('a provider that this manager may not call, or that is away, is said on the sign-in page', async (t) => {
  const provider = await startOpenidProvider(t);
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined } });
  const admin = await setUp(manager);
  const { issuer, clientId, clientSecret } = provider;
  const body = { displayName: 'Harbour ID', issuer, clientId, clientSecret };
  await admin.call('POST /identity-providers', { body });
  const left = await visit(`${manager.address}/api/v1/sign-in/harbour-id`);
  assert.deepEqual([left.status, left.to], [303, '/login?problem=provider_unreachable']);
  assert.equal(provider.seen.size, 0, 'loopback is not called unless it is allowed');
  for (const issuer of ['http://login.example.com', 'https://login.example.com/?a=b', 'ftp://login.example.com'])
    assert.equal((await admin.call('POST /identity-providers', { body: { ...body, name: 'x', issuer } })).status, 422);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { UnavailableError } from '#core/errors';
import type { OwnerCheck, ResourceOwners } from '#core/resource-owner';
import { type OpenidProvider, startOpenidProvider } from '#test/support/openid-provider';
import { openOwnerDesk } from '#test/support/owner-desk';
import { type RunningManager, startTestManager } from '#test/support/running-manager';

const redirectUri = 'https://login.example.com/login/external';
const directory = 'harbour-id';
const any = { 'if-match': '*' };

interface Place {
  readonly manager: RunningManager;
  readonly provider: OpenidProvider;
  readonly owners: ResourceOwners;
}

async function start(t: TestContext, settings: object = {}): Promise<Place> {
  const provider = await startOpenidProvider(t);
  const outbound = { allow: [`127.0.0.1:${provider.port}`], ownPorts: [] };
  const manager = await startTestManager(t, { options: { outbound } });
  const { issuer, clientId, clientSecret } = provider;
  const body = { displayName: 'Harbour ID', kind: 'oidc', oidc: { issuer, clientId, clientSecret }, ...settings };
  const made = await manager.call('POST /directories', { body });
  assert.equal(made.status, 201, made.text);
  assert.ok(!made.text.includes(clientSecret));
  provider.person = { sub: '1001', preferred_username: 'Anna.B', name: 'Anna B', email: 'anna@example.com' };
  return { manager, provider, owners: openOwnerDesk(t, manager) };
}

/** Goes to the provider; gives the handle, and the query with which the browser comes back. */
async function leave({ owners }: Place) {
  const { location, handle } = await owners.beginExternal({ directory, redirectUri });
  const there = await fetch(location, { redirect: 'manual' });
  await there.text();
  const back = new URL(there.headers.get('location') ?? '');
  assert.equal(back.origin + back.pathname, redirectUri);
  return { handle, query: back.search };
}

async function signIn(place: Place): Promise<OwnerCheck> {
  return place.owners.finishExternal({ directory, redirectUri, ...(await leave(place)) });
}

test('somebody signs in at a provider and is one resource owner, whatever they are named there', async (t) => {
  const place = await start(t);
  const first = await signIn(place);
  assert.equal(first.state, 'known', JSON.stringify(first));
  const subject = first.state === 'known' ? first.owner.subject : '';
  assert.match(subject, /^own_/);
  const shown = await place.manager.call('GET /resource-owners/anna.b');
  assert.deepEqual([shown.body.id, shown.body.email, shown.body.directory], [subject, 'anna@example.com', directory]);
  place.provider.person = { sub: '1001', preferred_username: 'anna.c', name: 'Anna C' };
  const second = await signIn(place);
  assert.deepEqual(second, {
    state: 'known',
    owner: { subject, username: 'anna.c', displayName: 'Anna C', generation: 0 },
  });
});

test('a name that the provider gives to somebody else is not their account', async (t) => {
  const place = await start(t);
  const anna = await signIn(place);
  place.provider.person = { sub: '2002', preferred_username: 'anna.b', name: 'Another Anna' };
  const other = await signIn(place);
  assert.ok(anna.state === 'known' && other.state === 'known');
  assert.notEqual(anna.owner.subject, other.owner.subject);
  const before = await place.manager.call(`GET /resource-owners/${anna.owner.subject}`);
  assert.equal(before.body.name, anna.owner.subject.toLowerCase(), 'known by their id from now on');
  place.provider.person = { sub: '3003' };
  const nameless = await signIn(place);
  assert.equal(
    nameless.state === 'known' && nameless.owner.username,
    nameless.state === 'known' && nameless.owner.subject.toLowerCase(),
  );
});

/** The same text with one character inside another one. */
const changed = (text: string) => `${text.slice(0, 80)}${text[80] === 'A' ? 'B' : 'A'}${text.slice(81)}`;

test('an answer of another sign-in, another provider or another page lets nobody in', async (t) => {
  const place = await start(t);
  const { owners } = place;
  const finish = (rest: object) => owners.finishExternal({ directory, redirectUri, handle: '', query: '', ...rest });
  const one = await leave(place);
  const other = await leave(place);
  assert.deepEqual(await finish({ handle: one.handle, query: other.query }), { state: 'wrong' });
  assert.deepEqual(await finish({ ...one, handle: changed(one.handle) }), { state: 'wrong' });
  assert.deepEqual(await finish({ ...one, redirectUri: 'https://evil.example/external' }), { state: 'wrong' });
  assert.deepEqual(await finish({ ...one, query: one.query.replace(/iss=[^&]*/, 'iss=http%3A%2F%2Fevil') }), {
    state: 'wrong',
  });
  assert.deepEqual(await finish({ ...one, query: '?error=access_denied' }), { state: 'wrong' });
  for (const handle of ['', 'junk', 'AAAA', '{}'])
    assert.deepEqual(await finish({ ...one, handle }), { state: 'wrong' });
  const good = await leave(place);
  assert.equal((await finish(good)).state, 'known');
  assert.deepEqual(await finish(good), { state: 'wrong' }, 'a code works once');
  const late = await leave(place);
  place.manager.clock.advance(10 * 60_000);
  assert.deepEqual(await finish(late), { state: 'wrong' });
});

test('an ID token with a wrong nonce, audience, issuer, end or signature lets nobody in', async (t) => {
  const place = await start(t);
  const claims = [{ nonce: 'x' }, { aud: 'y' }, { iss: 'http://evil.example' }, { exp: 1000 }, { sub: '' }];
  for (const faults of [...claims.map((one) => ({ claims: one })), { foreignKey: true }]) {
    place.provider.faults = faults;
    assert.deepEqual(await signIn(place), { state: 'wrong' }, JSON.stringify(faults));
  }
  assert.equal((await place.manager.call('GET /resource-owners')).body.total, 0);
});

test('without createOwners only who was made here comes in, and nobody who is disabled', async (t) => {
  const place = await start(t, { createOwners: false });
  assert.deepEqual(await signIn(place), { state: 'wrong' });
  const made = await place.manager.call('POST /resource-owners', { body: { name: 'anna.b', directory } });
  const known = await signIn(place);
  assert.equal(known.state === 'known' && known.owner.subject, made.body.id);
  await place.manager.call('POST /resource-owners/anna.b/disable', { body: {} });
  assert.deepEqual(await signIn(place), { state: 'disabled' });
});

test('another issuer is another directory once somebody came from there; a provider that is away is said', async (t) => {
  const place = await start(t);
  const patch = (oidc: object) => place.manager.call('PATCH /directories/harbour-id', { body: { oidc }, headers: any });
  const away = 'http://127.0.0.1:9';
  assert.deepEqual((await patch({ issuer: away })).body.errors[0].pointer, '/oidc/clientSecret');
  await signIn(place);
  assert.equal((await patch({ issuer: away, clientSecret: 'b' })).body.code, 'state_conflict');
  for (const issuer of ['http://login.example.com', 'https://login.example.com/?a=b'])
    assert.equal((await patch({ issuer, clientSecret: 'b' })).status, 422);
  const body = { displayName: 'Away', kind: 'oidc', oidc: { issuer: away, clientId: 'a', clientSecret: 'b' } };
  await place.manager.call('POST /directories', { body });
  await assert.rejects(place.owners.beginExternal({ directory: 'away', redirectUri }), UnavailableError);
});

import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { OwnerQuestion } from '#core/owner-question';
import { certificateA } from '#test/support/certificate';
import { type RunningManager, startTestManager } from '#test/support/running-manager';
import { type LdapEntry, type Slapd, startSlapd } from '#test/support/slapd';

const ENTRIES: readonly LdapEntry[] = [
  { uid: 'anna', cn: 'Anna B', mail: 'anna@example.test', password: 'the sea at Whitby' },
  { uid: 'ben', cn: 'Ben C', password: 'a walk along the cliffs' },
  { uid: 'zoë', cn: 'Zoë Ü', password: 'pässwörd of Zoë' },
  { uid: "o'neill+x", cn: "O'Neill", password: 'plus and apostrophe' },
  { uid: 'nopassword', cn: 'Nobody Yet' },
];

interface Place {
  readonly manager: RunningManager;
  readonly slapd: Slapd;
}

async function start(t: TestContext, settings: (slapd: Slapd) => object): Promise<Place> {
  const slapd = await startSlapd(t, ENTRIES);
  const outbound = { allow: ['127.0.0.1', 'localhost'], ownPorts: [] };
  const manager = await startTestManager(t, { options: { outbound } });
  const body = { displayName: 'Corp', kind: 'ldap', ldap: settings(slapd) };
  const made = await manager.call('POST /directories', { body });
  assert.equal(made.status, 201, made.text);
  assert.ok(!made.text.includes(slapd.searcher.password));
  assert.ok(made.body.hasCredentials === 'bindPassword' in body.ldap);
  return { manager, slapd };
}

const searching = (slapd: Slapd) => ({
  url: `ldaps://localhost:${slapd.tlsPort}`,
  ca: slapd.ca,
  searchBase: slapd.suffix,
  searchFilter: '(|(uid={username})(mail={username}))',
  bindDn: slapd.searcher.dn,
  bindPassword: slapd.searcher.password,
});
const byTemplate = (slapd: Slapd) => ({
  url: `ldap://127.0.0.1:${slapd.port}`,
  ca: slapd.ca,
  userDn: `uid={username},${slapd.people}`,
});

async function check({ manager }: Pick<Place, 'manager'>, username: string, password: string, rest: object = {}) {
  const question: OwnerQuestion = {
    ...{ ask: 'check-password', directory: 'corp', username, password, address: '192.0.2.1', clientId: 'cli_1' },
    ...rest,
  };
  const { status, text } = await manager.callLocally('POST /internal/v1/resource-owners', { body: question });
  return status === 200 ? JSON.parse(text) : { status };
}

for (const [words, settings] of [
  ['searched for over LDAPS', searching],
  ['by a DN template over StartTLS', byTemplate],
] as const) {
  test(`somebody ${words} is one resource owner at every sign-in, with what the directory says`, async (t) => {
    const place = await start(t, settings);
    const first = await check(place, 'Anna', 'the sea at Whitby');
    assert.equal(first.state, 'known', JSON.stringify(first));
    assert.match(first.owner.subject, /^own_/);
    assert.deepEqual(
      { ...first.owner, subject: '' },
      { subject: '', username: 'anna', displayName: 'Anna B', generation: 0 },
    );
    assert.deepEqual(await check(place, 'anna', 'the sea at Whitby'), first);
    const { body } = await place.manager.call('GET /resource-owners/anna');
    assert.deepEqual([body.directory, body.email, body.hasPassword], ['corp', 'anna@example.test', false]);
    assert.equal((await check(place, 'zoë', 'pässwörd of Zoë')).owner.displayName, 'Zoë Ü');
    assert.equal((await check(place, 'ZOE\u0308', 'pässwörd of Zoë')).owner.username, 'zoë', 'another spelling');
    assert.equal((await check(place, "o'neill+x", 'plus and apostrophe')).owner.username, "o'neill+x");
  });

  test(`${words}: a wrong, empty or missing password and an unknown name are one and the same`, async (t) => {
    const place = await start(t, settings);
    for (const [username, password] of [
      ['anna', 'a wrong one'],
      ['anna', ''],
      ['nobody', 'the sea at Whitby'],
      ['nobody', ''],
      ['', 'the sea at Whitby'],
      ['nopassword', 'anything'],
      ['nopassword', ''],
    ] as const)
      assert.deepEqual(await check(place, username, password), { state: 'wrong' }, `${username} ${password}`);
    assert.equal((await place.manager.call('GET /resource-owners')).body.total, 0);
  });

  test(`${words}: no name turns the DN or the filter into another one`, async (t) => {
    const place = await start(t, settings);
    const names = ['*', 'ann*', 'anna)(uid=*', '*)(|(uid=*', 'anna,ou=people', 'anna\\', '(anna)', 'a=b', 'anna\\2a'];
    for (const [i, username] of names.entries()) {
      const address = `192.0.2.${i + 10}`;
      assert.deepEqual(await check(place, username, 'the sea at Whitby', { address }), { state: 'wrong' }, username);
    }
  });
}

test('a filter that fits several people lets in nobody', async (t) => {
  const place = await start(t, (slapd) => ({ ...searching(slapd), searchFilter: '(|(uid={username})(uid=anna))' }));
  assert.deepEqual(await check(place, 'ben', 'a walk along the cliffs'), { status: 503 });
});

test('without createOwners only those come in who were made here', async (t) => {
  const place = await start(t, searching);
  const any = { 'if-match': '*' };
  await place.manager.call('PATCH /directories/corp', { body: { createOwners: false }, headers: any });
  assert.deepEqual(await check(place, 'anna', 'the sea at Whitby'), { state: 'wrong' });
  const made = await place.manager.call('POST /resource-owners', { body: { name: 'anna', directory: 'corp' } });
  assert.equal(made.status, 201, made.text);
  assert.equal((await check(place, 'anna', 'the sea at Whitby')).owner.subject, made.body.id);
  await place.manager.call('POST /resource-owners/anna/disable', { body: {} });
  assert.deepEqual(await check(place, 'anna', 'the sea at Whitby'), { state: 'disabled' });
  assert.deepEqual(await check(place, 'anna', 'a wrong one'), { state: 'wrong' });
  const password = 'another good password';
  assert.equal((await place.manager.call('POST /resource-owners/anna/password', { body: { password } })).status, 422);
});

test('a server with the certificate of somebody else, or that is away, is asked nothing and lets in nobody', async (t) => {
  for (const settings of [
    (slapd: Slapd) => ({ ...searching(slapd), ca: certificateA.cert }),
    (slapd: Slapd) => ({ ...byTemplate(slapd), ca: '' }),
    (slapd: Slapd) => ({ ...byTemplate(slapd), url: `ldaps://127.0.0.1:${slapd.port}`, timeoutMs: 500 }),
    (slapd: Slapd) => ({ ...searching(slapd), bindPassword: 'not that one' }),
  ]) {
    const place = await start(t, settings);
    assert.deepEqual(await check(place, 'anna', 'the sea at Whitby'), { status: 503 });
    await place.slapd.stop();
  }
  const place = await start(t, searching);
  await place.slapd.stop();
  assert.deepEqual(await check(place, 'anna', 'the sea at Whitby'), { status: 503 });
  const lines = JSON.stringify(place.manager.log);
  assert.ok(!lines.includes('the sea at Whitby') && !lines.includes(place.slapd.searcher.password));
});

test('a server that hangs up after StartTLS gets no password over a connection without it', async (t) => {
  const place = await start(t, byTemplate);
  const seen: Buffer[] = [];
  let connections = 0;
  // Passes StartTLS on, then breaks the connection; a second one would be readable here.
  const proxy = createServer((socket: Socket) => {
    connections += 1;
    const behind = connect(place.slapd.port, '127.0.0.1');
    let answers = 0;
    socket.on('data', (chunk: Buffer) => {
      seen.push(chunk);
      behind.write(chunk);
    });
    behind.on('data', (chunk) => {
      socket.write(chunk);
      answers += 1;
      if (answers >= 2) setTimeout(() => socket.destroy(), 20);
    });
    for (const side of [socket, behind]) side.on('error', () => {});
    socket.on('close', () => behind.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ldap = { url: `ldap://127.0.0.1:${port}`, timeoutMs: 1000 };
  const headers = { 'if-match': '*' };
  assert.equal((await place.manager.call('PATCH /directories/corp', { body: { ldap }, headers })).status, 200);
  await check(place, 'anna', 'the sea at Whitby');
  assert.equal(connections, 1);
  assert.ok(!Buffer.concat(seen).includes('the sea at Whitby'));
});

test('settings that would show passwords, or that fit nobody, are refused; credentials do not go to another server', async (t) => {
  const { manager, slapd } = await start(t, searching);
  const good = searching(slapd);
  const wrong: readonly [object, string][] = [
    [{ ...good, url: 'ldap://ldap.example.com', startTls: false }, '/ldap/startTls'],
    [{ ...good, url: 'http://ldap.example.com' }, '/ldap/url'],
    [{ ...good, searchBase: '' }, '/ldap/userDn'],
    [{ ...good, searchFilter: '(uid=anna)' }, '/ldap/searchFilter'],
    [{ ...good, searchFilter: '(uid={username}' }, '/ldap/searchFilter'],
    [{ ...good, searchBase: '', userDn: '{username}' }, '/ldap/userDn'],
    [{ ...good, bindDn: 'EXTERNAL' }, '/ldap/bindDn'],
    [{ ...good, ca: 'no certificate' }, '/ldap/ca'],
  ];
  for (const [ldap, pointer] of wrong) {
    const { status, body } = await manager.call('POST /directories', {
      body: { displayName: 'X', kind: 'ldap', ldap },
    });
    assert.deepEqual([status, body.errors[0].pointer], [422, pointer], JSON.stringify(ldap));
  }
  const patch = async (ldap: object) => {
    const { status, body } = await manager.call('PATCH /directories/corp', {
      body: { ldap },
      headers: { 'if-match': '*' },
    });
    return [status, body.errors?.[0]?.pointer];
  };
  assert.deepEqual(await patch({ url: 'ldaps://evil.example' }), [422, '/ldap/bindPassword']);
  assert.deepEqual(await patch({ timeoutMs: 1000 }), [200, undefined]);
  const kinds = [{ kind: 'ldap' }, { kind: 'local', ldap: good }, { kind: 'oidc', ldap: good }];
  for (const body of kinds)
    assert.equal((await manager.call('POST /directories', { body: { displayName: 'Y', ...body } })).status, 422);
});

test('after a new master key the bind password still opens', async (t) => {
  const place = await start(t, searching);
  const rotated = await place.manager.call('POST /master-key/rotate', { body: {} });
  assert.ok(rotated.status < 300, rotated.text);
  assert.equal((await check(place, 'anna', 'the sea at Whitby')).state, 'known');
});

test('a server on loopback is not called unless it is allowed', async (t) => {
  const slapd = await startSlapd(t, ENTRIES);
  const manager = await startTestManager(t);
  await manager.call('POST /directories', { body: { displayName: 'Corp', kind: 'ldap', ldap: searching(slapd) } });
  assert.deepEqual(await check({ manager }, 'anna', 'the sea at Whitby'), { status: 503 });
  assert.match(JSON.stringify(manager.log.map(({ fields }) => String(fields.err))), /may not be called/);
});

test('a check of the directory says whom the server knows, without a password, and why it cannot be used', async (t) => {
  const place = await start(t, searching);
  const ask = async (body: object) => (await place.manager.call('POST /directories/corp/check', { body })).body;
  const found = await ask({ username: 'anna' });
  assert.deepEqual([found.isReached, found.person.name, found.person.displayName], [true, 'anna', 'Anna B']);
  const nobody = await ask({ username: '*' });
  assert.deepEqual([nobody.isReached, nobody.person], [true, undefined]);
  assert.equal((await ask({})).isReached, true);
  await place.manager.call('PATCH /directories/corp', {
    headers: { 'if-match': '*' },
    body: { ldap: { bindPassword: 'wrong' } },
  });
  const wrong = await ask({});
  assert.equal(wrong.isReached, false);
  assert.match(wrong.problem, /who searches, or their password/);
  assert.equal((await place.manager.call('GET /resource-owners', {})).body.items.length, 0, 'nobody signs in by it');
  const { items } = (await place.manager.call('GET /audit?operation=directories.check', {})).body;
  assert.equal(items.length, 4);
});

test('a check of a directory whose people have DNs by a template reaches the server over StartTLS', async (t) => {
  const place = await start(t, byTemplate);
  const ask = async () => (await place.manager.call('POST /directories/corp/check', { body: {} })).body;
  assert.equal((await ask()).isReached, true);
  await place.manager.call('PATCH /directories/corp', {
    headers: { 'if-match': '*' },
    body: { ldap: { url: 'ldap://127.0.0.1:1' } },
  });
  const gone = await ask();
  assert.deepEqual([gone.isReached, typeof gone.problem], [false, 'string']);
});

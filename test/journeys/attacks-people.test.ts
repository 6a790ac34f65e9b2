import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditHead, fillSystem, listDescribed } from '../support/operations.ts';
import { ask, signInAs } from '../support/person.ts';
import { quickstart } from '../support/quickstart.ts';
import { type System, startSystem } from '../support/system.ts';

// Attacks on who somebody is and what they may: sessions, passwords, roles. What the browser does is in test/console/another-page.test.ts.

const BEN = { name: 'ben', password: 'a calm sea and prosperous voyage' };
const CARA = { name: 'cara', password: 'ships in the night, passing' };

let system: System;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  await fillSystem(system);
  await system.must('POST', '/users', { ...CARA, roles: [{ role: 'admin' }] });
});

after(() => system[Symbol.asyncDispose]());

const client = (displayName: string) => ({ displayName });

test('a session is not enough: without its own CSRF token, or with that of another session, nothing is done', async () => {
  const [one, two] = [await signInAs(system, CARA), await signInAs(system, CARA)];
  const ben = await signInAs(system, BEN);
  const head = await auditHead(system);
  for (const [what, token] of [
    ['none', undefined],
    ['an empty one', ''],
    ['a guessed one', '0'.repeat(one.csrfToken.length)],
    ['of another session of the same person', two.csrfToken],
    ['of another person', ben.csrfToken],
    ['in another case', one.csrfToken.toUpperCase()],
    ['cut short', one.csrfToken.slice(0, -1)],
    ['the cookie itself', one.cookie.split('=')[1] ?? ''],
  ] as const) {
    const { 'x-csrf-token': _, ...rest } = one.headers;
    const headers = { ...rest, ...(token !== undefined && { 'x-csrf-token': token }) };
    const answer = await ask(system, 'POST', '/api/v1/clients', { body: client('By nobody'), headers });
    assert.deepEqual([answer.status, answer.code], [403, 'csrf_token_wrong'], what);
  }
  assert.equal(await auditHead(system), head);
  const right = await ask(system, 'POST', '/api/v1/clients', { body: client('By Cara'), headers: one.headers });
  assert.equal(right.status, 201, right.text);
});

test('a key in a page beside the cookie counts as the key alone, and a cookie in another name as none', async () => {
  const cara = await signInAs(system, CARA);
  const wrong = await ask(system, 'GET', '/api/v1/clients', {
    headers: { ...cara.headers, authorization: 'Bearer gwm_nobody' },
  });
  assert.equal(wrong.status, 401);
  const renamed = { ...cara.headers, cookie: `__Host-gatewright=${cara.cookie.split('=')[1]}` };
  assert.equal((await ask(system, 'GET', '/api/v1/clients', { headers: renamed })).status, 401);
});

test('a session that was planted is not the one after signing in, and signing out really ends one', async () => {
  const [name = ''] = (await signInAs(system, CARA)).cookie.split('=');
  const planted = `${name}=${'A'.repeat(43)}`;
  const cara = await signInAs(system, CARA, { headers: { cookie: planted } });
  assert.notEqual(cara.cookie, planted);
  const session = (cookie: string) => ask(system, 'GET', '/api/v1/session', { headers: { ...cara.headers, cookie } });
  assert.equal((await session(planted)).status, 401);
  assert.equal((await session(cara.cookie)).status, 200);
  assert.equal((await session(`${cara.cookie}; ${planted}`)).status, 401, 'of two none is believed');
  const out = await ask(system, 'DELETE', '/api/v1/session', { headers: cara.headers });
  assert.equal(out.status, 204);
  assert.match(out.headers['set-cookie']?.[0] ?? '', new RegExp(`^${name}=; .*Max-Age=0`));
  assert.equal((await session(cara.cookie)).status, 401, 'what was copied from the browser is worth nothing');
});

test('guessing passwords ends after five, for the right one too, and only where it comes from', async () => {
  const attempt = (password: string, from?: string) =>
    ask(system, 'POST', '/api/v1/session', {
      body: { name: CARA.name, password },
      ...(from !== undefined && { from }),
    });
  const texts = new Set<string>();
  for (let i = 0; i < 5; i += 1) {
    const answer = await attempt(`guess number ${i}, of many`);
    assert.equal(answer.status, 401);
    texts.add(answer.text.replace(/"requestId":"\w+"/, ''));
  }
  const nobody = await ask(system, 'POST', '/api/v1/session', {
    body: { name: 'nobody-of-that-name', password: 'x' },
    from: '127.0.0.7',
  });
  texts.add(nobody.text.replace(/"requestId":"\w+"/, ''));
  assert.equal(texts.size, 1, 'one text, whatever was wrong');
  const locked = await attempt(CARA.password);
  assert.deepEqual([locked.status, locked.code], [429, 'too_many_requests']);
  assert.match(locked.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal((await attempt(CARA.password, '127.0.0.9')).status, 201, 'nobody is locked out from elsewhere');
  assert.equal((await attempt(CARA.password)).status, 429, 'and that does not open it here');
  await system.must('POST', '/users/cara/unlock', {});
  assert.equal((await attempt(CARA.password)).status, 201);
});

/** Other ways to say a path or method, that some server or proxy reads as what is refused. */
function disguises(method: string, path: string): { method: string; path: string; headers?: Record<string, string> }[] {
  const override = { 'x-http-method-override': method, 'x-http-method': method, 'x-method-override': method };
  return [
    { method, path },
    { method, path: `${path}/` },
    { method, path: path.replace('/api/v1/', '/api/v1//') },
    { method, path: path.replace('/api/v1/', '/api/v1/./') },
    { method, path: path.replace('/api/v1/', '/api/v1/version/../') },
    { method, path: path.replace('/api/v1/', '/api/v1/version%2f..%2f') },
    { method, path: path.replace('/api/', '/API/') },
    { method, path: `${path};x=1` },
    { method, path: `${path}%00` },
    { method, path: path.replace(/\/([^/]+)$/, '/%2e%2e/$1/$1') },
    { method: 'POST', path, headers: override },
    { method: 'GET', path: `${path}?_method=${method}`, headers: override },
  ];
}

test('a viewer, by session and by key, can do no more by any spelling of a method or path', async () => {
  const viewer = await signInAs(system, BEN, { from: '127.0.0.3' });
  const { key } = await system.must<{ key: string }>('POST', '/management-keys', {
    ...{ displayName: 'Looks only', roles: [{ role: 'viewer' }], owner: 'machine' },
  });
  const operations = (await listDescribed(system)).filter(
    ({ method, permission }) => method !== 'GET' && permission !== 'open' && !permission.startsWith('own:'),
  );
  assert.ok(operations.length > 50);
  const head = await auditHead(system);
  const done: string[] = [];
  for (const operation of operations) {
    for (const { method, path, headers = {} } of disguises(operation.method, operation.path)) {
      for (const who of [viewer.headers, { authorization: `Bearer ${key}` }]) {
        const answer = await ask(system, method, path, {
          body: operation.body ?? {},
          headers: { 'if-match': '*', ...who, ...headers },
        });
        // With GET the same path may be something to look at.
        const isRefused = answer.status >= 400 && answer.status < 500;
        if (!isRefused && method !== 'GET') done.push(`${operation.id}: ${method} ${path} → ${answer.status}`);
      }
    }
  }
  assert.deepEqual(done, []);
  assert.equal(await auditHead(system), head, 'nothing was changed');
});

test('what a viewer may not read is not read by HEAD or another spelling either, nor by an empty or foreign role', async () => {
  const viewer = await signInAs(system, BEN, { from: '127.0.0.4' });
  const hidden = (await listDescribed(system)).filter(
    ({ method, permission }) =>
      method === 'GET' && /^(users|settings|audit|identity-providers|keys):read$/.test(permission),
  );
  assert.ok(hidden.length >= 8);
  for (const { path } of hidden) {
    for (const { method, path: disguised, headers = {} } of [
      ...disguises('GET', path),
      { method: 'HEAD', path, headers: {} },
      { method: 'GET', path: `${path}?role=admin`, headers: { 'x-role': 'admin', 'x-forwarded-user': 'cara' } },
    ]) {
      if (method === 'POST') continue;
      const answer = await ask(system, method, disguised, { headers: { ...viewer.headers, ...headers } });
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${disguised}: ${answer.status}`);
      assert.ok(!answer.text.includes('cara'), `${method} ${disguised}`);
    }
  }
});

test('nobody gives themselves more: not by their own profile, a key, or a grant of another role', async () => {
  const viewer = await signInAs(system, BEN, { from: '127.0.0.5' });
  const send = (method: string, path: string, body: object) =>
    ask(system, method, `/api/v1${path}`, { body, headers: { ...viewer.headers, 'if-match': '*' } });
  const admin = [{ role: 'admin' }];
  assert.equal((await send('PATCH', '/session/user', { roles: admin })).status, 422);
  assert.equal((await send('PATCH', '/users/ben', { roles: admin })).status, 403);
  const own = await send('POST', '/management-keys', { displayName: 'More', roles: admin });
  const text = own.status === 201 ? (JSON.parse(own.text) as { key: string }).key : '';
  const used = await ask(system, 'GET', '/api/v1/users', { headers: { authorization: `Bearer ${text}` } });
  assert.ok(used.status === 401 || used.status === 403, `${own.status} ${used.status}`);
  assert.equal(
    (await send('POST', '/management-keys', { displayName: 'M', roles: admin, owner: 'machine' })).status,
    403,
  );
  const { roles } = await system.must<{ roles: unknown }>('GET', '/users/ben');
  assert.deepEqual(roles, [{ role: 'viewer' }]);
});

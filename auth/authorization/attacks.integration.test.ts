import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  type AuthorizationSystem,
  createTestBrowser,
  OWNER,
  openAuthorization,
  PASSWORD,
  type PageAnswer,
  type TestBrowser,
} from '#test/support/authorization';
import type { Registered } from '#test/support/client-registry';

const CALLBACK = 'https://app.example.com/callback';

async function open(t: TestContext): Promise<AuthorizationSystem> {
  const system = await openAuthorization();
  t.after(() => system[Symbol.asyncDispose]());
  return system;
}

const register = (system: AuthorizationSystem, client = {}) =>
  system.registry.register({ client: { redirectUris: [CALLBACK], ...client } });

const queryOf = (client: Registered, more: Record<string, string> = {}) =>
  new URLSearchParams({ response_type: 'code', client_id: client.consumerKey, redirect_uri: CALLBACK, ...more });

const originOf = (system: AuthorizationSystem) => new URL(system.url).origin;

async function toSignIn(system: AuthorizationSystem, browser: TestBrowser, client: Registered): Promise<PageAnswer> {
  return browser.follow(await browser.get(`${system.url}?${queryOf(client)}`), originOf(system));
}

async function toConsent(system: AuthorizationSystem, browser: TestBrowser, client: Registered): Promise<PageAnswer> {
  const page = await toSignIn(system, browser, client);
  const form = { ...page.fields, username: OWNER.username, password: PASSWORD };
  return browser.follow(await browser.post(`${system.url}/sign-in`, form), originOf(system));
}

test('a redirect URI that is not registered letter by letter is shown on a page and never followed (RFC 9700 §4.1)', async (t) => {
  const system = await open(t);
  const client = register(system);
  for (const uri of [
    'https://app.example.com/callback/',
    'https://app.example.com/Callback',
    'https://APP.example.com/callback',
    'https://app.example.com:443/callback',
    'https://app.example.com/callback?x=1',
    'https://app.example.com/callback#fragment',
    'https://app.example.com/callback%2F..%2Fevil',
    'https://app.example.com/%63allback',
    'https://app.example.com/../callback',
    'https://app.example.com@evil.example.com/callback',
    'https://user:secret@app.example.com/callback',
    'https://app.example.com.evil.example.com/callback',
    'http://app.example.com/callback',
    '//app.example.com/callback',
    '/callback',
    'javascript:alert(1)//https://app.example.com/callback',
    'https://app.example.com/callback ',
    'https://app.example.com/callback\r\nSet-Cookie: a=b',
  ]) {
    const answer = await createTestBrowser().get(`${system.url}?${queryOf(client, { redirect_uri: uri })}`);
    assert.equal(answer.status, 400, uri);
    assert.equal(answer.location, undefined, uri);
    assert.match(answer.text, /role="alert"/);
  }
});

test('only public clients on loopback may choose the port, nothing else of the URI (RFC 8252 §7.3)', async (t) => {
  const system = await open(t);
  const redirectUris = ['http://127.0.0.1/callback'];
  const native = register(system, { kind: 'public', authMethod: 'none', redirectUris });
  const server = register(system, { redirectUris });
  const statusOf = async (client: Registered, uri: string) =>
    (await createTestBrowser().get(`${system.url}?${queryOf(client, { redirect_uri: uri })}`)).status;
  assert.equal(await statusOf(native, 'http://127.0.0.1:51004/callback'), 303);
  for (const uri of ['http://127.0.0.1:51004/other', 'http://localhost:51004/callback', 'https://127.0.0.1:5/callback'])
    assert.equal(await statusOf(native, uri), 400, uri);
  assert.equal(await statusOf(server, 'http://127.0.0.1:51004/callback'), 400);
});

test('without redirect_uri the only registered one counts; with several it has to be said (RFC 6749 §3.1.2.3)', async (t) => {
  const system = await open(t);
  const ask = async (client: Registered) => {
    const query = queryOf(client, { response_type: 'none' });
    query.delete('redirect_uri');
    return createTestBrowser().get(`${system.url}?${query}`);
  };
  const one = await ask(register(system));
  assert.match(one.location ?? '', /^https:\/\/app\.example\.com\/callback\?error=unsupported_response_type&/);
  assert.equal((await ask(register(system, { redirectUris: [CALLBACK, `${CALLBACK}/2`] }))).status, 400);
  assert.equal((await ask(register(system, { redirectUris: undefined }))).status, 400);
});

test('an unknown, disabled or ended client is told to the person, not to the redirect URI', async (t) => {
  const system = await open(t);
  const client = register(system);
  const ask = async (query: URLSearchParams) => {
    const { status, location } = await createTestBrowser().get(`${system.url}?${query}`);
    return [status, location];
  };
  assert.deepEqual(await ask(queryOf({ ...client, consumerKey: 'gwk_0000000000000000' })), [400, undefined]);
  const twice = queryOf(client);
  twice.append('client_id', client.consumerKey);
  assert.deepEqual(await ask(twice), [400, undefined]);
  system.registry.changeSubscription(client.subscriptionId, { state: 'suspended' });
  assert.deepEqual(await ask(queryOf(client)), [400, undefined]);
  system.registry.changeSubscription(client.subscriptionId, { state: 'active' });
  system.registry.changeClient(client.clientId, { active: false });
  assert.deepEqual(await ask(queryOf(client)), [400, undefined]);
});

test('other faults go back to the client with state and iss (RFC 6749 §4.1.2.1, RFC 9207)', async (t) => {
  const system = await open(t);
  const client = register(system);
  const errorOf = async (more: Record<string, string>, twice?: string) => {
    const query = queryOf(client, { state: 'a b&c=%', ...more });
    if (twice !== undefined) query.append(twice, 'again');
    const { status, location = '' } = await createTestBrowser().get(`${system.url}?${query}`);
    assert.equal(status, 303);
    const answer = new URL(location).searchParams;
    assert.equal(answer.get('iss'), system.issuer);
    if (twice !== 'state') assert.equal(answer.get('state'), 'a b&c=%');
    else assert.equal(answer.get('state'), null);
    return answer.get('error');
  };
  assert.equal(await errorOf({ response_type: '' }), 'invalid_request');
  assert.equal(await errorOf({ response_type: 'id_token' }), 'unsupported_response_type');
  assert.equal(await errorOf({ response_mode: 'web_message' }), 'invalid_request');
  assert.equal(await errorOf({ scope: 'admin' }), 'invalid_scope');
  assert.equal(await errorOf({ resource: 'https://api.example.com/#x' }), 'invalid_target');
  assert.equal(await errorOf({ request: 'eyJ' }), 'invalid_request');
  assert.equal(await errorOf({ request_uri: 'https://evil.example.com/' }), 'invalid_request');
  assert.equal(await errorOf({ code_challenge: 'a'.repeat(43) }), 'invalid_request', 'plain is meant');
  assert.equal(await errorOf({ code_challenge: 'short', code_challenge_method: 'S256' }), 'invalid_request');
  assert.equal(await errorOf({ code_challenge_method: 'S256' }), 'invalid_request');
  assert.equal(await errorOf({ scope: 'orders:read' }, 'scope'), 'invalid_request');
  assert.equal(await errorOf({}, 'state'), 'invalid_request');
});

test('no page can be framed, kept, or run script, and none tells where people came from (RFC 6749 §10.13)', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const pages = [
    await toSignIn(system, browser, client),
    await toConsent(system, browser, client),
    await browser.get(`${system.url}/grants`),
    await browser.get(`${system.url}/sign-out`),
    await browser.get(`${system.url}?client_id=unknown`),
    await browser.get(`${system.url}/nowhere`),
  ];
  for (const { headers, text } of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; style-src 'nonce-[A-Za-z0-9+/]{24}'; img-src data:; form-action 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /script|unsafe|\*/);
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.doesNotMatch(text, /<script|\son[a-z]+=|\sstyle=|https?:\/\/(?!localhost|127)[^<]*\.(css|js|png)/);
    assert.match(text, /<html lang="en">/);
  }
});

test('a form of another site, of another browser or without its token changes nothing (CSRF)', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const page = await toConsent(system, browser, client);
  const consent = `${system.url}/consent`;
  const form = { ...page.fields, decision: 'allow' };
  const refused = async (answer: Promise<PageAnswer>) => {
    const { status, location } = await answer;
    assert.deepEqual([status, location], [403, undefined]);
  };
  for (const site of ['cross-site', 'same-site', 'none'])
    await refused(browser.post(consent, form, { 'Sec-Fetch-Site': site }));
  await refused(browser.post(consent, { ...form, form_token: '' }));
  await refused(browser.post(consent, { ...form, form_token: '0'.repeat(64) }));
  await refused(createTestBrowser().post(consent, form));
  const other = createTestBrowser();
  const otherPage = await toConsent(system, other, client);
  await refused(other.post(consent, form));
  await refused(browser.post(consent, { ...form, form_token: otherPage.fields.form_token ?? '' }));
  await refused(browser.post(`${system.url}/grants`, { ...form, client: client.clientId }));
  await refused(browser.post(`${system.url}/sign-out`, form));
  assert.equal((await system.store.listConsents(OWNER.subject, 10)).length, 0);
  assert.equal((await browser.post(consent, form, { 'Sec-Fetch-Site': 'same-origin' })).status, 303);
});

test('of two answers to one consent page one goes on, and a used page gives nothing', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  const page = await toConsent(system, browser, register(system));
  const form = { ...page.fields, decision: 'allow' };
  const both = await Promise.all([1, 2].map(() => browser.post(`${system.url}/consent`, form)));
  assert.deepEqual(both.map(({ status }) => status).sort(), [303, 403]);
  assert.equal((await browser.post(`${system.url}/consent`, form)).status, 403);
});

test('consent without sign-in leads to sign-in, and an interaction of another end point is none here', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  const page = await toSignIn(system, browser, register(system));
  const id = page.fields.interaction ?? '';
  const asked = await browser.get(`${system.url}/consent?interaction=${id}`);
  assert.equal(asked.location, `${system.url}/sign-in?interaction=${id}`);
  for (const wrong of ['', 'x', `${id}x`, '../../etc', '0'.repeat(22)])
    assert.equal((await browser.get(`${system.url}/consent?interaction=${encodeURIComponent(wrong)}`)).status, 403);
  system.clock.advance(900_000);
  assert.equal((await browser.get(`${system.url}/sign-in?interaction=${id}`)).status, 403);
});

test('a cookie of the pages that stands twice is nobody’s, and none reaches a target', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  await toConsent(system, browser, register(system));
  const [[name, value] = ['', '']] = browser.cookies;
  const twice = await fetch(`${system.url}/sign-out`, { headers: { Cookie: `${name}=${value}; ${name}=${value}` } });
  assert.match(await twice.text(), /Nobody is signed in/);
  const echoed = await fetch(`${system.origin}/orders/1`, { headers: { Cookie: `a=1; ${name}=${value}` } });
  assert.doesNotMatch(await echoed.text(), new RegExp(value));
});

test('a request by POST goes on as one by GET; nothing of it is a form of a page', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  const posted = await browser.post(system.url, Object.fromEntries(queryOf(register(system), { state: 'a&b' })), {
    'Sec-Fetch-Site': 'cross-site',
  });
  assert.equal(posted.status, 303);
  assert.equal(posted.headers.get('set-cookie'), null);
  assert.equal(new URL(posted.location ?? '').searchParams.get('state'), 'a&b');
  assert.match((await browser.follow(posted, originOf(system))).text, /Password/);
});

test('the pages are not on the public host, and no API is on theirs', async (t) => {
  const system = await open(t);
  const client = register(system);
  assert.equal((await fetch(`${system.origin}/authorize?${queryOf(client)}`, { redirect: 'manual' })).status, 404);
  assert.equal((await fetch(`${originOf(system)}/orders/1`)).status, 404);
});

test('names of clients, scopes and resources are text on every page', async (t) => {
  const system = await open(t);
  const scope = `a"'<b>&`.replace('"', '');
  const client = system.registry.register({
    client: { redirectUris: [CALLBACK], displayName: '<img src=x onerror=alert(1)>' },
    subscription: { scopes: [{ scope, default: false }] },
  });
  const browser = createTestBrowser();
  const page = await toConsent(system, browser, client);
  assert.match(page.text, /&lt;img src=x/);
  assert.match(page.text, /a&#39;&lt;b&gt;&amp;/);
  assert.doesNotMatch(page.text, /<img|<b>/);
});

test('whatever is sent, the answer is a page or a redirect to a registered URI, and never a 500', async (t) => {
  const system = await open(t);
  const client = register(system);
  const names = [
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'code_challenge',
    'code_challenge_method',
  ];
  const name = fc.constantFrom(
    ...names,
    'response_mode',
    'resource',
    'request_uri',
    'interaction',
    'user_code',
    '__proto__',
  );
  const value = fc.oneof(
    fc.constantFrom('code', 'token', client.consumerKey, encodeURIComponent(CALLBACK), 'S256', '%', '%FF', '%00', '+'),
    fc.string({ unit: fc.constantFrom('a', '%', '2', '=', '+', '.', '/', ':', '"', '<') }),
  );
  const query = fc
    .array(fc.tuple(name, value), { maxLength: 12 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
  const page = fc.constantFrom('', '/sign-in', '/consent', '/grants', '/sign-out', '/external', '/device');
  const browser = createTestBrowser();
  await fc.assert(
    fc.asyncProperty(page, query, fc.boolean(), async (at, text, isPost) => {
      const init = { method: 'POST', body: text, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
      const url = isPost ? `${system.url}${at}` : `${system.url}${at}?${text.replaceAll(/["<]/g, '')}`;
      const answer = await fetch(url, { ...(isPost && init), redirect: 'manual' });
      await answer.text();
      assert.ok(answer.status < 500, `${answer.status} ${url} ${text}`);
      const location = answer.headers.get('location');
      if (location !== null)
        assert.ok(location.startsWith(originOf(system)) || location.startsWith(CALLBACK), location);
    }),
    { numRuns: 300 },
  );
  const long = await browser.get(`${system.url}?${queryOf(client, { state: 'a'.repeat(7200) })}`);
  assert.equal(long.status, 400);
});

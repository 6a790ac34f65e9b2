import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { sha256Hex } from '#core/credential';
import {
  type AuthorizationSystem,
  createTestBrowser,
  OWNER,
  openAuthorization,
  PASSWORD,
  type PageAnswer,
  type TestBrowser,
} from '#test/support/authorization';
import type { Registered, Registration } from '#test/support/client-registry';

const CALLBACK = 'https://app.example.com/callback';
const VERIFIER = 'a'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

async function open(t: TestContext): Promise<AuthorizationSystem> {
  const system = await openAuthorization();
  t.after(() => system[Symbol.asyncDispose]());
  return system;
}

const register = (system: AuthorizationSystem, client: Registration['client'] = {}): Registered =>
  system.registry.register({ client: { redirectUris: [CALLBACK], ...client } });

const requestUrl = (system: AuthorizationSystem, client: Registered, more: Record<string, string> = {}) =>
  `${system.url}?${new URLSearchParams({
    ...{ response_type: 'code', client_id: client.consumerKey, redirect_uri: CALLBACK, state: 'xyz' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
  })}`;

const loginOrigin = (system: AuthorizationSystem) => new URL(system.url).origin;

/** Opens a request and goes on to the first page. */
async function begin(system: AuthorizationSystem, browser: TestBrowser, url: string): Promise<PageAnswer> {
  return browser.follow(await browser.get(url), loginOrigin(system));
}

async function signIn(system: AuthorizationSystem, browser: TestBrowser, page: PageAnswer): Promise<PageAnswer> {
  const form = { ...page.fields, username: OWNER.username, password: PASSWORD };
  return browser.follow(await browser.post(`${system.url}/sign-in`, form), loginOrigin(system));
}

const decide = (system: AuthorizationSystem, browser: TestBrowser, page: PageAnswer, decision = 'allow') =>
  browser.post(`${system.url}/consent`, { ...page.fields, decision });

/** The parameters with which the browser is sent back. */
function answerOf(answer: PageAnswer): Record<string, string> {
  assert.equal(answer.status, 303, answer.text);
  const url = new URL(answer.location ?? '');
  assert.equal(url.origin + url.pathname, CALLBACK);
  return Object.fromEntries(url.searchParams);
}

async function getCode(system: AuthorizationSystem, client: Registered, more?: Record<string, string>) {
  const browser = createTestBrowser();
  const consent = await signIn(system, browser, await begin(system, browser, requestUrl(system, client, more)));
  return { browser, answer: answerOf(await decide(system, browser, consent)) };
}

async function postToken(system: AuthorizationSystem, form: Record<string, string>) {
  const answer = await fetch(system.issuer, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

test('sign-in, consent, code, token: over HTTP, from the first request to the call', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const first = await browser.get(requestUrl(system, client, { scope: 'orders:read' }));
  assert.equal(first.status, 303);
  assert.match(
    first.headers.get('set-cookie') ?? '',
    /^gatewright-owner-\d+=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const page = await browser.follow(first, loginOrigin(system));
  assert.equal(page.status, 200);
  assert.match(page.text, /Mobile shop 1/);
  const consent = await signIn(system, browser, page);
  assert.match(consent.text, /Ada Lovelace/);
  assert.match(consent.text, /orders:read/);
  assert.match(consent.text, /app\.example\.com/);
  const { code = '', state, iss } = answerOf(await decide(system, browser, consent));
  assert.match(code, /^[0-9A-Za-z]{43}$/);
  assert.deepEqual([state, iss], ['xyz', system.issuer]);
  const { status, json } = await postToken(system, {
    ...{ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
    ...{ client_id: client.consumerKey, client_secret: client.secret },
  });
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.token_type, 'Bearer');
  const called = await fetch(`${system.origin}/orders/1`, {
    headers: { Authorization: `Bearer ${json.access_token}` },
  });
  assert.equal(called.status, 200);
});

test('what was allowed is remembered: the next request of the same browser comes back at once, wider ones are asked', async (t) => {
  const system = await open(t);
  const client = register(system);
  const { browser } = await getCode(system, client, { scope: 'orders:read' });
  const again = await browser.get(requestUrl(system, client, { scope: 'orders:read' }));
  assert.ok(answerOf(again).code);
  const wider = await begin(system, browser, requestUrl(system, client, { scope: 'orders:read orders:write' }));
  assert.match(wider.text, /orders:write/);
  system.configure({ authorization: { consent: 'always' } });
  assert.match((await begin(system, browser, requestUrl(system, client, { scope: 'orders:read' }))).text, /Allow/);
});

test('a public client is never given anything silently, and needs a code challenge', async (t) => {
  const system = await open(t);
  const client = register(system, { kind: 'public', authMethod: 'none' });
  const { browser } = await getCode(system, client);
  const again = await begin(system, browser, requestUrl(system, client));
  assert.equal(again.status, 200);
  assert.match(again.text, /Others can use the name of this application/);
  const url = new URL(requestUrl(system, client));
  url.searchParams.delete('code_challenge');
  url.searchParams.delete('code_challenge_method');
  const { error, state, iss } = answerOf(await browser.get(url.href));
  assert.deepEqual([error, state, iss], ['invalid_request', 'xyz', system.issuer]);
});

test('whoever says no sends access_denied to the client, and nothing is remembered', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const consent = await signIn(system, browser, await begin(system, browser, requestUrl(system, client)));
  const { error, state, code } = answerOf(await decide(system, browser, consent, 'deny'));
  assert.deepEqual([error, state, code], ['access_denied', 'xyz', undefined]);
  assert.equal((await system.store.listConsents(OWNER.subject, 10)).length, 0);
});

test('a wrong password shows the form again with the name, without the password; too many are refused for that name and address', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const page = await begin(system, browser, requestUrl(system, client));
  const wrong = { ...page.fields, username: 'ada', password: 'hunter2"><b>' };
  for (let i = 0; i < 5; i += 1) {
    const answer = await browser.post(`${system.url}/sign-in`, wrong);
    assert.equal(answer.status, 403);
    assert.match(answer.text, /The user name or password is wrong\./);
    assert.match(answer.text, /value="ada"/);
    assert.doesNotMatch(answer.text, /hunter2/);
  }
  const limited = await browser.post(`${system.url}/sign-in`, { ...wrong, password: PASSWORD });
  assert.equal(limited.status, 429);
  assert.match(limited.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(system.owners.tried.length, 5, 'the directory is asked no more');
  system.clock.advance(900_000 - 1);
  assert.equal((await browser.post(`${system.url}/sign-in`, wrong)).status, 429);
});

test('a directory that cannot be asked, a disabled account, an empty password: each says so and lets nobody in', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  const page = await begin(system, browser, requestUrl(system, register(system)));
  const form = { ...page.fields, username: 'ada', password: PASSWORD };
  system.owners.answer = 'unavailable';
  const away = await browser.post(`${system.url}/sign-in`, form);
  assert.equal(away.status, 503);
  assert.match(away.text, /not possible at present/);
  system.owners.answer = { state: 'disabled' };
  assert.match((await browser.post(`${system.url}/sign-in`, form)).text, /This account is disabled/);
  system.owners.answer = { state: 'limited', retryAfterMs: 5000 };
  assert.equal((await browser.post(`${system.url}/sign-in`, form)).headers.get('retry-after'), '5');
  system.owners.answer = undefined;
  assert.equal((await browser.post(`${system.url}/sign-in`, { ...form, password: '' })).status, 403);
  assert.equal(system.owners.tried.length, 3);
});

test('the cookie is another one after sign-in, and a planted one becomes nobody’s session', async (t) => {
  const system = await open(t);
  const browser = createTestBrowser();
  const page = await begin(system, browser, requestUrl(system, register(system)));
  const [before] = browser.cookies.values();
  const planted = createTestBrowser();
  for (const [name, value] of browser.cookies) planted.cookies.set(name, value);
  await signIn(system, browser, page);
  const [after] = browser.cookies.values();
  assert.notEqual(before, after);
  assert.match((await begin(system, planted, `${system.url}/grants`)).text, /Password/);
});

test('owners see what they allowed and take it back: tokens and codes die, and they are asked again', async (t) => {
  const system = await open(t);
  const client = register(system);
  const { browser, answer } = await getCode(system, client);
  const grants = await browser.get(`${system.url}/grants`);
  assert.equal(grants.status, 200);
  assert.match(grants.text, /Mobile shop 1/);
  const taken = await browser.post(`${system.url}/grants`, grants.fields);
  assert.match(taken.text, /Taken back\./);
  assert.doesNotMatch(taken.text, /Mobile shop 1/);
  const { status, json } = await postToken(system, {
    ...{ grant_type: 'authorization_code', code: answer.code ?? '', redirect_uri: CALLBACK, code_verifier: VERIFIER },
    ...{ client_id: client.consumerKey, client_secret: client.secret },
  });
  assert.deepEqual([status, json.error], [400, 'invalid_grant']);
  assert.match((await begin(system, browser, requestUrl(system, client))).text, /Allow/);
});

test('signing out asks first, ends the session on the server and removes the cookie', async (t) => {
  const system = await open(t);
  const { browser } = await getCode(system, register(system));
  const kept = new Map(browser.cookies);
  const ask = await browser.get(`${system.url}/sign-out`);
  assert.match(ask.text, /signed in as Ada Lovelace/);
  const out = await browser.post(`${system.url}/sign-out`, ask.fields);
  assert.match(out.headers.get('set-cookie') ?? '', /=; .*Max-Age=0/);
  for (const [name, value] of kept) browser.cookies.set(name, value);
  assert.match((await begin(system, browser, `${system.url}/grants`)).text, /Password/);
});

test('a session ends by itself, when its owner is disabled or revoked, and where its directory is not offered', async (t) => {
  const system = await open(t);
  const client = register(system);
  const { browser } = await getCode(system, client);
  system.configure({ authorization: { directories: ['acme'] } });
  assert.match((await begin(system, browser, requestUrl(system, client))).text, /Sign in with Acme Login/);
  system.configure({});
  assert.ok(answerOf(await browser.get(requestUrl(system, client))).code);
  for (const change of [{ active: false }, { active: true, generation: 1 }]) {
    system.registry.changeSubject(OWNER.subject, change);
    assert.match((await begin(system, browser, requestUrl(system, client))).text, /Password/);
  }
  system.registry.changeSubject(OWNER.subject, { generation: 0 });
  assert.ok(answerOf(await browser.get(requestUrl(system, client))).code);
  system.clock.advance(28_800_000);
  assert.match((await begin(system, browser, requestUrl(system, client))).text, /Password/);
});

test('a provider is reached by a link and its people come back signed in; a foreign return is refused', async (t) => {
  const system = await open(t);
  system.configure({ authorization: { directories: ['acme'] } });
  const browser = createTestBrowser();
  const page = await begin(system, browser, requestUrl(system, register(system)));
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(page.text) ?? [];
  const away = await browser.get(href.replaceAll('&amp;', '&'));
  assert.equal(new URL(away.location ?? '').origin, 'https://idp.example.com');
  assert.equal(new URL(away.location ?? '').searchParams.get('redirect_uri'), `${system.url}/external`);
  assert.equal((await createTestBrowser().get(`${system.url}/external?state=abc`)).status, 403);
  const back = await browser.follow(await browser.get(`${system.url}/external?state=abc&code=1`), loginOrigin(system));
  assert.match(back.text, /signed in as Ada Lovelace/);
  assert.equal((await browser.get(`${system.url}/external?state=abc&code=1`)).status, 403, 'once only');
});

test('a pushed request is good once, for the client that pushed it, and nothing in the browser adds to it', async (t) => {
  const system = await open(t);
  system.configure({ authorization: { requirePushedRequest: true } });
  const client = register(system);
  const other = register(system);
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  const pushed = await fetch(`${system.issuer}/par`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ ...credentials, response_type: 'code', redirect_uri: CALLBACK, scope: 'orders:read', state: 'pushed' },
      ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
    }),
  });
  assert.equal(pushed.status, 201);
  const { request_uri: uri, expires_in: life } = (await pushed.json()) as { request_uri: string; expires_in: number };
  assert.match(uri, /^urn:ietf:params:oauth:request_uri:[0-9A-Za-z]{43}$/);
  assert.equal(life, 90);
  const browser = createTestBrowser();
  const at = (clientId: string, more = {}) =>
    `${system.url}?${new URLSearchParams({ client_id: clientId, request_uri: uri, ...more })}`;
  assert.equal((await browser.get(at(other.consumerKey))).status, 400, 'another client');
  const page = await begin(system, browser, at(client.consumerKey, { state: 'browser', scope: 'orders:write' }));
  const consent = await signIn(system, browser, page);
  assert.doesNotMatch(consent.text, /orders:write/);
  assert.equal(answerOf(await decide(system, browser, consent)).state, 'pushed');
  const used = await browser.get(at(client.consumerKey));
  assert.equal(used.status, 400);
  assert.match(used.text, /has ended or was used already/);
  assert.equal(answerOf(await browser.get(requestUrl(system, client))).error, 'invalid_request', 'not pushed');
});

test('what is wrong with a pushed request is said at once (RFC 9126 §2.3)', async (t) => {
  const system = await open(t);
  const client = register(system);
  const push = async (form: Record<string, string>) => {
    const body = new URLSearchParams({
      ...{ client_id: client.consumerKey, client_secret: client.secret, response_type: 'code', redirect_uri: CALLBACK },
      ...form,
    });
    const answer = await fetch(`${system.issuer}/par`, { method: 'POST', body });
    return [answer.status, ((await answer.json()) as { error: string }).error];
  };
  assert.deepEqual(await push({ redirect_uri: 'https://evil.example.com/' }), [400, 'invalid_request']);
  assert.deepEqual(await push({ response_type: 'token' }), [400, 'unsupported_response_type']);
  assert.deepEqual(await push({ scope: 'admin' }), [400, 'invalid_scope']);
  assert.deepEqual(await push({ request_uri: 'urn:x' }), [400, 'invalid_request']);
  assert.deepEqual(await push({ client_secret: 'gws_wrong' }), [401, 'invalid_client']);
  assert.deepEqual(await push({ resource: 'orders' }), [400, 'invalid_target']);
});

test('the implicit grant is off; switched on, the token stands in the fragment and works', async (t) => {
  const system = await open(t);
  const client = register(system);
  const ask = { response_type: 'token', scope: 'orders:read' };
  const off = await createTestBrowser().get(requestUrl(system, client, ask));
  assert.match(off.location ?? '', /^https:\/\/app\.example\.com\/callback#error=unsupported_response_type&/);
  system.configure({ authorization: { responseTypes: ['code', 'token'] } });
  const browser = createTestBrowser();
  const inQuery = await browser.get(requestUrl(system, client, { ...ask, response_mode: 'query' }));
  assert.match(inQuery.location ?? '', /#error=invalid_request&/);
  const consent = await signIn(system, browser, await begin(system, browser, requestUrl(system, client, ask)));
  const { location = '' } = await decide(system, browser, consent);
  const answer = new URLSearchParams(new URL(location).hash.slice(1));
  assert.deepEqual([answer.get('token_type'), answer.get('expires_in'), answer.get('code')], ['Bearer', '3600', null]);
  assert.equal(new URL(location).search, '');
  const headers = { Authorization: `Bearer ${answer.get('access_token')}` };
  assert.equal((await fetch(`${system.origin}/orders/1`, { headers })).status, 200);
});

test('codes are neither offered nor given where the token end point does not take them', async (t) => {
  const system = await open(t);
  const client = register(system);
  const offered = async () => {
    const answer = await fetch(`${system.origin}/.well-known/oauth-authorization-server/token`);
    return Object(await answer.json()).response_types_supported;
  };
  assert.deepEqual(await offered(), ['code']);
  system.configure({ token: { grantTypes: ['client_credentials'] } });
  assert.deepEqual(await offered(), []);
  const refused = await createTestBrowser().get(requestUrl(system, client, {}));
  assert.match(refused.location ?? '', /#?[?&]error=unsupported_response_type&/);
});

test('form_post carries the answer in a form that leads to the redirect URI only', async (t) => {
  const system = await open(t);
  const client = register(system);
  const browser = createTestBrowser();
  const url = requestUrl(system, client, { response_mode: 'form_post', state: '"><script>alert(1)</script>' });
  const page = await decide(system, browser, await signIn(system, browser, await begin(system, browser, url)));
  assert.equal(page.status, 200);
  assert.match(page.text, new RegExp(`<form method="post" action="${CALLBACK}">`));
  assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/app\.example\.com;/);
  assert.match(page.fields.code ?? '', /^[0-9A-Za-z]{43}$/);
  assert.equal(page.fields.iss, system.issuer);
  assert.doesNotMatch(page.text, /<script/);
});

test('without its token end point it says so on a page', async (t) => {
  const system = await open(t);
  const client = register(system);
  system.configure({ isTokenProjectAway: true });
  const answer = await createTestBrowser().get(requestUrl(system, client));
  assert.equal(answer.status, 503);
  assert.match(answer.text, /Try again later/);
});

test('where a policy decides scopes, the page says what is asked for, and no token has more than the policy leaves', async (t) => {
  const system = await open(t);
  const client = register(system);
  const url = requestUrl(system, client, { scope: 'orders:read orders:write' });
  const browser = createTestBrowser();
  const plain = await signIn(system, browser, await begin(system, browser, url));
  assert.match(plain.text, /It would be allowed/);
  system.configure({ scopesByPolicy: 'orders:read', authorization: { responseTypes: ['code', 'token'] } });
  const page = await begin(system, browser, url);
  assert.match(page.text, /It asks for<[\s\S]*orders:write[\s\S]*as much of this as the rules of the service allow/);
  const { code = '' } = answerOf(await decide(system, browser, page));
  const { consumerKey: client_id, secret: client_secret } = client;
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await postToken(system, { ...form, client_id, client_secret });
  assert.equal(json.scope, 'orders:read');
  const implicit = requestUrl(system, client, { response_type: 'token', scope: 'orders:read orders:write' });
  const again = await browser.get(implicit);
  const asked = await browser.follow(again, loginOrigin(system));
  const { location = '' } = asked.location === undefined ? await decide(system, browser, asked) : asked;
  const granted = new URLSearchParams(new URL(location).hash.slice(1));
  assert.equal(granted.get('scope'), 'orders:read');
  const found = await system.store.findAccess(sha256Hex(granted.get('access_token') ?? ''), system.clock.now());
  assert.deepEqual(found.state === 'live' && found.token.scopes, ['orders:read']);
});

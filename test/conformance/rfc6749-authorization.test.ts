import assert from 'node:assert/strict';
import { after } from 'node:test';
import { redirectUriFault } from '#core/model/redirect-uri';
import { createTestBrowser, OWNER, openAuthorization } from '../support/authorization.ts';
import { APP, createCodeFlow, type Parameters } from '../support/code-flow.ts';
import { must } from './must.ts';

// The authorization end point and the implicit grant, over HTTP.

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;
const get = (url: string) => createTestBrowser().get(url);
const errorOf = async (more: Parameters) => flow.answerOf(await get(flow.requestUrl(client, more))).get('error');
const TOKEN = { response_type: 'token', code_challenge: undefined, code_challenge_method: undefined };
const CODES = [
  ...['invalid_request', 'unauthorized_client', 'access_denied', 'unsupported_response_type', 'invalid_scope'],
  ...['server_error', 'temporarily_unavailable', 'invalid_target'],
];

async function withImplicit(check: () => Promise<void>): Promise<void> {
  system.configure({ authorization: { responseTypes: ['code', 'token'] } });
  try {
    await check();
  } finally {
    system.configure({});
  }
}

must('6749-3.1-owner', async () => {
  const browser = createTestBrowser();
  const page = await flow.open(flow.requestUrl(client), browser);
  assert.match(page.text, /name="password"/);
  const early = await browser.post(`${system.url}/consent`, { ...page.fields, decision: 'allow' });
  assert.doesNotMatch(early.location ?? '', /^https:\/\/app/, 'consent before sign-in');
  const form = { ...page.fields, username: OWNER.username, password: 'wrong' };
  const wrong = await browser.post(`${system.url}/sign-in`, form);
  assert.deepEqual([wrong.status, wrong.location], [403, undefined]);
});

must('6749-3.1-get', async () => {
  assert.equal((await flow.open(flow.requestUrl(client))).status, 200);
  const other = await fetch(system.url, { method: 'DELETE' });
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, POST']);
});

must('6749-3.1-authorization-empty', async () => {
  assert.equal((await flow.open(flow.requestUrl(client, { scope: '', resource: '', response_mode: '' }))).status, 200);
  assert.equal(await errorOf({ response_type: '' }), 'invalid_request');
  const answer = flow.answerOf(await get(flow.requestUrl(client, { state: '', response_type: 'x' })));
  assert.equal(answer.has('state'), false);
});

must('6749-3.1-authorization-unrecognized', async () => {
  const more = { nonce: 'x', display: 'popup', __proto__x: 'y', constructor: 'z' };
  assert.equal((await flow.open(`${flow.requestUrl(client, more)}&x=1&x=2&__proto__=3`)).status, 200);
});

must('6749-3.1-authorization-repeated', async () => {
  for (const name of ['scope', 'response_type', 'state', 'code_challenge', 'response_mode']) {
    const answer = await get(`${flow.requestUrl(client, { scope: 'orders:read' })}&${name}=a&${name}=b`);
    assert.equal(flow.answerOf(answer).get('error'), 'invalid_request', name);
  }
  for (const name of ['client_id', 'redirect_uri']) {
    const answer = await get(`${flow.requestUrl(client)}&${name}=${encodeURIComponent(APP)}`);
    assert.deepEqual([answer.status, answer.location], [400, undefined], name);
  }
});

must('6749-3.1.1-response-type', async () => {
  assert.equal(await errorOf({ response_type: undefined }), 'invalid_request');
  for (const type of ['id_token', 'CODE', 'code code', 'none', 'x'.repeat(2000)])
    assert.equal(await errorOf({ response_type: type }), 'unsupported_response_type', type);
});

must('6749-3.1.2-query', async () => {
  const uri = 'https://app.example.com/back?a=1&b=%20';
  const other = flow.register({ redirectUris: [uri] });
  for (const more of [{}, { response_type: 'x' }]) {
    const { location = '' } = await flow.allow(flow.requestUrl(other, { redirect_uri: uri, ...more }));
    assert.ok(location.startsWith(`${uri}&`), location);
  }
});

must('6749-3.1.2-form', async () => {
  for (const uri of ['/callback', 'app.example.com/callback', 'https://app.example.com/#x', '//app.example.com/']) {
    assert.notEqual(redirectUriFault(uri), undefined, uri);
    const lax = flow.register({ redirectUris: [uri] }); // as if it had got into the registration
    const answer = await get(flow.requestUrl(lax, { redirect_uri: uri }));
    assert.deepEqual([answer.status, answer.location], [400, undefined], uri);
  }
});

must('6749-3.1.2.2-registered', () =>
  withImplicit(async () => {
    const bare = flow.register({ redirectUris: [] });
    const bareApp = flow.register({ kind: 'public', authMethod: 'none', redirectUris: undefined });
    for (const [who, more] of [
      [bare, {}],
      [bareApp, {}],
      [bare, TOKEN],
    ] as const)
      for (const uri of [APP, undefined]) {
        const answer = await get(flow.requestUrl(who, { redirect_uri: uri, ...more }));
        assert.deepEqual([answer.status, answer.location], [400, undefined]);
      }
  }),
);

must('6749-3.1.2.3-required', async () => {
  const both = flow.register({ redirectUris: [APP, `${APP}/2`] });
  const answer = await get(flow.requestUrl(both, { redirect_uri: undefined }));
  assert.deepEqual([answer.status, answer.location], [400, undefined]);
  const only = await flow.allow(flow.requestUrl(client, { redirect_uri: undefined }));
  assert.ok(only.location?.startsWith(`${APP}?code=`));
});

must('6749-3.1.2.3-compare', async () => {
  for (const uri of [`${APP}/`, `${APP}?a=1`, 'https://app.example.com/', 'https://app.example.com/callback2']) {
    const answer = await get(flow.requestUrl(client, { redirect_uri: uri }));
    assert.deepEqual([answer.status, answer.location], [400, undefined], uri);
  }
});

must('6749-3.1.2.4-invalid', async () => {
  const evil = 'https://evil.example.com/';
  const unknown = { ...client, consumerKey: 'gwk_0000000000000000' };
  const urls = [
    flow.requestUrl(client, { redirect_uri: evil }),
    flow.requestUrl(client, { redirect_uri: evil, response_type: 'x' }),
    flow.requestUrl(unknown),
    flow.requestUrl(unknown, { redirect_uri: evil }),
    flow.requestUrl(client, { client_id: undefined }),
  ];
  for (const url of urls) {
    const { status, location, text } = await get(url);
    assert.deepEqual([status, location], [400, undefined], url);
    assert.doesNotMatch(text, /href="https:\/\/evil|http-equiv/);
  }
});

must('6749-4.1.2-state', async () => {
  for (const state of ['a', ' a+b&c=d%20#?/"<>\\', '~'.repeat(2000)]) {
    assert.equal(flow.answerOf(await get(flow.requestUrl(client, { state, scope: 'x' }))).get('state'), state);
    assert.equal(flow.answerOf(await flow.allow(flow.requestUrl(client, { state }))).get('state'), state);
  }
  const none = flow.answerOf(await flow.allow(flow.requestUrl(client, { state: undefined })));
  assert.equal(none.has('state'), false);
});

must('6749-4.1.2.1-errors', async () => {
  for (const more of [
    ...[{ response_type: '"é\\' }, { scope: '"\\' }, { scope: 'unknown' }, { state: 'é' }, { resource: '"' }],
    ...[{ response_mode: '\n' }, { code_challenge: 'é' }, { code_challenge_method: 'S512' }],
  ]) {
    const answer = flow.answerOf(await get(flow.requestUrl(client, more)));
    assert.ok(CODES.includes(answer.get('error') ?? ''), JSON.stringify(more));
    assert.match(answer.get('error_description') ?? '', /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  }
  assert.equal(await errorOf({ scope: 'unknown' }), 'invalid_scope');
  const browser = createTestBrowser();
  const consent = await flow.signIn(await flow.open(flow.requestUrl(app), browser), browser);
  const denied = await browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'deny' });
  assert.equal(flow.answerOf(denied).get('error'), 'access_denied');
});

must('6749-4.2.2-fragment', () =>
  withImplicit(async () => {
    const { location = '' } = await flow.allow(flow.requestUrl(client, { ...TOKEN, state: 'a&b' }));
    const url = new URL(location);
    assert.equal(url.search, '');
    const answer = new URLSearchParams(url.hash.slice(1));
    assert.match(answer.get('access_token') ?? '', /^[0-9A-Za-z]{54}$/);
    assert.deepEqual([answer.get('token_type'), answer.get('state')], ['Bearer', 'a&b']);
    assert.ok(Number(answer.get('expires_in')) > 0);
  }),
);

must('6749-4.2.2-no-refresh', () =>
  withImplicit(async () => {
    const { location = '' } = await flow.allow(flow.requestUrl(client, TOKEN));
    assert.match(location, /access_token=/);
    assert.doesNotMatch(location, /refresh_token|code=/);
  }),
);

must('6749-4.2.2.1-errors', () =>
  withImplicit(async () => {
    for (const more of [{ scope: 'unknown' }, { response_mode: 'query' }]) {
      const { location = '' } = await get(flow.requestUrl(client, { ...TOKEN, ...more }));
      assert.match(location, /^https:\/\/app\.example\.com\/callback#error=invalid_(scope|request)&/);
    }
  }),
);

must('6749-10.12-csrf', async () => {
  const browser = createTestBrowser();
  const consent = await flow.signIn(await flow.open(flow.requestUrl(app), browser), browser);
  const form = { ...consent.fields, decision: 'allow' };
  const url = `${system.url}/consent`;
  const forged = [
    await browser.post(url, { ...form, form_token: '' }),
    await browser.post(url, { ...form, form_token: 'f'.repeat(64) }),
    await browser.post(url, form, { 'Sec-Fetch-Site': 'cross-site' }),
    await createTestBrowser().post(url, form),
    await browser.get(`${url}?${new URLSearchParams(form)}`),
  ];
  for (const { location } of forged) assert.doesNotMatch(location ?? '', /^https:\/\/app/);
  assert.ok(flow.answerOf(await browser.post(url, form)).get('code'), 'what the page itself sends');
});

must('6749-10.13-framing', async () => {
  const browser = createTestBrowser();
  const signIn = await flow.open(flow.requestUrl(app), browser);
  const consent = await flow.signIn(signIn, browser);
  for (const { headers } of [signIn, consent, await get(system.url)]) {
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    assert.equal(headers.get('x-frame-options'), 'DENY');
  }
});

must('6749-10.14-injection', async () => {
  const script = '"><script>alert(1)</script>';
  const browser = createTestBrowser();
  const page = await flow.open(flow.requestUrl(client, { state: script }), browser);
  const again = await browser.post(`${system.url}/sign-in`, { ...page.fields, username: script, password: 'x' });
  const pages = [page, again, await get(flow.requestUrl(client, { redirect_uri: script }))];
  const posted = { response_mode: 'form_post', state: script, scope: 'unknown' };
  pages.push(await get(flow.requestUrl(client, posted)));
  for (const { text, headers } of pages) {
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.doesNotMatch(text, /<script/);
  }
  const split = await get(flow.requestUrl(client, { state: 'a\r\nSet-Cookie: a=b', scope: 'unknown' }));
  assert.equal(split.headers.get('set-cookie'), null);
});

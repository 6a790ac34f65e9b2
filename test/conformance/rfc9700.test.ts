import assert from 'node:assert/strict';
import { after } from 'node:test';
import { redirectUriFault } from '#core/model/redirect-uri';
import { createTestBrowser, OWNER, openAuthorization, PASSWORD } from '../support/authorization.ts';
import { APP, createCodeFlow } from '../support/code-flow.ts';
import { must } from './must.ts';

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;
const UNPROVED = { code_challenge: undefined, code_challenge_method: undefined };
const get = (url: string) => createTestBrowser().get(url);

async function metadata(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { origin, pathname } = new URL(system.issuer);
  const answer = await fetch(`${origin}/.well-known/oauth-authorization-server${pathname}`);
  return (await answer.json()) as Record<string, string[]>;
}

must('9700-2.1-exact', async () => {
  for (const uri of [
    ...['https://app.example.com/Callback', 'HTTPS://app.example.com/callback', 'https://APP.example.com/callback'],
    ...['https://app.example.com:443/callback', 'https://app.example.com:8443/callback', `${APP}/`, `${APP}?`],
    ...[`${APP}#`, 'https://app.example.com/%63allback', 'https://app.example.com/./callback', `${APP}%2f..`],
    ...['https://app.example.com/x/%2e%2e/callback', 'https://app.example.com//callback', `${APP}\\`, ` ${APP}`],
    ...['https://user@app.example.com/callback', 'https://app.example.com@evil.example.com/callback'],
    ...[
      'https://app.example.com.evil.example.com/callback',
      'https://evil.example.com/?https://app.example.com/callback',
    ],
    ...['http://app.example.com/callback', 'https:app.example.com/callback', 'https:\\\\app.example.com\\callback'],
    ...['https://app.example.com./callback', 'https://ａpp.example.com/callback', `${APP}\0`, 'javascript:alert(1)'],
  ]) {
    const { status, location } = await get(flow.requestUrl(client, { redirect_uri: uri }));
    assert.deepEqual([status, location], [400, undefined], uri);
  }
});

must('9700-2.1-loopback', async () => {
  const redirectUris = ['http://127.0.0.1/callback', 'http://[::1]/callback'];
  const native = flow.register({ kind: 'public', authMethod: 'none', redirectUris });
  const statusOf = async (who: typeof native, uri: string) =>
    (await get(flow.requestUrl(who, { redirect_uri: uri }))).status;
  for (const uri of ['http://127.0.0.1:51004/callback', 'http://[::1]:51004/callback'])
    assert.equal(await statusOf(native, uri), 303, uri);
  for (const uri of [
    ...['http://127.0.0.1:51004/other', 'http://127.0.0.2:51004/callback', 'http://localhost:51004/callback'],
    ...['https://127.0.0.1:51004/callback', 'http://127.0.0.1:0051004/callback', 'http://127.0.0.1:99999/callback'],
    ...['http://127.0.0.1:1@evil.example.com/callback', 'http://127.0.0.1:/callback', 'http://0x7f.1:5/callback'],
  ])
    assert.equal(await statusOf(native, uri), 400, uri);
  assert.equal(await statusOf(flow.register({ redirectUris }), 'http://127.0.0.1:51004/callback'), 400);
});

must('9700-2.1-open-redirector', async () => {
  const evil = 'https://evil.example.com/';
  const urls = ['/sign-in', '/consent', '/sign-out', '/external', '/grants', '/device'].flatMap((page) =>
    ['redirect_uri', 'return', 'next', 'url', 'continue', 'interaction', 'post_logout_redirect_uri'].map(
      (name) => `${system.url}${page}?${new URLSearchParams({ [name]: evil })}`,
    ),
  );
  for (const url of [...urls, flow.requestUrl(client, { redirect_uri: evil }), `${system.url}//evil.example.com`]) {
    const { location, text } = await get(url);
    assert.equal(new URL(location ?? system.url, system.url).origin, new URL(system.url).origin, url);
    assert.doesNotMatch(text, /(?:href|action)="https:\/\/evil/);
  }
});

must('9700-2.1.1-pkce', async () => {
  assert.equal(flow.answerOf(await get(flow.requestUrl(app, UNPROVED))).get('error'), 'invalid_request');
  const { status, json } = await flow.exchange(client, await flow.getCode(client), { code_verifier: undefined });
  assert.deepEqual([status, json.error], [400, 'invalid_grant'], 'a confidential client too');
});

must('9700-2.1.1-metadata', async () => {
  assert.deepEqual((await metadata()).code_challenge_methods_supported, ['S256']);
});

must('9700-2.1.2-implicit', async () => {
  const { location = '' } = await get(flow.requestUrl(client, { response_type: 'token', ...UNPROVED }));
  assert.match(location, /#error=unsupported_response_type&/);
  assert.deepEqual((await metadata()).response_types_supported, ['code']);
});

must('9700-2.2.2-refresh', async () => {
  system.configure({ token: { refreshTokenRotation: 'preserve' } });
  const { refresh_token: token } = await flow.getTokens(app);
  const { json } = await flow.refresh(app, token);
  assert.notEqual(json.refresh_token, undefined);
  assert.notEqual(json.refresh_token, token);
  assert.equal((await flow.refresh(app, token)).json.error, 'invalid_grant');
  system.configure({});
});

must('9700-2.4-password', async () => {
  const triedBefore = system.owners.tried.length;
  const form = { grant_type: 'password', username: OWNER.username, password: PASSWORD };
  const { status, json } = await flow.token(client, form);
  assert.deepEqual([status, json.error], [400, 'unsupported_grant_type']);
  assert.equal((await metadata()).grant_types_supported?.includes('password'), false);
  assert.equal(system.owners.tried.length, triedBefore, 'the directory is not asked');
});

must('9700-2.6-unencrypted', async () => {
  const uri = 'http://app.example.com/callback';
  assert.notEqual(redirectUriFault(uri), undefined, 'it cannot be registered');
  const lax = flow.register({ redirectUris: [uri] });
  const { status, location } = await get(flow.requestUrl(lax, { redirect_uri: uri }));
  assert.deepEqual([status, location], [400, undefined]);
});

must('9700-4.2.4-referrer', async () => {
  const browser = createTestBrowser();
  const signIn = await flow.open(flow.requestUrl(app), browser);
  for (const { headers, text } of [signIn, await flow.signIn(signIn, browser)]) {
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.doesNotMatch(text, /<(?:script|iframe|link|object|embed)|(?:src|srcset)="(?!data:)/);
  }
});

must('9700-4.5.3-code-bound', async () => {
  const code = await flow.getCode(client);
  const guess = await flow.exchange(client, code, { code_verifier: 'a'.repeat(43) });
  assert.deepEqual([guess.status, guess.json.error], [400, 'invalid_grant']);
  assert.equal((await flow.exchange(client, code)).json.error, 'invalid_grant', 'no second guess');
});

must('9700-4.8.2-downgrade', async () => {
  const code = await flow.getCode(client, UNPROVED);
  const { status, json } = await flow.exchange(client, code);
  assert.deepEqual([status, json.error], [400, 'invalid_grant']);
  const honest = await flow.getCode(client, UNPROVED);
  assert.equal((await flow.exchange(client, honest, { code_verifier: undefined })).status, 200);
});

must('9700-4.12-redirect', async () => {
  const browser = createTestBrowser();
  const page = await flow.open(flow.requestUrl(app), browser);
  const form = { ...page.fields, username: OWNER.username, password: PASSWORD };
  const signedIn = await browser.post(`${system.url}/sign-in`, form);
  assert.equal(signedIn.status, 303);
  const consent = await browser.follow(signedIn, new URL(system.url).origin);
  const allowed = await browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'allow' });
  assert.equal(allowed.status, 303);
});

must('9700-4.14.2-reuse', async () => {
  const tokens = await flow.getTokens(client);
  const next = (await flow.refresh(client, tokens.refresh_token)).json;
  assert.equal((await flow.introspect(client, next.access_token)).active, true);
  assert.equal((await flow.refresh(client, tokens.refresh_token)).json.error, 'invalid_grant');
  assert.equal(
    (await flow.refresh(client, next.refresh_token)).json.error,
    'invalid_grant',
    'of the thief or the owner',
  );
  assert.equal((await flow.introspect(client, next.access_token)).active, false);
});

must('9700-4.15-subject', async () => {
  const { json } = await flow.token(client, { grant_type: 'client_credentials' });
  const ofClient = await flow.introspect(client, json.access_token);
  const ofOwner = await flow.introspect(client, (await flow.getTokens(client)).access_token);
  assert.match(String(ofClient.sub), /^gwk_/);
  assert.match(String(ofOwner.sub), /^own_/);
});

must('9700-4.16-framing', async () => {
  for (const page of ['', '/sign-in', '/consent', '/grants', '/sign-out', '/device', '/external']) {
    const { headers } = await get(system.url + page);
    if (headers.has('location')) continue;
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, page);
    assert.equal(headers.get('x-frame-options'), 'DENY', page);
  }
});

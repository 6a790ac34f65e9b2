import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createTestBrowser, openAuthorization } from '../support/authorization.ts';
import type { Registered } from '../support/client-registry.ts';
import { APP, createCodeFlow, type Parameters } from '../support/code-flow.ts';
import { basic } from '../support/oauth.ts';
import { CHALLENGE } from '../support/oauth-grants.ts';
import { must } from './must.ts';

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;
const other = flow.register();
const REQUEST = {
  ...{ response_type: 'code', redirect_uri: APP, state: 'pushed', scope: 'orders:read' },
  ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
};
const credentials = ({ consumerKey, secret }: Registered) => ({ client_id: consumerKey, client_secret: secret });
const push = (more: Parameters = {}, who = client) => flow.post('/par', { ...credentials(who), ...REQUEST, ...more });
const pushed = async (more?: Parameters) => String((await push(more)).json.request_uri);
const at = (uri: string, { consumerKey }: Registered = client, more: Record<string, string> = {}) =>
  `${system.url}?${new URLSearchParams({ client_id: consumerKey, request_uri: uri, ...more })}`;
/** Told to the person; nobody is sent anywhere. */
const isRefused = async (url: string) => {
  const { status, location } = await createTestBrowser().get(url);
  assert.deepEqual([status, location], [400, undefined]);
};

must('9126-2-authenticate', async () => {
  for (const form of [{ client_secret: 'wrong' }, { client_secret: undefined }, { client_id: 'gwk_unknown' }]) {
    const { status, json } = await push(form);
    assert.deepEqual([status, json.error], [401, 'invalid_client']);
  }
  const [, header] = basic(client.consumerKey, client.secret);
  const byHeader = await flow.post('/par', REQUEST, { Authorization: header });
  assert.equal(byHeader.status, 201);
  const another = await flow.post('/par', { ...REQUEST, client_id: other.consumerKey }, { Authorization: header });
  assert.equal(another.status, 400, 'the client_id of somebody else');
  assert.equal(
    (await push({ client_secret: undefined }, app)).status,
    201,
    'a public client as at the token end point',
  );
});

must('9126-2.1-request-uri', async () => {
  for (const uri of [await pushed(), 'https://app.example.com/request']) {
    const { status, json } = await push({ request_uri: uri });
    assert.deepEqual([status, json.error], [400, 'invalid_request']);
  }
});

must('9126-2.1-validate', async () => {
  for (const [more, error] of [
    [{ response_type: undefined }, 'invalid_request'],
    [{ response_type: 'x' }, 'unsupported_response_type'],
    [{ scope: 'unknown' }, 'invalid_scope'],
    [{ redirect_uri: 'https://evil.example.com/' }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ resource: 'x' }, 'invalid_target'],
    [{ state: ['a', 'b'] }, 'invalid_request'],
  ] as const) {
    const { status, json, headers } = await push(more);
    assert.deepEqual([status, json.error], [400, error], JSON.stringify(more));
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(headers.get('location'), null);
  }
});

must('9126-2.1-method', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await fetch(`${system.issuer}/par`, { method });
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'], method);
  }
});

must('9126-2.2-answer', async () => {
  const { status, headers, json } = await push();
  assert.equal(status, 201);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.match(headers.get('cache-control') ?? '', /no-store/);
  assert.deepEqual(Object.keys(json).sort(), ['expires_in', 'request_uri']);
  assert.ok(Number.isSafeInteger(json.expires_in) && Number(json.expires_in) > 0);
  assert.match(String(json.request_uri), /^urn:ietf:params:oauth:request_uri:/);
});

must('9126-2.2-random', async () => {
  const uris = new Set<string>();
  for (let i = 0; i < 20; i += 1) uris.add(await pushed());
  assert.equal(uris.size, 20);
  for (const uri of uris) assert.match(uri, /:[0-9A-Za-z]{43}$/); // 43 × log2(62) > 256 bits
});

must('9126-2.2-bound', async () => {
  const uri = await pushed();
  for (const thief of [other, app]) await isRefused(at(uri, thief));
  assert.equal((await flow.open(at(uri))).status, 200, 'and its own client can use it yet');
});

must('9126-4-expired', async () => {
  const uri = await pushed();
  system.clock.advance(90_000);
  await isRefused(at(uri));
  await isRefused(at('urn:ietf:params:oauth:request_uri:unknown'));
});

must('9126-4-once', async () => {
  const uri = await pushed();
  const both = await Promise.all([createTestBrowser().get(at(uri)), createTestBrowser().get(at(uri))]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [303, 400]);
  await isRefused(at(uri));
});

must('9126-4-parameters', async () => {
  const beside = { state: 'browser', scope: 'orders:write', redirect_uri: 'https://evil.example.com/' };
  const back = await flow.allow(at(await pushed(), client, { ...beside, response_type: 'x' }));
  assert.ok(back.location?.startsWith(`${APP}?`));
  const answer = flow.answerOf(back);
  assert.equal(answer.get('state'), 'pushed');
  const { json } = await flow.exchange(client, answer.get('code') ?? '');
  assert.equal((await flow.introspect(client, json.access_token)).scope, 'orders:read');
});

must('9126-5-metadata', async () => {
  const { origin, pathname } = new URL(system.issuer);
  const answer = await fetch(`${origin}/.well-known/oauth-authorization-server${pathname}`);
  const metadata = (await answer.json()) as Record<string, unknown>;
  assert.equal(metadata.pushed_authorization_request_endpoint, `${system.issuer}/par`);
});

must('9126-5-required', async () => {
  system.configure({ authorization: { requirePushedRequest: true } });
  const answer = flow.answerOf(await createTestBrowser().get(flow.requestUrl(client)));
  assert.equal(answer.get('error'), 'invalid_request');
  assert.equal((await flow.open(at(await pushed()))).status, 200);
  system.configure({});
});

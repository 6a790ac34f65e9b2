import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Egress, EgressError, type EgressRequest } from '#core/egress';
import { ConfigurationError, Refusal } from '#core/errors';
import { noMetrics } from '#core/metrics';
import type { PolicyServices } from '#core/policy';
import { createMessage } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { serviceCallout } from './policy.ts';
import { schema } from './schema.ts';

const at = (name: string): string => `\u0024{${name}}`;
const { clock } = createOAuthSystem();

interface Call extends EgressRequest {
  readonly url: string;
}

/** A way out that answers by itself and keeps what was called. */
function wayOut(answer: { status?: number; body?: string } | Error = {}) {
  const calls: Call[] = [];
  const egress: Egress = {
    async fetch(url, request) {
      calls.push({ url, ...request });
      if (answer instanceof Error) throw answer;
      return { status: answer.status ?? 200, headers: {}, body: Buffer.from(answer.body ?? '{}'), finalUrl: url };
    },
    resolve: () => Promise.reject(new Error('not used here')),
  };
  return { calls, egress };
}

function compile(settings: object, egress: Egress) {
  const context = { project: { name: 'p' }, policy: { name: 'c' }, phase: 'proxyRequest' };
  const services = { context, clock, metrics: noMetrics, egress } as unknown as PolicyServices;
  const handler = serviceCallout.compile(schema.parse(settings), services).proxyRequest;
  assert.ok(handler !== undefined);
  return handler;
}

const refusedAs = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

test('fills in path, query, header fields and body, each encoded for its place', async () => {
  const { calls, egress } = wayOut();
  const message = createMessage({ query: 'client=a%2F..%2Fb%26c&name=%22x%22', headers: [['X-Tenant', 'north']] });
  message.whiteboard.assign('scopes', new Set(['read', 'write']));
  await compile(
    {
      method: 'POST',
      url: `https://scopes.example.com:8443/v1/${at('request.query.client')}?t=${at('request.header.x-tenant')}&c=${at('request.query.client')}`,
      headers: [{ name: 'Authorization', value: `Bearer ${at('request.header.x-tenant')}` }],
      bodyType: 'json',
      body: `{"name":"${at('request.query.name')}","scopes":"${at('scopes')}","fixed":1}`,
    },
    egress,
  )(message);
  assert.deepEqual(calls, [
    {
      url: 'https://scopes.example.com:8443/v1/a%2F..%2Fb%26c?t=north&c=a%2F..%2Fb%26c',
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer north' },
      body: '{"name":"\\"x\\"","scopes":["read","write"],"fixed":1}',
      limitBytes: 65_536,
      timeoutMs: 3000,
      purpose: 'service callout',
    },
  ]);
  const form = {
    method: 'PUT',
    url: 'http://a.example.com',
    bodyType: 'form',
    form: [{ name: 'a b', value: at('request.query.name') }],
  };
  await compile(form, egress)(message);
  assert.deepEqual([calls[1]?.url, calls[1]?.body], ['http://a.example.com', 'a+b=%22x%22']);
});

test('no request leads the call to another path', async () => {
  const { calls, egress } = wayOut();
  const callout = compile({ url: `https://a.example.com/v1/${at('request.query.id')}/scopes` }, egress);
  for (const id of ['', '.', '..', '%2E%2E'])
    await assert.rejects(async () => callout(createMessage({ query: `id=${id}` })), refusedAs('selector_value'), id);
  await callout(createMessage({ query: 'id=%252e%252e' }));
  await callout(createMessage({ query: 'id=%E2%82%AC%23%3F%5C%40' }));
  assert.deepEqual(
    calls.map(({ url }) => url),
    ['https://a.example.com/v1/%252e%252e/scopes', 'https://a.example.com/v1/%E2%82%AC%23%3F%5C%40/scopes'],
  );
});

test('scheme and host never come from a request', () => {
  for (const url of [
    ...['ftp://a.example.com/', 'a.example.com/x', '//a.example.com', '/x', 'https://', 'https:///x', ''],
    ...[`${at('request.query.u')}`, `https://${at('request.query.h')}/`, `https://a.${at('request.query.h')}/`],
    ...[`https://a.example.com${at('request.query.x')}`, `https://a.example.com:${at('request.query.p')}/`],
    ...[
      `${at('customer.url')}/x`,
      'https://user:pw@a.example.com/',
      'https://a.example.com\\@b/',
      'https://a.example.com/#x',
      'https://a/ b',
    ],
  ])
    assert.equal(schema.safeParse({ url }).success, false, url);
  for (const url of [
    `https://a.example.com/${at('request.query.x')}`,
    `https://${at('variables.host')}/x`,
    `${at('variables.base')}/x`,
    'http://[::1]:1/x',
    'https://a.example.com?x=1',
  ])
    assert.equal(schema.safeParse({ url }).success, true, url);
});

test('a host that is none is refused at deploy', () => {
  for (const url of ['https://[x/', 'https://a:b/', 'https://a:99999/x'])
    assert.throws(() => compile({ url }, wayOut().egress), ConfigurationError, url);
});

test('reads the answer as JSON, text or a set, and the part that is asked for', async () => {
  const cases: [settings: object, body: string, expected: unknown][] = [
    [{}, '{"a":[1,null]}', { a: [1, null] }],
    [{ pick: 'user.tier' }, '{"user":{"tier":3}}', 3],
    [{ answerAs: 'text' }, 'plain', 'plain'],
    [{ answerAs: 'set' }, 'read write\n', new Set(['read', 'write'])],
    [{ answerAs: 'set' }, '["read","read"]', new Set(['read'])],
    [{ answerAs: 'set', pick: 'user.scopes' }, '{"user":{"scopes":["a","b"]}}', new Set(['a', 'b'])],
    [{ answerAs: 'set', pick: 'scope' }, '{"scope":"a b"}', new Set(['a', 'b'])],
  ];
  for (const [settings, body, expected] of cases) {
    const message = createMessage();
    const { egress } = wayOut({ body });
    await compile({ url: 'https://a.example.com/', attribute: 'answer', ...settings }, egress)(message);
    assert.deepEqual(message.whiteboard.get('answer'), expected, body);
    assert.doesNotMatch(JSON.stringify(message.facts), /read|plain/, 'nothing of the answer in the trace');
  }
});

test('without a usable answer the request is refused, or goes on without the attribute', async () => {
  const cases: [settings: object, answer: Parameters<typeof wayOut>[0]][] = [
    [{}, { status: 404 }],
    [{}, { status: 302 }],
    [{}, { body: 'no json' }],
    [{ pick: 'a.b' }, { body: '{"a":{}}' }],
    [{ pick: 'constructor' }, { body: '{}' }],
    [{ answerAs: 'set' }, { body: '[1]' }],
    [{}, new EgressError('timed_out', 'No answer in time.')],
  ];
  for (const [settings, answer] of cases) {
    const url = 'https://a.example.com/private?key=1';
    const { egress } = wayOut(answer);
    const message = createMessage();
    message.whiteboard.assign('callout.answer', 'old');
    await assert.rejects(async () => compile({ url, ...settings }, egress)(message), refusedAs('callout_failed'));
    assert.equal(message.whiteboard.get('callout.answer'), undefined);
    const going = createMessage();
    going.whiteboard.assign('callout.answer', 'old');
    assert.equal(await compile({ url, onFailure: 'continue', ...settings }, egress)(going), undefined);
    assert.equal(going.whiteboard.get('callout.answer'), undefined);
    assert.doesNotMatch(JSON.stringify(going.facts), /private|key/);
  }
});

test('only so many calls run at once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { egress } = wayOut();
  const slow: Egress = { ...egress, fetch: (url, request) => promise.then(() => egress.fetch(url, request)) };
  const callout = compile({ url: 'https://a.example.com/', maxConcurrent: 1 }, slow);
  const first = callout(createMessage());
  await assert.rejects(async () => callout(createMessage()), refusedAs('gateway_busy'));
  resolve();
  await first;
  await callout(createMessage());
});

test('settings that cannot work are refused, and the card says where it goes', () => {
  const url = 'https://a.example.com/x';
  for (const bad of [
    { url, bodyType: 'json' },
    { url, attribute: 'accesstoken' },
    { url, headers: [{ name: 'Host', value: 'b' }] },
    { url, pick: 'a..b' },
  ])
    assert.equal(schema.safeParse(bad).success, false, JSON.stringify(bad));
  assert.throws(() => compile({ url, method: 'POST', bodyType: 'json', body: '{' }, wayOut().egress));
  const config = schema.parse({ url, attribute: 'x.y' });
  assert.equal(serviceCallout.summarize(config), 'GET a.example.com → x.y');
  assert.deepEqual(serviceCallout.writes?.(config), ['x.y']);
});

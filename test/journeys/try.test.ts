import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { type ApiAnswer, BOOTSTRAP_TOKEN, eventually, type System, startSystem } from '../support/system.ts';

// Try it and the target check: through a registered gateway only, with a ticket, as nobody but who tries.

let system: System;
let made: Quickstart;
const requests: string[] = [];
const upstream = http.createServer(async (request, response) => {
  requests.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
  await request.toArray();
  if (request.url === '/large') response.end('x'.repeat(6 * 1024 * 1024));
  else if (request.url === '/binary')
    response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([1, 2, 255]));
  else response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ url: request.url }));
});

before(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  system = await startSystem({ workers: 2 });
  made = await quickstart(system, `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
});
after(async () => {
  await system[Symbol.asyncDispose]();
  upstream.closeAllConnections();
  upstream.close();
});

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
type Any = any;
async function send(path: string, body: object): Promise<ApiAnswer<Any>> {
  const answer = await fetch(`${system.console}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOOTSTRAP_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Any };
}
const orders = { project: 'orders-api', serverGroup: 'local' };
const subscriptionName = async (): Promise<string> => {
  const page = await system.must<{ items: { name: string }[] }>('GET', '/subscriptions');
  return page.items[0]?.name ?? '';
};

test('a call as a subscription needs no secret, is answered as a caller’s, and says in record and audit who tried', async () => {
  const subscription = await subscriptionName();
  const { status, body } = await send('/try', {
    ...orders,
    path: '/1',
    query: [{ name: 'q', value: 'a b' }],
    subscription,
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.status, body.encoding, body.isCut, body.tokenIn], [201, 'text', false, 'header']);
  assert.equal(JSON.parse(body.body).url, '/1?q=a%20b');
  assert.ok(body.timing.totalMs >= body.timing.firstByteMs && body.timing.tokenMs > 0);
  const record = await eventually('its record', async () => {
    const answer = await system.api<Any>('GET', `/requests/${body.requestId}`);
    return answer.status === 200 ? answer.body : undefined;
  });
  assert.equal(record.triedBy, 'bootstrap');
  assert.equal(record.clientName, 'mobile-shop');
  const trail = await system.must<Any>('GET', '/audit?operation=try.send');
  assert.match(trail.items[0].sentence, /^GET on orders-api was tried on local as /);
  assert.equal(trail.items[0].actor, 'bootstrap');
  const seen = requests.at(-1) ?? '';
  assert.ok(!/ticket/i.test(seen), seen);
  assert.ok(!JSON.stringify(body).includes(made.consumerSecret));
});

test('without a token, or with one’s own, the policy decides as for anybody', async () => {
  const without = await send('/try', { ...orders, path: '/1' });
  assert.deepEqual([without.status, without.body.status], [200, 401]);
  const wrong = await send('/try', { ...orders, path: '/1', token: 'a'.repeat(54) });
  assert.equal(wrong.body.status, 401);
  const basic = btoa(`${made.consumerKey}:${made.consumerSecret}`);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const issued = await fetch(made.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: form,
  });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const right = await send('/try', { ...orders, path: '/1', token });
  assert.equal(right.body.status, 201);
  assert.ok(!right.body.url.includes(token));
  const inQuery = await send('/try', { project: 'plain-api', serverGroup: 'local', path: '/1', token });
  assert.deepEqual([inQuery.body.status, inQuery.body.tokenIn], [201, 'query']);
  assert.ok(!JSON.stringify(inQuery.body).includes(token));
});

test('a large answer is cut and said to be, a binary one is base64', async () => {
  await system.must('POST', '/projects', {
    ...{ displayName: 'Raw', kind: 'http', contextPath: '/raw' },
    targetUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
  });
  await deployAndWait(system, 'raw');
  const large = await send('/try', { project: 'raw', serverGroup: 'local', path: '/large' });
  assert.deepEqual([large.body.isCut, large.body.bytes], [true, 5 * 1024 * 1024]);
  const binary = await send('/try', { project: 'raw', serverGroup: 'local', path: '/binary' });
  assert.deepEqual([binary.body.encoding, binary.body.body], ['base64', 'AQL/']);
});

test('only what is deployed, on groups and gateways that are there, and nothing that leads elsewhere', async () => {
  const before = requests.length;
  for (const [more, status] of [
    [{ project: 'nothing' }, 404],
    [{ serverGroup: 'nowhere' }, 404],
    [{ gateway: 'gw-evil' }, 404],
    [{ path: 'http://169.254.169.254/' }, 422],
    [{ path: '@evil.example/' }, 422],
    [{ path: '/a\r\nHost: evil' }, 422],
    [{ headers: [{ name: 'Host', value: 'evil.example' }] }, 422],
    [{ headers: [{ name: 'X-A', value: 'a\r\nHost: evil' }] }, 422],
    [{ headers: [{ name: 'Gatewright-Try-Ticket', value: 'x' }] }, 422],
    [{ method: 'CONNECT' }, 422],
    [{ subscription: 'nobody' }, 404],
    [{ token: 'a', subscription: 'b' }, 422],
  ] as const)
    assert.equal((await send('/try', { ...orders, path: '/1', ...more })).status, status, JSON.stringify(more));
  for (const path of ['//evil.example', '/../token', '/%2e%2e/open', '/..;/open', '/%2F%2Fevil']) {
    const { body } = await send('/try', { ...orders, path });
    assert.ok([400, 401, 404].includes(body.status), `${path}: ${body.status}`);
  }
  assert.equal(requests.length, before, 'no target was called');
  await system.must('POST', '/projects', {
    displayName: 'Idle',
    kind: 'http',
    contextPath: '/idle',
    targetUrl: 'echo:',
  });
  const idle = await send('/try', { project: 'idle', serverGroup: 'local' });
  assert.deepEqual([idle.status, idle.body.code], [409, 'state_conflict']);
});

test('a subscription that may not call gets no token here either', async () => {
  const subscription = await subscriptionName();
  await system.must('POST', `/subscriptions/${subscription}/suspend`, {});
  const refused = await eventually('the gateway knows', async () => {
    const answer = await send('/try', { ...orders, path: '/1', subscription });
    return answer.status === 409 ? answer : undefined;
  });
  assert.match(refused.body.detail, /is suspended/);
  await system.must('POST', `/subscriptions/${subscription}/resume`, {});
});

test('a target is asked from a gateway: status class and time, nothing else; a page of ours is no exception', async () => {
  const { port } = upstream.address() as AddressInfo;
  const good = await send('/targets/check', { url: `http://127.0.0.1:${port}/health`, serverGroup: 'local' });
  assert.deepEqual(Object.keys(good.body).sort(), ['ms', 'ok', 'statusClass']);
  assert.deepEqual([good.status, good.body.ok, good.body.statusClass], [200, true, '2xx']);
  const refused = await send('/targets/check', { url: 'http://127.0.0.1:1/', serverGroup: 'local' });
  assert.deepEqual(refused.body, { ok: false, problem: 'It refused the connection, or cannot be reached.' });
  assert.equal((await send('/targets/check', { url: 'file:///etc/passwd', serverGroup: 'local' })).status, 422);
  const trail = await system.must<Any>('GET', '/audit?operation=targets.check');
  assert.equal(trail.items.length, 2);
});

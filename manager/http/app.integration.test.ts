import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { BOOTSTRAP_TOKEN, startTestManager } from '#test/support/running-manager';

test('without a key there is 401 with a challenge, and nothing else', async (t) => {
  const manager = await startTestManager(t);
  for (const headers of [
    {},
    { authorization: 'Basic Zm9vOmJhcg==' },
    { authorization: 'Bearer' },
    { authorization: `Bearer ${BOOTSTRAP_TOKEN}x` },
  ]) {
    const answer = await manager.call('GET /projects', { key: '', headers });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm=/);
    assert.equal(answer.body.code, 'unauthenticated');
    assert.ok(!answer.text.includes(BOOTSTRAP_TOKEN));
  }
});

test('two Authorization headers are refused', async (t) => {
  const { address } = await startTestManager(t);
  const status = await new Promise((resolve, reject) => {
    const headers = [
      'Host',
      '127.0.0.1',
      'Authorization',
      `Bearer ${BOOTSTRAP_TOKEN}`,
      'Authorization',
      'Bearer other',
    ];
    http.get(`${address}/api/v1/projects`, { headers }, (answer) => resolve(answer.statusCode)).once('error', reject);
  });
  assert.equal(status, 401);
});

test('after ten failed keys an address is told to wait, also with a valid key, and a minute later it goes on', async (t) => {
  const manager = await startTestManager(t);
  for (let i = 0; i < 10; i += 1) assert.equal((await manager.call('GET /projects', { key: 'gwm_wrong' })).status, 401);
  const blocked = await manager.call('GET /projects');
  assert.deepEqual([blocked.status, blocked.body.code], [429, 'too_many_requests']);
  manager.clock.advance(60_000);
  assert.equal((await manager.call('GET /projects')).status, 200);
});

test('only configured host names are answered', async (t) => {
  const manager = await startTestManager(t, { options: { hosts: ['Manager.example.com'] } });
  const ask = (host: string) =>
    new Promise((resolve, reject) => {
      const headers = { host, authorization: `Bearer ${BOOTSTRAP_TOKEN}` };
      http
        .get(`${manager.address}/api/v1/projects`, { headers }, (answer) => resolve(answer.statusCode))
        .once('error', reject);
    });
  assert.equal(await ask('attacker.example'), 421);
  assert.equal(await ask('127.0.0.1.attacker.example'), 421);
  assert.equal(await ask('manager.example.com:9000'), 200);
  assert.equal(await ask('localhost'), 200);
  assert.equal(await ask('[::1]:80'), 200);
});

test('an unsafe request of a page from elsewhere is refused', async (t) => {
  const manager = await startTestManager(t);
  const create = (origin: string, displayName: string) =>
    manager.call('POST /clients', { body: { displayName }, headers: { origin } });
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', manager.address.replace('http', 'https')])
    assert.deepEqual(
      [(await create(origin, 'x')).status, (await create(origin, 'x')).body.code],
      [403, 'origin_not_allowed'],
    );
  assert.equal((await create(manager.address, 'Own page')).status, 201);
});

test('a path without operation is 404, a method without operation 405 with Allow', async (t) => {
  const manager = await startTestManager(t);
  assert.equal((await manager.call('GET /nothing')).body.code, 'not_found');
  assert.equal((await manager.call('GET /api/v2/projects')).status, 404);
  const wrong = await manager.call('PUT /projects', { body: {} });
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, POST']);
  assert.equal((await manager.call('GET /projects/%zz')).status, 400);
  assert.equal((await manager.call(`GET /projects/${'x'.repeat(199)}`)).status, 404);
  assert.equal((await manager.call(`GET /projects/${'x'.repeat(500)}`)).status, 404);
});

test('bodies that cannot be read say why; none is a 500', async (t) => {
  const manager = await startTestManager(t);
  const post = (body: string, type = 'application/json') =>
    manager.call('POST /clients', { body, headers: { 'content-type': type } });
  const cases: [body: string, status: number, words: RegExp][] = [
    ['{"displayName": }', 400, /line 1, column 17: Expected a value/],
    ['{"displayName":\n "A"', 400, /line 2, column 5: The text ends too early/],
    ['null', 400, /null/],
    ['[]', 422, /expected object/],
    ['"x"', 422, /expected object/],
    ['', 422, /required/],
    ['{"displayName":"a\\u0000"}', 400, /NUL/],
    ['{"__proto__":{"a":1},"displayName":"A"}', 400, /__proto__/],
    [`{"a":${'['.repeat(100_000)}`, 400, /deeper than 64/],
    [JSON.stringify({ displayName: 'x'.repeat(1_000_000) }), 422, /64 characters/],
    [JSON.stringify({ displayName: 'x'.repeat(1_100_000) }), 413, /1 MiB/],
  ];
  for (const [body, status, words] of cases) {
    const answer = await post(body);
    assert.equal(answer.status, status, body.slice(0, 60));
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.match(JSON.stringify(answer.body), words);
    assert.ok(answer.text.length < 3000, 'what was sent is not sent back');
  }
  assert.equal((await post('{}', 'text/plain')).status, 415);
  assert.equal((await post('displayName=A', 'application/x-www-form-urlencoded')).status, 415);
  assert.equal((await post('{"displayName":"Merge"}', 'application/merge-patch+json')).status, 201);
  const bytes = await fetch(`${manager.address}/api/v1/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOOTSTRAP_TOKEN}`, 'content-type': 'application/json' },
    body: Buffer.from([0x22, 0xff, 0x22]),
  });
  assert.equal(bytes.status, 400);
  assert.deepEqual(
    manager.log.filter(({ level }) => level === 'error'),
    [],
  );
});

test('each wrong value has an entry with its pointer, unknown fields name the nearest one', async (t) => {
  const manager = await startTestManager(t);
  const answer = await manager.call('POST /projects?limti=3', {
    body: { displayname: 'A', kind: 'htp', contextPath: 'orders', endpoints: { proxyRequest: [{ polcy: 'a' }] } },
  });
  assert.equal(answer.status, 422);
  const errors = new Map(answer.body.errors.map((one: { pointer: string; code: string }) => [one.pointer, one]));
  assert.deepEqual([...errors.keys()].sort(), [
    '/contextPath',
    '/displayName',
    '/displayname',
    '/endpoints/proxyRequest/0/polcy',
    '/endpoints/proxyRequest/0/policy',
    '/kind',
    '/query/limti',
  ]);
  assert.deepEqual(errors.get('/displayname'), {
    pointer: '/displayname',
    code: 'unknown_field',
    message: 'There is no field "displayname". Did you mean "displayName"?',
  });
});

test('every answer has our request id and tells nobody to keep it', async (t) => {
  const manager = await startTestManager(t);
  for (const request of ['GET /version', 'GET /projects', 'GET /nothing', 'GET /']) {
    const { headers } = await manager.call(request, { headers: { 'x-request-id': 'mine' } });
    assert.match(headers.get('x-request-id') ?? '', /^req_[0-9A-Z]{16}$/, request);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('a key makes 50 requests a second over the network, the socket as many as it likes', async (t) => {
  const manager = await startTestManager(t);
  const asked = await Promise.all(Array.from({ length: 120 }, () => manager.call('GET /version')));
  const refused = asked.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  assert.equal(refused[0]?.body.code, 'too_many_requests');
  assert.ok(refused[0]?.headers.has('retry-after'));
  for (let i = 0; i < 120; i += 1) assert.equal((await manager.callLocally('GET /version')).status, 200);
});

test('what is no HTTP gets an answer and the connection is closed', async (t) => {
  const manager = await startTestManager(t);
  const socket = net.connect(Number(new URL(manager.address).port), '127.0.0.1');
  socket.end('nonsense\r\n\r\n');
  const text = (await socket.setEncoding('utf8').toArray()).join('');
  assert.match(text, /^HTTP\/1\.1 400 [\s\S]*request_malformed/);
});

test('the address and the setup link say what to do next', async (t) => {
  const manager = await startTestManager(t, { options: { bootstrapToken: undefined } });
  const welcome = await manager.call('GET /', { key: '' });
  assert.equal(welcome.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.match(welcome.text, /\/api\/v1\/openapi\.json/);
  const link = new URL(manager.setupLink ?? '');
  assert.match(
    (await manager.call(`GET ${link.pathname}`, { key: '' })).text,
    /curl -X POST .*"token":"[0-9A-Za-z]{43}"/,
  );
  assert.match((await manager.call("GET /setup/x'$(id)", { key: '' })).text, /"token":"TOKEN"/);
});

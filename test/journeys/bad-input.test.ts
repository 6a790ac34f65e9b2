import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { sendRaw } from '../support/raw-http.ts';
import { BOOTSTRAP_TOKEN, type System, startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';

let system: System;
let made: Quickstart;

before(async () => {
  system = await startSystem();
  made = await quickstart(system, 'echo:');
});

after(() => system[Symbol.asyncDispose]());

interface ProblemBody {
  code: string;
  status: number;
  errors?: { pointer: string; code: string; message: string }[];
}

function assertClean(status: number, text: string): void {
  assert.ok(status >= 400 && status < 500, `${status} ${text.slice(0, 200)}`);
  assert.ok(!/\bat .*\(?.*\.[tj]s:\d+/.test(text), `no stack: ${text.slice(0, 400)}`);
}

test('the management API answers bad input with a code and a JSON pointer', async () => {
  const rows: { body: unknown; status: number; code: string; pointer?: string; headers?: Record<string, string> }[] = [
    { body: '{"displayName": ', status: 400, code: 'body_malformed' },
    { body: '', status: 422, code: 'validation_failed', pointer: '/displayName' },
    { body: '[]', status: 422, code: 'validation_failed', pointer: '' },
    { body: 'null', status: 400, code: 'body_malformed' },
    {
      body: { displayName: 'X', kind: 'http', contextPath: '/x', contextPaht: '/y' },
      status: 422,
      code: 'validation_failed',
      pointer: '/contextPaht',
    },
    {
      body: { displayName: 5, kind: 'http', contextPath: '/x' },
      status: 422,
      code: 'validation_failed',
      pointer: '/displayName',
    },
    {
      body: { displayName: 'n'.repeat(900_000), kind: 'http', contextPath: '/x' },
      status: 422,
      code: 'validation_failed',
      pointer: '/displayName',
    },
    {
      body: { displayName: 'n'.repeat(2_000_000), kind: 'http', contextPath: '/x' },
      status: 413,
      code: 'body_too_large',
    },
    {
      body: { displayName: 'X', kind: 'soap', contextPath: '/x' },
      status: 422,
      code: 'validation_failed',
      pointer: '/kind',
    },
    {
      body: { displayName: 'X', kind: 'http', contextPath: 'x' },
      status: 422,
      code: 'validation_failed',
      pointer: '/contextPath',
    },
    {
      body: { displayName: 'X', kind: 'http', contextPath: '/x', endpoints: { proxyRequest: [{ policy: 7 }] } },
      status: 422,
      code: 'validation_failed',
      pointer: '/endpoints/proxyRequest/0/policy',
    },
    {
      body: { displayName: 'X', kind: 'http', contextPath: '/x', targetUrl: 'file:///etc/passwd' },
      status: 422,
      code: 'validation_failed',
      pointer: '/targetUrl',
    },
    { body: { displayName: 'Orders API', kind: 'http', contextPath: '/x' }, status: 409, code: 'name_taken' },
    { body: '<x/>', status: 415, code: 'media_type_unsupported', headers: { 'content-type': 'application/xml' } },
    {
      body: { __proto__x: 1, displayName: 'X', kind: 'http', contextPath: '/x' },
      status: 422,
      code: 'validation_failed',
    },
    {
      body: '{"__proto__": {"a": 1}, "displayName": "X", "kind": "http", "contextPath": "/x"}',
      status: 400,
      code: 'body_malformed',
    },
  ];
  for (const row of rows) {
    const answer = await system.api<ProblemBody>('POST', '/projects', row.body, {
      'content-type': 'application/json',
      ...row.headers,
    });
    const label = JSON.stringify(row.body).slice(0, 80);
    assert.equal(answer.status, row.status, `${label}: ${JSON.stringify(answer.body).slice(0, 300)}`);
    assert.equal(answer.body.code, row.code, label);
    assertClean(answer.status, JSON.stringify(answer.body));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    if (row.pointer !== undefined)
      assert.ok(
        answer.body.errors?.some((error) => error.pointer === row.pointer),
        `${label}: ${JSON.stringify(answer.body.errors).slice(0, 300)}`,
      );
  }
  const misspelt = await system.api<ProblemBody>('POST', '/projects', {
    displayName: 'X',
    kind: 'http',
    contextPath: '/x',
    contextPaht: '/y',
  });
  assert.match(JSON.stringify(misspelt.body.errors), /contextPath/);
});

test('lists, ids and revisions that make no sense are refused', async () => {
  for (const path of [
    '/projects?limit=0',
    '/projects?limit=x',
    '/projects?limit=100000',
    '/projects?cursor=%00',
    '/projects?cursor=abc',
    '/projects?sort=nothing',
    '/projects?nope=1',
    '/requests?status=abc',
    '/projects/orders-api/diff?from=v99&to=draft',
    '/projects/orders-api/diff?from=x',
  ]) {
    const answer = await system.api('GET', path);
    assertClean(answer.status, JSON.stringify(answer.body));
  }
  for (const path of [
    '/projects/none',
    `/projects/${'x'.repeat(5000)}`,
    '/projects/%00',
    '/projects/%',
    '/nothing',
    '/requests/req_1/why',
    '/clients/..%2f..%2fetc',
  ]) {
    const answer = await fetch(`${system.console}/api/v1${path}`, {
      headers: { authorization: `Bearer ${BOOTSTRAP_TOKEN}` },
    });
    assertClean(answer.status, await answer.text());
  }
  assert.equal(
    (await system.api<ProblemBody>('PATCH', '/projects/orders-api', { description: 'x' }, { 'if-match': '"9999"' }))
      .body.code,
    'revision_mismatch',
  );
  assert.equal(
    (await system.api<ProblemBody>('PATCH', '/projects/orders-api', { description: 'x' }, { 'if-match': '' })).body
      .code,
    'revision_missing',
  );
});

test('the management API is closed without a key, to another host name and to another origin', async () => {
  const url = `${system.console}/api/v1/projects`;
  assert.equal((await fetch(url)).status, 401);
  assert.equal((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  const { host } = new URL(system.console);
  assert.equal(
    (
      await sendRaw(
        system.console,
        `GET /api/v1/projects HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${BOOTSTRAP_TOKEN}\r\nConnection: close\r\n\r\n`,
      )
    ).status,
    421,
  );
  const foreign = await system.api<ProblemBody>(
    'POST',
    '/projects',
    { displayName: 'X', kind: 'http', contextPath: '/x' },
    { origin: 'http://evil.example' },
  );
  assert.equal(foreign.body.code, 'origin_not_allowed');
  assert.equal(
    (
      await sendRaw(
        system.console,
        `GET /internal/v1/feed?serverGroup=local&gatewayId=x HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${BOOTSTRAP_TOKEN}\r\nConnection: close\r\n\r\n`,
      )
    ).status,
    404,
  );
});

test('token requests that are ambiguous or malformed are invalid_request, each with its reason', async () => {
  const { tokenUrl, consumerKey, consumerSecret } = made;
  const good = `client_id=${consumerKey}&client_secret=${consumerSecret}`;
  const rows: {
    query?: string;
    body: string;
    type?: string;
    headers?: Record<string, string>;
    error: string;
    status?: number;
  }[] = [
    { body: `${good}&grant_type=client_credentials&grant_type=client_credentials`, error: 'invalid_request' },
    { body: `${good}&client_id=${consumerKey}&grant_type=client_credentials`, error: 'invalid_request' },
    { query: '?grant_type=password', body: `${good}&grant_type=client_credentials`, error: 'invalid_request' },
    { query: '?grant_type=client_credentials&grant_type=client_credentials', body: good, error: 'invalid_request' },
    { body: good, error: 'invalid_request' },
    { body: `${good}&grant_type=`, error: 'invalid_request' },
    { body: `${good}&grant_type=%zz`, error: 'invalid_request' },
    { body: `${good}&grant_type=client_credentials&x=%ff%fe`, error: 'invalid_request' },
    { body: '{"grant_type":"client_credentials"}', type: 'application/json', error: 'invalid_request' },
    {
      query: `?grant_type=client_credentials&client_id=${consumerKey}&client_secret=${consumerSecret}`,
      body: '',
      error: 'invalid_request',
    },
    {
      body: `${good}&grant_type=client_credentials`,
      headers: { authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}` },
      error: 'invalid_request',
    },
    { body: `${good}&grant_type=password`, error: 'unsupported_grant_type' },
    {
      body: `grant_type=client_credentials&client_id=${consumerKey}&client_secret=wrong`,
      error: 'invalid_client',
      status: 401,
    },
    {
      body: 'grant_type=client_credentials',
      headers: { authorization: 'Basic ###' },
      error: 'invalid_client',
      status: 401,
    },
    {
      body: `grant_type=client_credentials&${Array.from({ length: 500 }, (_, i) => `p${i}=1`).join('&')}&${good}`,
      error: 'invalid_request',
    },
    { body: `${good}&grant_type=client_credentials&scope=${encodeURIComponent('"\\')}`, error: 'invalid_scope' },
  ];
  for (const row of rows) {
    const answer = await fetch(tokenUrl + (row.query ?? ''), {
      method: 'POST',
      headers: { 'content-type': row.type ?? 'application/x-www-form-urlencoded', ...row.headers },
      body: row.body,
    });
    const text = await answer.text();
    assert.equal(answer.status, row.status ?? 400, `${row.body.slice(0, 60)}: ${text}`);
    assert.equal((JSON.parse(text) as { error: string }).error, row.error, `${row.body.slice(0, 60)}: ${text}`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.ok(!text.includes(consumerSecret));
  }
  const huge = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `x=${'y'.repeat(200_000)}`,
  });
  assert.equal(huge.status, 413);
  await huge.arrayBuffer();
});

test('requests that are ambiguous or malformed HTTP are refused by the gateway', async () => {
  const path = new URL(made.apiUrl).pathname;
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const bearer = `Authorization: Bearer ${token}\r\n`;
  const head = (lines: string, first = `GET ${path} HTTP/1.1`) => `${first}\r\n${lines}Connection: close\r\n\r\n`;
  const rows: [string, string, number[]][] = [
    ['two Authorization fields', head(`Host: a\r\n${bearer}${bearer}`), [400]],
    ['two Host fields', head(`Host: a\r\nHost: b\r\n${bearer}`), [400]],
    ['no Host field', head(bearer), [400]],
    ['Content-Length twice', head(`Host: a\r\n${bearer}Content-Length: 0\r\nContent-Length: 1\r\n`), [400]],
    [
      'Content-Length and chunked',
      head(`Host: a\r\n${bearer}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `POST ${path} HTTP/1.1`),
      [400],
    ],
    ['a field with a space before the colon', head(`Host: a\r\nX-A : b\r\n${bearer}`), [400]],
    ['obsolete folding', head(`Host: a\r\nX-A: b\r\n c\r\n${bearer}`), [400]],
    ['a control byte in a value', head(`Host: a\r\nX-A: b\u0001c\r\n${bearer}`), [400]],
    ['40 KiB of header', head(`Host: a\r\nX-A: ${'b'.repeat(40_000)}\r\n${bearer}`), [431]],
    ['no HTTP at all', 'hello\r\n\r\n', [400]],
    [
      'an upgrade',
      head(`Host: a\r\n${bearer}Upgrade: websocket\r\n`).replace('Connection: close', 'Connection: Upgrade'),
      [501],
    ],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', [400, 405, 501]],
    [
      'a token in two places',
      head(`Host: a\r\n${bearer}`, `GET /plain?access_token=${token}&access_token=${token} HTTP/1.1`),
      [400],
    ],
  ];
  for (const [name, bytes, statuses] of rows) {
    const answer = await sendRaw(system.gateway, Buffer.from(bytes, 'latin1'));
    assert.ok(statuses.includes(answer.status), `${name}: ${answer.head.slice(0, 100)} ${answer.body.slice(0, 200)}`);
    assertClean(answer.status === 501 ? 400 : answer.status, answer.body);
    assert.ok(!answer.body.includes(token), name);
    assert.match(answer.head, /x-request-id: req_/i, name);
  }
  assert.equal((await fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
});

test('a flood of invented tokens is refused without asking the store', async () => {
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const invented = (length: number) =>
    Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('');
  for (let batch = 0; batch < 20; batch += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${invented(i % 2 === 0 ? 54 : 30)}` } }),
      ),
    );
    for (const answer of answers) {
      assert.equal(answer.status, 401);
      await answer.arrayBuffer();
    }
    const live = await fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(live.status, 200);
    await live.arrayBuffer();
  }
  assert.equal(
    (
      await postForm(made.tokenUrl, {
        grant_type: 'client_credentials',
        client_id: 'gwk_0000000000000000',
        client_secret: 'x',
      })
    ).body.error,
    'invalid_client',
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../support/person.ts';
import { quickstart } from '../support/quickstart.ts';
import { type ApiAnswer, eventually, type System, startSystem } from '../support/system.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Server-side request forgery: every way to name a URL that the manager then calls, against everything that only this machine reaches.
// The way out itself, with names that change while they are asked (DNS rebinding), is in egress/egress.integration.test.ts.

const PETSTORE = readFileSync(join(import.meta.dirname, '../support/documents/petstore.yaml'), 'utf8');
const WSDL = readFileSync(join(import.meta.dirname, '../support/documents/orders.wsdl'), 'utf8');

let system: System;
/** Nobody may be led here. */
let inside: Upstream;
/** Stands for the world outside: allowed by host and port. */
let outside: http.Server;
let outsideUrl: string;
let answerOutside: (path: string) => { status: number; headers?: Record<string, string>; body: string };

before(async () => {
  inside = await startUpstream();
  outside = http.createServer((request, response) => {
    const { status, headers = {}, body } = answerOutside(request.url ?? '/');
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const { port } = outside.address() as AddressInfo;
  outsideUrl = `http://127.0.0.1:${port}`;
  system = await startSystem({
    workers: 1,
    env: {
      GATEWRIGHT_OUTBOUND_ALLOW: `127.0.0.1:${port}`,
      GATEWRIGHT_AUDIT_CHECKPOINT_URL: `${inside.url}/checkpoints`,
    },
  });
  await quickstart(system, 'echo:');
});

after(async () => {
  await system?.[Symbol.asyncDispose]();
  outside?.closeAllConnections();
  outside?.close();
  await inside?.[Symbol.asyncDispose]();
});

/** What nobody may have the manager call. */
function forbidden(): string[] {
  const { port } = inside;
  const ownPorts = [
    ...new Set([system.console, system.gateway, ...adminsOf(system.log())].map((url) => new URL(url).port)),
  ];
  assert.ok(ownPorts.length > 2);
  const spellings = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
  ];
  spellings.push('localhost.', '0', '0.0.0.0', '[::]', '127.255.255.254', '①②⑦.⓪.⓪.①');
  return [
    ...spellings.map((host) => `http://${host}:${port}/`),
    ...ownPorts.map((own) => `http://127.0.0.1:${own}/api/v1/version`),
    ...[
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00:ec2::254]/',
      'http://100.100.100.200/',
      'http://[fe80::1]/',
    ],
    ...['http://[::ffff:a9fe:a9fe]/', 'http://0xa9fea9fe/', 'http://2852039166/'],
    `http://user:password@127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}#@example.com/`,
    `http://example.com@127.0.0.1:${port}/`,
  ];
}

const adminsOf = (log: string) => [...log.matchAll(/"admin":"(http:[^"]+)"/g)].map(([, url = '']) => url);

/** Every operation that takes a URL to be called. */
const ENTRANCES: readonly (readonly [path: string, rest: object])[] = [
  ['/imports/openapi/preview', {}],
  ['/imports/openapi', { displayName: 'A', contextPath: '/a', targetUrl: 'echo:' }],
  ['/imports/wsdl/preview', {}],
  ['/imports/wsdl', { displayName: 'A', contextPath: '/a', targetUrl: 'echo:' }],
  ['/projects/orders-api/import/preview', {}],
  ['/projects/orders-api/import', {}],
];

function assertRefused(answer: ApiAnswer, what: string): void {
  const { code } = answer.body as { code?: string };
  assert.ok([403, 422].includes(answer.status), `${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
  assert.ok(
    ['destination_not_allowed', 'validation_failed', 'import_invalid'].includes(code ?? ''),
    `${what}: ${code}`,
  );
}

test('no import fetches what only this machine reaches, in any spelling', async () => {
  for (const [path, rest] of ENTRANCES)
    for (const url of forbidden()) assertRefused(await system.api('POST', path, { ...rest, url }), `${path} ${url}`);
  assert.deepEqual(inside.seen, []);
});

test('no answer from outside leads an import there, by redirect or by what the document names', async () => {
  // A header field has ASCII alone.
  const addresses = forbidden().filter((url) => /^[\x21-\x7e]+$/.test(url));
  const targets = [...addresses, 'file:///etc/passwd', '//169.254.169.254/', `${inside.url}/`];
  answerOutside = (path) => ({ status: 302, headers: { location: targets[Number(path.slice(1))] ?? '/' }, body: '' });
  for (const [path, rest] of ENTRANCES)
    for (const i of targets.keys())
      assertRefused(await system.api('POST', path, { ...rest, url: `${outsideUrl}/${i}` }), `${path} → ${targets[i]}`);
  const inner = `openapi: 3.1.0
info: { title: A, version: "1" }
paths:
  /a:
    $ref: ${inside.url}/a.yaml
  /b:
    get: { responses: { "200": { $ref: "${inside.url}/b.yaml#/x" } } }
`;
  const wsdl = WSDL.replace('types.xsd', `${inside.url}/types.xsd`);
  const entity = `<?xml version="1.0"?><!DOCTYPE d SYSTEM "${inside.url}/d.dtd" [<!ENTITY e SYSTEM "${inside.url}/e">]>${WSDL.replace(/<\?xml[^>]*\?>/, '')}`;
  for (const [path, source] of [
    ['/imports/openapi/preview', inner],
    ['/imports/wsdl/preview', wsdl],
    ['/imports/wsdl/preview', entity],
  ] as const)
    assert.notEqual((await system.api('POST', path, { source })).status, 500);
  assert.deepEqual(inside.seen, []);
});

test('and what is outside is fetched: the refusals above are not for want of a way', async () => {
  answerOutside = () => ({ status: 200, body: PETSTORE });
  const answer = await system.api('POST', '/imports/openapi/preview', { url: `${outsideUrl}/petstore.yaml` });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
});

test('no identity provider leads the manager there: not by its issuer, nor by what its description names', async () => {
  const send = (path: string, headers: Record<string, string> = {}) =>
    ask(system, 'GET', `/api/v1${path}`, { headers });
  const issuers = forbidden().map((url) => url.replace(/\/$/, ''));
  for (const [i, issuer] of issuers.entries()) {
    const made = await system.api('POST', '/identity-providers', {
      ...{ displayName: `Evil ${i}`, issuer, clientId: 'a', clientSecret: 'b' },
    });
    if (made.status === 422) continue;
    assert.equal(made.status, 201, issuer);
    const answer = await send(`/sign-in/evil-${i}`);
    assert.match(answer.headers.location ?? '', /^\/login\?problem=provider_/, `${issuer}: ${answer.status}`);
  }
  const description = {
    ...{ issuer: outsideUrl, authorization_endpoint: `${outsideUrl}/authorize`, token_endpoint: `${inside.url}/token` },
    ...{
      jwks_uri: `${inside.url}/keys`,
      userinfo_endpoint: `${inside.url}/userinfo`,
      response_types_supported: ['code'],
    },
    ...{ subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] },
  };
  answerOutside = () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(description),
  });
  await system.must('POST', '/identity-providers', {
    ...{ displayName: 'Outside', issuer: outsideUrl, clientId: 'a', clientSecret: 'b', createUsers: true },
  });
  const left = await send('/sign-in/outside');
  const there = new URL(left.headers.location ?? '');
  assert.equal(there.origin, outsideUrl);
  const cookie = left.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const back = new URLSearchParams({ code: 'x', state: there.searchParams.get('state') ?? '', iss: outsideUrl });
  const returned = await send(`/sign-in/outside/callback?${back}`, { cookie });
  assert.match(returned.headers.location ?? '', /^\/login\?problem=provider_/);
  assert.deepEqual(inside.seen, []);
});

test('no checkpoint of the audit trail is posted there, and the reason is said', async () => {
  const problem = await eventually('a checkpoint that could not be posted', async () => {
    const { outside: places } = await system.must<{ outside: { kind: string; problem?: string }[] }>(
      'GET',
      '/audit/checkpoint',
    );
    return places.find(({ kind }) => kind === 'webhook')?.problem;
  });
  assert.match(problem, /loopback/);
  assert.deepEqual(inside.seen, []);
});

test('a target check follows no redirect and tells no more than class and time', async () => {
  answerOutside = () => ({
    status: 302,
    headers: { location: `${inside.url}/secret`, 'x-secret': 'abc' },
    body: 'secret body',
  });
  const { body } = await system.api('POST', '/targets/check', { url: `${outsideUrl}/`, serverGroup: 'local' });
  assert.deepEqual([Object.keys(body).sort(), body.statusClass], [['ms', 'ok', 'statusClass'], '3xx']);
  for (const url of [
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'unix:/run/x.sock',
    'javascript:1',
    `http://a:b@127.0.0.1:${inside.port}`,
  ])
    assert.equal((await system.api('POST', '/targets/check', { url, serverGroup: 'local' })).status, 422, url);
  assert.deepEqual(inside.seen, []);
});

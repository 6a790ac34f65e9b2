import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { auditHead } from '../support/operations.ts';
import { quickstart } from '../support/quickstart.ts';
import { type RawAnswer, sendRaw } from '../support/raw-http.ts';
import { BOOTSTRAP_TOKEN, type System, startSystem } from '../support/system.ts';

// Requests to the manager that two programs in a row could read differently, paths that lead elsewhere, and names that are not ours.

const AUTH = `Authorization: Bearer ${BOOTSTRAP_TOKEN}\r\n`;
const BODY = '{"displayName":"Ambiguous"}';
const LENGTH = `Content-Length: ${BODY.length}\r\n`;
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const JSON_TYPE = 'Content-Type: application/json\r\n';

let system: System;
let host: string;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  ({ host } = new URL(system.console));
});

after(() => system[Symbol.asyncDispose]());

/** Sends a request line, fields and a body as they are; the Host field is added unless the fields have one. */
function send(line: string, fields: string, body = ''): Promise<RawAnswer> {
  const named = /^host:/im.test(fields) ? '' : `Host: ${host}\r\n`;
  const connection = /^connection:/im.test(fields) ? '' : 'Connection: close\r\n';
  return sendRaw(
    system.console,
    Buffer.from(`${line} HTTP/1.1\r\n${named}${connection}${fields}\r\n${body}`, 'latin1'),
    3000,
  );
}

const create = (fields: string, body = BODY) => send('POST /api/v1/clients', AUTH + JSON_TYPE + fields, body);

test('a request that can be read in two ways is refused, and nothing is done', async () => {
  const head = await auditHead(system);
  const both = (field: string, one: string, two: string) => `${field}: ${one}\r\n${field}: ${two}\r\n`;
  const withLength = (text: string) => create(`Content-Length: ${Buffer.byteLength(text)}\r\n`, text);
  const rows: [what: string, answer: Promise<RawAnswer>, status: number | readonly number[]][] = [
    ['one length twice', create(LENGTH + LENGTH), 400],
    ['two lengths', create(`${LENGTH}Content-Length: 3\r\n`), 400],
    ['a list of lengths', create(`Content-Length: ${BODY.length}, 3\r\n`), 400],
    ['a length with a sign', create(`Content-Length: +${BODY.length}\r\n`), 400],
    ['a length and chunks', create(`${LENGTH}Transfer-Encoding: chunked\r\n`, CHUNKED), 400],
    ['chunks that are not last', create('Transfer-Encoding: chunked, identity\r\n', CHUNKED), 400],
    ['chunks by another name', create('Transfer-Encoding: xchunked\r\n', CHUNKED), 400],
    ['a chunk of a wrong size', create('Transfer-Encoding: chunked\r\n', `zz\r\n${BODY}\r\n0\r\n\r\n`), 400],
    ['a space before the colon', create(`${LENGTH}X-A : b\r\n`), 400],
    ['a folded line', create(`${LENGTH}X-A: b\r\n c\r\n`), 400],
    ['a bare line feed', create(`${LENGTH}X-A: b\n`), 400],
    ['a NUL in a value', create(`${LENGTH}X-A: b\u0000\r\n`), 400],
    ['two keys', create(AUTH + LENGTH), 401],
    ['two hosts', create(`${both('Host', host, 'evil.example')}${LENGTH}`), 400],
    ['two hosts, the other way round', create(`${both('Host', 'evil.example', host)}${LENGTH}`), 400],
    ['two origins', create(both('Origin', system.console, 'http://evil.example') + LENGTH), 400],
    ['two CSRF tokens', create(both('X-CSRF-Token', 'a', 'b') + LENGTH), 400],
    ['two media types', create(`Content-Type: text/plain\r\n${LENGTH}`), 400],
    ['a host in the target', send(`POST http://evil.example/api/v1/clients`, AUTH + JSON_TYPE + LENGTH, BODY), 400],
    ['our host in the target', send(`POST http://${host}/api/v1/clients`, AUTH + JSON_TYPE + LENGTH, BODY), 400],
    ['an encoded body', create(`Content-Encoding: gzip\r\n${LENGTH}`), 415],
    [
      'a form',
      send('POST /api/v1/clients', `${AUTH}Content-Type: application/x-www-form-urlencoded\r\n${LENGTH}`, BODY),
      415,
    ],
    ['text', send('POST /api/v1/clients', `${AUTH}Content-Type: text/plain\r\n${LENGTH}`, BODY), 415],
    ['no media type', send('POST /api/v1/clients', AUTH + LENGTH, BODY), 415],
    ['a field twice', withLength('{"displayName":"One","displayName":"Two"}'), 400],
    ['a field twice, spelt differently', withLength('{"displayName":"One","display\\u004eame":"Two"}'), 400],
    ['a prototype, spelt differently', withLength('{"displayName":"One","\\u005f_proto__":{}}'), 400],
    ['text behind the body', withLength('{"displayName":"One"}{"displayName":"Two"}'), 400],
    ['a byte order mark and no UTF-8', create('Content-Length: 4\r\n', '\u00ff\u00fe{\u0000'), 400],
    ['deep nesting', withLength(`{"displayName":${'['.repeat(5000)}`), 400],
    ['40 KiB of a field', create(`X-A: ${'b'.repeat(40_000)}\r\n${LENGTH}`), 431],
    ['40 KiB of cookies', create(`Cookie: ${'a=b; '.repeat(8000)}\r\n${LENGTH}`), 431],
    ['3 000 fields', create('X-A: b\r\n'.repeat(3000) + LENGTH), 431],
    ['a body that breaks off', create(`Content-Length: ${BODY.length + 9}\r\n`), [0, 400]],
    ['a larger body than is taken', create('Content-Length: 99999999\r\n'), 413],
    ['an expectation', create(`Expect: 200-maybe\r\n${LENGTH}`), 417],
    ['CONNECT', send(`CONNECT ${host}`, AUTH), [0, 400, 405]],
    ['TRACE', send('TRACE /api/v1/clients', AUTH), 405],
    ['no HTTP', sendRaw(system.console, 'hello\r\n\r\n'), 400],
  ];
  for (const [what, sent, status] of rows) {
    const answer = await sent;
    const allowed = typeof status === 'number' ? [status] : status;
    assert.ok(allowed.includes(answer.status), `${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
    assert.doesNotMatch(answer.body, /\bat .*\.[tj]s:\d+/, what);
  }
  const patch = 'PATCH /api/v1/settings';
  const change = '{"teamName":"Twice"}';
  const two = await send(
    patch,
    `${AUTH}${JSON_TYPE}${both('If-Match', '"1"', '*')}Content-Length: ${change.length}\r\n`,
    change,
  );
  assert.equal(two.status, 400, 'two If-Match');
  assert.equal(await auditHead(system), head, 'nothing was done');
  assert.doesNotMatch(system.log(), /"level":50/, 'none of it is an error of ours');
});

test('what comes behind a refused request on its connection is not read', async () => {
  const head = await auditHead(system);
  const second = `POST /api/v1/clients HTTP/1.1\r\nHost: ${host}\r\n${AUTH}${JSON_TYPE}${LENGTH}\r\n${BODY}`;
  for (const fields of [`${LENGTH}Transfer-Encoding: chunked\r\n`, 'Content-Length: 0\r\nContent-Length: 5\r\n']) {
    const answer = await send(
      'POST /api/v1/clients',
      `${AUTH}${JSON_TYPE}Connection: keep-alive\r\n${fields}`,
      `0\r\n\r\n${second}`,
    );
    assert.equal(answer.status, 400);
    assert.doesNotMatch(answer.body, /HTTP\/1\.1/);
  }
  assert.equal(await auditHead(system), head);
});

test('a name that somebody pointed here (DNS rebinding) gets nothing: no page, file, API or stream', async () => {
  const [asset = ''] = readdirSync(join(import.meta.dirname, '../../console/dist/assets'));
  const paths = [
    '/',
    '/login',
    '/projects',
    `/assets/${asset}`,
    '/favicon.svg',
    '/api/v1/version',
    '/api/v1/openapi.json',
  ];
  paths.push('/api/v1/projects', '/api/v1/metrics/live', '/api/v1/sign-in', '/setup/x', '/nothing');
  const { port } = new URL(system.console);
  for (const name of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '169.254.169.254',
  ]) {
    for (const path of paths) {
      const answer = await send(`GET ${path}`, `Host: ${name}\r\n${AUTH}Accept: text/html\r\n`);
      assert.equal(answer.status, 421, `${name} ${path}`);
      assert.doesNotMatch(answer.head, /set-cookie|access-control/i);
    }
  }
  for (const name of [
    '',
    ' ',
    'a b',
    '127.0.0.1@evil.example',
    'evil.example#127.0.0.1',
    `127.0.0.1:${port}, evil.example`,
  ])
    assert.ok([400, 421].includes((await send('GET /', `Host: ${name}\r\nAccept: text/html\r\n`)).status), name);
  assert.equal((await send('GET /', 'Accept: text/html\r\n')).status, 200);
});

test('no spelling of a path leads out of the folder of the console, to a folder, or to what is no asset', async () => {
  const ups = [
    '..',
    '%2e%2e',
    '.%2e',
    '%2E.',
    '..%2f..',
    '..%5c..',
    '..\\..',
    '%252e%252e',
    '..;',
    '..%00',
    '..%c0%af',
    '..%ef%bc%8f',
    '....//',
  ];
  const paths = ups.flatMap((up) => [
    `/assets/${up}/index.html`,
    `/assets/${up}/${up}/package.json`,
    `/assets/x/${up}/${up}/${up}/package.json`,
  ]);
  paths.push(
    '/../package.json',
    '/assets//etc/passwd',
    '/assets/%2fetc%2fpasswd',
    '/assets/C:%5cwindows',
    '/assets/%00',
    '/assets/.',
  );
  paths.push(
    '/assets',
    '/assets/',
    '/assets/.git/config',
    '/assets/index.html',
    '/index.html',
    '/favicon.svg/../../package.json',
  );
  for (const path of paths) {
    const answer = await send(`GET ${path}`, 'Accept: */*\r\n');
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.body, /"dependencies"|root:|<!doctype/i, path);
  }
  assert.doesNotMatch(system.log(), /"level":50/, 'none of it is an error of ours');
});

test('a page of the console, a file and an answer of the API may not be framed, sniffed or read from elsewhere', async () => {
  const [asset = ''] = readdirSync(join(import.meta.dirname, '../../console/dist/assets'));
  const nonces = new Set<string>();
  for (const path of [
    '/',
    '/login',
    '/projects/orders-api',
    `/assets/${asset}`,
    '/api/v1/version',
    '/api/v1/projects',
    '/nothing',
  ]) {
    const answer = await send(`GET ${path}`, `${AUTH}Accept: text/html\r\nOrigin: http://127.0.0.1:1\r\n`);
    const policy = /^content-security-policy: (.*)$/im.exec(answer.head)?.[1] ?? '';
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe-|\*|https?:|data:/, path);
    assert.match(answer.head, /^x-frame-options: (?:SAMEORIGIN|DENY)$/im, path);
    assert.match(answer.head, /^x-content-type-options: nosniff$/im, path);
    assert.match(answer.head, /^referrer-policy: no-referrer$/im, path);
    assert.match(answer.head, /^cross-origin-resource-policy: same-origin$/im, path);
    assert.match(answer.head, /^cross-origin-opener-policy: same-origin$/im, path);
    assert.doesNotMatch(answer.head, /access-control-allow/i, path);
    const nonce = /script-src[^;]*'nonce-([^']+)'/.exec(policy)?.[1];
    if (nonce !== undefined) nonces.add(nonce);
  }
  assert.equal(nonces.size, 4, 'each page has a nonce of its own');
});

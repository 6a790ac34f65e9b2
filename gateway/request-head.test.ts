import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import { readAnswerHead } from './answer-head.ts';
import type { HttpCall } from './http/engine.ts';
import { readHead } from './request-head.ts';
import { compileTrustedProxies } from './trusted-proxies.ts';

const nobody = compileTrustedProxies([]);
const nothing = (): void => {};

function call(fields: Readonly<Record<string, string>> | string[], more: Partial<HttpCall> = {}): HttpCall {
  const rawHeaders = Array.isArray(fields) ? fields : Object.entries({ Host: 'api.example', ...fields }).flat();
  return {
    method: 'GET',
    url: '/',
    rawHeaders,
    minorVersion: 1,
    remoteAddress: '192.0.2.7',
    clientCertificate: undefined,
    serverName: undefined,
    encrypted: false,
    listener: undefined,
    readBody: nothing,
    pauseBody: nothing,
    resumeBody: nothing,
    send: nothing,
    start: nothing,
    write: () => true,
    end: nothing,
    closeAfterwards: nothing,
    destroy: nothing,
    ...more,
  };
}
const fieldsOf = (request: HttpCall, proxies = nobody) => new HeaderList(readHead(request, proxies).fields);
const refused = (code: string, problem?: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (problem === undefined || error.facts.problem === problem);

test('hop-by-hop fields end at the gateway', () => {
  const fields = fieldsOf(
    call({
      Connection: 'keep-alive',
      'Keep-Alive': '5',
      'Proxy-Connection': 'x',
      'Proxy-Authorization': 'x',
      TE: 'trailers',
      Trailer: 'x',
      'HTTP2-Settings': 'x',
      Upgrade: 'h2c',
      Accept: '*/*',
    }),
  );
  for (const name of [
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authorization',
    'te',
    'trailer',
    'http2-settings',
    'upgrade',
    'host',
  ])
    assert.equal(fields.get(name), undefined, name);
  assert.equal(fields.get('accept'), '*/*');
});

test('fields named by Connection go, but never framing, nor what we vouch for', () => {
  const fields = fieldsOf(
    call(
      [
        'Host',
        'api.example',
        'X-Trace',
        '1',
        'connection',
        'X-TRACE , x-forwarded-for,content-length',
        'Connection',
        'x-other',
        'X-Other',
        '2',
        'Content-Length',
        '3',
      ],
      { method: 'POST' },
    ),
  );
  assert.equal(fields.get('x-trace'), undefined);
  assert.equal(fields.get('x-other'), undefined);
  assert.equal(fields.get('content-length'), '3');
  assert.equal(fields.get('x-forwarded-for'), '192.0.2.7');
});

test('nobody is believed about who the caller is, in no spelling', () => {
  const fields = fieldsOf(
    call({
      'X-Forwarded-For': '10.0.0.1',
      'x-forwarded-proto': 'https',
      'X-FORWARDED-HOST': 'evil.example',
      X_Forwarded_For: '10.0.0.1',
      'X-Forwarded_Host': 'evil.example',
      'X-Consumer-Id': 'admin',
      X_Consumer_Id: 'admin',
      Forwarded: 'for=10.0.0.1',
      'X-Real-IP': '10.0.0.1',
      'Client-Cert': 'x',
      X_Request_Id: 'x',
      'X-Request-Id': 'mine',
    }),
  );
  assert.deepEqual(fields.raw, [
    'X-Forwarded-For',
    '192.0.2.7',
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Host',
    'api.example',
    'Via',
    '1.1 gatewright',
  ]);
});

test('a trusted proxy is believed, up to the first address that is none', () => {
  const proxies = compileTrustedProxies(['192.0.2.0/24', '2001:db8::/32']);
  const head = readHead(
    call({
      'X-Forwarded-For': '203.0.113.9, 198.51.100.1, 192.0.2.8',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'shop.example:8443',
      Forwarded: 'for=198.51.100.1',
      'X-Real-IP': '198.51.100.1',
      X_Real_Ip: '1.1.1.1',
    }),
    proxies,
  );
  assert.equal(head.remoteAddress, '198.51.100.1');
  assert.equal(head.scheme, 'https');
  const fields = new HeaderList(head.fields);
  assert.equal(fields.get('x-forwarded-for'), '203.0.113.9, 198.51.100.1, 192.0.2.8, 192.0.2.7');
  assert.equal(fields.get('x-forwarded-host'), 'shop.example:8443');
  assert.equal(fields.get('forwarded'), 'for=198.51.100.1, for=192.0.2.7;proto=https');
  assert.equal(fields.get('x-real-ip'), '198.51.100.1');
  assert.equal(fields.get('x_real_ip'), undefined);
  assert.equal(readHead(call({ 'X-Forwarded-For': 'unknown, 192.0.2.8' }), proxies).remoteAddress, '192.0.2.8');
  assert.equal(
    readHead(call({ 'X-Forwarded-For': '[2001:db8::1]:99' }, { remoteAddress: '::ffff:192.0.2.9' }), proxies)
      .remoteAddress,
    '2001:db8::1',
  );
  assert.throws(() => compileTrustedProxies(['10.0.0.0/33']), ConfigurationError);
  assert.throws(() => compileTrustedProxies(['everyone']), ConfigurationError);
});

test('what can be read in two ways is refused', () => {
  const invalid = (request: HttpCall, problem: string) =>
    assert.throws(() => readHead(request, nobody), refused('request_invalid', problem));
  invalid(call(['Host', 'a', 'host', 'a']), 'host_twice');
  invalid(call(['Accept', '*/*']), 'host_missing');
  invalid(call({ Host: 'a b' }), 'host_malformed');
  invalid(call({ Host: 'user@a' }), 'host_malformed');
  invalid(call({ Authorization: 'a', authorization: 'a' }), 'authorization_twice');
  invalid(call({ 'Content-Length': '1', 'content-length': '1' }), 'length_twice');
  invalid(call({ 'Content-Length': '+1' }), 'length_malformed');
  invalid(call({ 'Content-Length': '1', 'Transfer-Encoding': 'chunked' }), 'length_and_chunked');
  invalid(call({ 'Transfer-Encoding': 'gzip, chunked' }), 'transfer_coding');
  invalid(call({ 'Transfer-Encoding': 'chunked', 'transfer-encoding': 'chunked' }), 'transfer_coding');
  invalid(call({ 'Transfer-Encoding': 'chunked' }, { minorVersion: 0 }), 'length_and_chunked');
  invalid(call({ Expect: 'miracles' }), 'expectation');
  assert.throws(() => readHead(call({ Upgrade: 'websocket' }), nobody), refused('upgrade_refused'));
  assert.throws(
    () => readHead(call(Array.from({ length: 402 }, (_, i) => `h${i}`)), nobody),
    refused('header_too_large'),
  );
  assert.equal(readHead(call([], { minorVersion: 0 }), nobody).host, '');
});

test("the host is lower case without port, the caller's request id is kept when it is fit", () => {
  assert.equal(readHead(call({ Host: 'API.Example.:8000' }), nobody).host, 'api.example');
  assert.equal(readHead(call({ Host: '[::1]:8000' }), nobody).host, '[::1]');
  assert.equal(readHead(call({ 'X-Request-Id': 'abc-1' }), nobody).callerRequestId, 'abc-1');
  assert.equal(readHead(call({ 'X-Request-Id': 'a b' }), nobody).callerRequestId, undefined);
  assert.equal(readHead(call({ 'X-Request-Id': 'x'.repeat(65) }), nobody).callerRequestId, undefined);
});

test('hop-by-hop fields of an answer end here too, and X-Request-Id is ours to say', () => {
  const raw = [
    'Connection',
    'close, X-Internal, Content-Length',
    'X-Internal',
    '1',
    'Transfer-Encoding',
    'chunked',
    'Keep-Alive',
    'x',
    'x-request-id',
    'theirs',
    'Set-Cookie',
    'a',
    'set-cookie',
    'b',
    'content-length',
    '5',
  ];
  assert.deepEqual(
    readAnswerHead(
      raw.map((part) => Buffer.from(part)),
      200,
    ),
    {
      fields: ['Set-Cookie', 'a', 'set-cookie', 'b', 'content-length', '5'],
      length: 5,
    },
  );
  assert.deepEqual(readAnswerHead(['Content-Length', '0'], 204).fields, []);
});

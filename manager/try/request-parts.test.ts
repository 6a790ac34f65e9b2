import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tryRequest } from '#core/model/try';
import { requestParts } from './request-parts.ts';

const base = { project: 'orders-api', serverGroup: 'local' };
const parse = (more: object) => tryRequest.parse({ ...base, ...more });
const header = { place: 'header', name: 'Authorization', prefix: 'Bearer' } as const;

test('path, query and token stand where they belong', () => {
  const request = parse({ path: '/1', query: [{ name: 'a b', value: 'c&d=é' }] });
  assert.deepEqual(requestParts(request, '/orders', { value: 't', at: header }), {
    target: '/orders/1?a%20b=c%26d%3D%C3%A9',
    headers: [{ name: 'Authorization', value: 'Bearer t' }],
    body: undefined,
  });
  const query = requestParts(request, '/orders', {
    value: 't',
    at: { place: 'query', name: 'access_token', prefix: '' },
  });
  assert.equal(query.target, '/orders/1?a%20b=c%26d%3D%C3%A9&access_token=t');
  const form = requestParts(parse({ method: 'POST', body: 'a=1' }), '/', {
    ...{ value: 't', at: { place: 'body', name: 'access_token', prefix: '' } },
  });
  assert.deepEqual([form.target, form.body], ['/', 'a=1&access_token=t']);
  const own = parse({ headers: [{ name: 'authorization', value: 'x' }] });
  assert.throws(() => requestParts(own, '/orders', { value: 't', at: header }), /leave that field out/);
});

const hostilePaths = [
  ...[
    'http://evil.example/',
    '//evil.example',
    '@evil.example',
    'evil',
    '\\\\evil',
    '/a\r\nHost: evil',
    '/a b',
    '/a?b',
    '/a#b',
  ],
  ...['/a\u0000', '/\u2028', '/é', '*', '/a\tb', '\n/'],
];
for (const path of hostilePaths)
  test(`the path ${JSON.stringify(path)} leads nowhere else`, () => {
    const parsed = tryRequest.safeParse({ ...base, path });
    // What begins with // is a path behind the context path: the request target begins with a slash, and nothing in it is a host.
    if (parsed.success) assert.equal(requestParts(parsed.data, '/', undefined).target, path);
    assert.equal(parsed.success, path === '//evil.example');
  });

for (const name of [
  ...[
    'Host',
    'host',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'TE',
    'Upgrade',
    'Expect',
    'Proxy-Authorization',
  ],
  ...[
    'X-Forwarded-For',
    'Forwarded',
    'Via',
    'Gatewright-Try-Ticket',
    'gatewright_try_ticket',
    'a b',
    'a:',
    '',
    'x\r\ny',
  ],
])
  test(`the field ${JSON.stringify(name)} cannot be set`, () => {
    assert.equal(tryRequest.safeParse({ ...base, headers: [{ name, value: 'x' }] }).success, false);
  });

test('no value, token or parameter ends its line', () => {
  assert.equal(tryRequest.safeParse({ ...base, headers: [{ name: 'X-A', value: 'x\r\nHost: evil' }] }).success, false);
  assert.equal(tryRequest.safeParse({ ...base, token: 'a\r\nb' }).success, false);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (name, value) => {
      const parsed = tryRequest.safeParse({ ...base, query: [{ name, value }] });
      fc.pre(parsed.success);
      assert.match(requestParts(parsed.data, '/orders', undefined).target, /^\/orders\?[\x21-\x22\x24-\x7E]*$/);
    }),
  );
});

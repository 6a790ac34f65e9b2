import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployAndWait, quickstart } from '../support/quickstart.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

/** Ways to spell a path that gateways and targets have read differently. */
const SEPARATORS = [
  '/',
  '//',
  '/./',
  '/../',
  '/%2e/',
  '/%2e%2e/',
  '/.%2e/',
  '/%2E./',
  '%2f',
  '%2F',
  '/%2f',
  '%2f/',
  '\\',
  '%5c',
  '/%5c',
  ';/',
  '/;/',
  '/;a=b/',
  '/..;/',
  '%00/',
  '/%00',
  '/%252e%252e/',
  '%252f',
  '/%c0%ae%c0%ae/',
  '/%e2%80%ae/',
  '/%',
  '/%2',
  '/%zz/',
  '/ /',
  '/%20/',
  '/\t/',
  '/#/',
  '/?/',
  '/%3f/',
  '/%23/',
  '/\u00e9/',
  '/%u002e/',
];
const PREFIXES = [
  '',
  '/',
  '/./',
  '/../',
  '/x/../',
  '/%2e/',
  '/%2e%2e/',
  '/x/%2e%2e/',
  '//',
  '\\',
  '/%2f',
  '/;/',
  'http://127.0.0.1',
  'http://other.example',
  'orders',
  '*',
];
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'get',
  'FOO',
];

function corpus(): string[] {
  const paths = new Set<string>();
  for (const separator of SEPARATORS) {
    paths.add(`/orders${separator}secret`);
    paths.add(`/orders/open${separator}secret`);
    paths.add(`/orders/open/x${separator}..${separator}secret`);
    paths.add(`/orders/secret${separator}`);
    paths.add(`/open${separator}..${separator}orders/secret`);
    paths.add(`/open-api${separator}orders/secret`);
  }
  for (const prefix of PREFIXES) paths.add(`${prefix}/orders/secret`);
  for (const spelling of [
    '/Orders/secret',
    '/ORDERS/secret',
    '/%6frders/secret',
    '/%6Frders/%73ecret',
    '/orders/%6fpen/x',
    '/orders/open%2f..%2fsecret',
    '/orders/OPEN/x',
    '/orders/open',
    '/orders/open/',
    '/orders',
    '/orders/',
    '/orders?x',
    '/orders/secret?a=/orders/open/x',
    '/orders/secret#/orders/open/x',
    '/orders.',
    '/orders%20/secret',
    '/ordersx',
    '/orders/opener/x',
  ])
    paths.add(spelling);
  return [...paths];
}

test('the route that matched is the path that the target sees, and a secured project is closed by any method or spelling', async (t) => {
  await using upstream = await startUpstream();
  await using system = await startSystem();
  const made = await quickstart(system, upstream.url);
  await system.must('POST', '/projects/orders-api/resources', {
    displayName: 'Open part',
    path: '/open/*',
    public: true,
  });
  for (const [policy, resource] of [
    ['Mark open', 'open-part'],
    ['Mark default', 'default-resource'],
  ] as const) {
    const one = await system.must<{ name: string }>('POST', '/projects/orders-api/policies', {
      displayName: policy,
      type: 'set-headers',
      config: { set: [{ name: 'X-Matched', value: resource }] },
    });
    await system.must('PUT', `/projects/orders-api/resources/${resource}/endpoints/targetRequest`, {
      attachments: [{ policy: one.name }],
    });
  }
  await deployAndWait(system, 'orders-api');
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const matched = (index: number) => upstream.seen[index]?.headers['x-matched'];
  let reached = 0;
  for (const path of corpus()) {
    for (const authorization of ['', `Authorization: Bearer ${token}\r\n`]) {
      const before = upstream.seen.length;
      const answer = await sendRaw(
        system.gateway,
        Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}Connection: close\r\n\r\n`, 'latin1'),
      );
      assert.notEqual(answer.status, 500, path);
      assert.ok(!/\bat .*\.ts:\d+/.test(answer.body), `no stack: ${path}`);
      for (let i = before; i < upstream.seen.length; i += 1) {
        reached += 1;
        const url = (upstream.seen[i]?.url ?? '').split('?')[0] ?? '';
        if (matched(i) === undefined) {
          assert.ok(!path.includes('orders') || path.startsWith('/open'), `only another project may answer ${path}`);
          assert.ok(!url.includes('..') && !/%2e%2e/i.test(url), `${path} → ${url}`);
          continue;
        }
        assert.equal(
          matched(i) === 'open-part',
          /^\/open(\/|$)/.test(url),
          `${path} matched ${matched(i)}, the target saw ${url}`,
        );
        assert.ok(
          !/%2f|%5c|%00|\\|;|\/\/|\/\.{1,2}(\/|$)|%2e/i.test(url),
          `nothing ambiguous is forwarded: ${path} → ${url}`,
        );
        if (authorization === '') assert.equal(matched(i), 'open-part', `${path} reached ${url} without a token`);
      }
    }
  }
  for (const method of METHODS) {
    for (const path of ['/orders/secret', '/orders', '/orders/', '/orders/secret/deeper', '/%6frders/secret']) {
      const before = upstream.seen.length;
      const answer = await sendRaw(
        system.gateway,
        `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      assert.equal(upstream.seen.length, before, `${method} ${path} without a token`);
      assert.ok(
        (answer.status >= 400 && answer.status < 500) || answer.status === 501,
        `${method} ${path}: ${answer.status}`,
      );
    }
  }
  t.diagnostic(`${corpus().length} spellings, ${reached} reached a target`);
  assert.ok(reached > 10, 'the plain spellings do reach the target');
});

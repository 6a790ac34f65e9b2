import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '#core/errors';
import { createResourceRouter, type RoutedResource } from './resource-router.ts';

type Row = readonly [path: string, methods?: readonly string[]];
const resource = ([path, methods = []]: Row, i: number): RoutedResource<string> => ({
  path,
  methods,
  isDefault: false,
  value: `${path}${methods.length === 0 ? '' : ` ${methods.join('+')}`}`,
  pointer: `/resources/${i}`,
});
const fallback: RoutedResource<string> = {
  path: '/*',
  methods: [],
  isDefault: true,
  value: 'DefaultResource',
  pointer: '/resources/9',
};
const routerOf = (rows: readonly Row[], trailingSlash: 'ignore' | 'strict' = 'ignore') =>
  createResourceRouter([fallback, ...rows.map(resource)], trailingSlash);

test('a path goes to its most specific resource, and to DefaultResource when there is none', () => {
  const router = routerOf([['/orders/{id}'], ['/orders/new'], ['/orders/{id}/lines/{line}'], ['/files/*']]);
  const where = (path: string) => router.find('GET', path)?.value;
  assert.equal(where('/orders/1'), '/orders/{id}');
  assert.equal(where('/orders/new'), '/orders/new');
  assert.equal(where('/orders/1/lines/2'), '/orders/{id}/lines/{line}');
  assert.equal(where('/orders'), 'DefaultResource');
  assert.equal(where('/orders/1/2'), 'DefaultResource');
  assert.equal(where('/Orders/1'), 'DefaultResource');
  assert.equal(where('/files/a/b/c'), '/files/*');
  assert.equal(where('/'), 'DefaultResource');
});

test('parameters are named as the resource names them and are not decoded', () => {
  const router = routerOf([['/orders/{id}', ['GET']], ['/orders/{order}', ['PUT']], ['/a/{b}/*']]);
  assert.deepEqual({ ...router.find('GET', '/orders/a%2Fb%20c')?.parameters }, { id: 'a%2Fb%20c' });
  assert.deepEqual({ ...router.find('PUT', '/orders/7')?.parameters }, { order: '7' });
  assert.deepEqual({ ...router.find('GET', '/a/1/x/y')?.parameters }, { b: '1', '*': 'x/y' });
});

test('an encoded slash is no separator', () => {
  const router = routerOf([['/files/{name}'], ['/files/{name}/secret']]);
  assert.equal(router.find('GET', '/files/a%2Fsecret')?.value, '/files/{name}');
  assert.equal(router.find('GET', '/files%2Fa')?.value, 'DefaultResource');
});

test('a resource owns its path with all methods: another method is not the business of DefaultResource', () => {
  const router = routerOf([
    ['/orders/{id}', ['GET', 'PUT']],
    ['/orders/*', ['POST']],
  ]);
  assert.deepEqual(router.find('POST', '/orders/1')?.allow, ['GET', 'HEAD', 'PUT']);
  assert.equal(router.find('POST', '/orders/1/2')?.allow, undefined);
  assert.equal(router.find('HEAD', '/orders/1')?.value, '/orders/{id} GET+PUT');
  assert.deepEqual(router.find('HEAD', '/orders/1/2')?.allow, ['POST']);
  assert.notEqual(router.find('TRACE', '/elsewhere')?.allow, undefined);
});

test('two resources may share a pattern by method, not a method', () => {
  const router = routerOf([
    ['/a', ['GET']],
    ['/a', ['POST']],
    ['/a', []],
  ]);
  assert.equal(router.find('POST', '/a')?.value, '/a POST');
  assert.equal(router.find('DELETE', '/a')?.value, '/a');
  assert.throws(
    () =>
      routerOf([
        ['/a/{x}', ['GET']],
        ['/a/{y}', ['GET', 'PUT']],
      ]),
    ConfigurationError,
  );
  assert.throws(() => routerOf([['/a'], ['/a/']]), ConfigurationError);
});

test('a trailing slash is ignored or counts, as the project says', () => {
  const ignoring = routerOf([['/a'], ['/files/*']]);
  assert.equal(ignoring.find('GET', '/a/')?.value, '/a');
  assert.equal(ignoring.find('GET', '/files')?.value, '/files/*');
  assert.equal(ignoring.find('GET', '/files/')?.value, '/files/*');
  const strict = routerOf([['/a'], ['/b/'], ['/files/*'], ['/o/{id}']], 'strict');
  assert.equal(strict.find('GET', '/a/')?.value, 'DefaultResource');
  assert.equal(strict.find('GET', '/b/')?.value, '/b/');
  assert.equal(strict.find('GET', '/files')?.value, 'DefaultResource');
  assert.equal(strict.find('GET', '/files/')?.value, '/files/*');
  assert.equal(strict.find('GET', '/o/')?.value, 'DefaultResource');
});

test('a segment as long as a head can be still reaches its resource', () => {
  const router = routerOf([['/orders/{id}'], ['/x/a:cancel']]);
  assert.equal(router.find('GET', `/orders/${'x'.repeat(15_000)}`)?.value, '/orders/{id}');
  assert.equal(router.find('GET', '/x/a:cancel')?.value, '/x/a:cancel');
});

test('ten thousand routes are found as fast as ten', () => {
  const many = routerOf(Array.from({ length: 10_000 }, (_, i): Row => [`/area-${i % 100}/thing-${i}/{id}`]));
  assert.equal(many.find('GET', '/area-42/thing-4242/7')?.value, '/area-42/thing-4242/{id}');
  const start = performance.now();
  for (let i = 0; i < 10_000; i += 1) many.find('GET', `/area-${i % 100}/thing-${i}/7`);
  assert.ok(performance.now() - start < 1000, 'a look-up costs far less than 0.1 ms');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRouter, PathTakenError, pathBehind } from './router.ts';

const published = (contextPath: string, hosts: readonly string[] = []) => ({
  contextPath,
  hosts,
  value: `${hosts.join()}${contextPath}`,
});

test('the longest whole-segment prefix wins', () => {
  const router = compileRouter([published('/'), published('/orders'), published('/orders/v2'), published('/a/b/c')]);
  const where = (path: string) => router.find('x.example', path)?.value;
  assert.equal(where('/orders'), '/orders');
  assert.equal(where('/orders/'), '/orders');
  assert.equal(where('/orders/1'), '/orders');
  assert.equal(where('/orders/v2'), '/orders/v2');
  assert.equal(where('/orders/v2/1/2/3'), '/orders/v2');
  assert.equal(where('/orders/v22'), '/orders');
  assert.equal(where('/ordersx'), '/');
  assert.equal(where('/orders%2Fv2'), '/');
  assert.equal(where('/a/b'), '/');
  assert.equal(where('/a/b/c/d'), '/a/b/c');
  assert.equal(where('//orders'), '/');
});

test('a host of its own comes first at equal length', () => {
  const router = compileRouter([
    published('/orders'),
    published('/orders', ['a.example']),
    published('/b', ['a.example', 'b.example']),
  ]);
  assert.equal(router.find('a.example', '/orders/1')?.value, 'a.example/orders');
  assert.equal(router.find('c.example', '/orders/1')?.value, '/orders');
  assert.equal(router.find('b.example', '/b')?.contextPath, '/b');
  assert.equal(router.find('c.example', '/b'), undefined);
});

test('a place is taken once', () => {
  assert.throws(() => compileRouter([published('/a'), published('/a')]), PathTakenError);
  assert.throws(() => compileRouter([published('/a', ['x.example', 'x.example'])]), PathTakenError);
});

test('the path behind the context path begins with a slash', () => {
  assert.equal(pathBehind('/orders', '/orders'), '/');
  assert.equal(pathBehind('/orders', '/orders/1/'), '/1/');
  assert.equal(pathBehind('/', '/orders'), '/orders');
});

test('the nearest context path helps with a typing error, and does not guess wildly', () => {
  const router = compileRouter([published('/orders'), published('/customers')]);
  assert.equal(router.nearest('', '/order/1'), '/orders');
  assert.equal(router.nearest('', '/Orders/1'), '/orders');
  assert.equal(router.nearest('', '/zzzzzzzz'), undefined);
});

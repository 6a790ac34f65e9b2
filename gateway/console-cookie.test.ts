import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswerHead } from './answer-head.ts';
import type { HttpCall } from './http/engine.ts';
import { readHead } from './request-head.ts';
import { compileTrustedProxies } from './trusted-proxies.ts';

const noProxies = compileTrustedProxies([]);

function cookiesForTarget(...values: string[]): string[] {
  const rawHeaders = ['Host', 'localhost', ...values.flatMap((value) => ['Cookie', value])];
  const call = { rawHeaders, remoteAddress: '127.0.0.1', minorVersion: 1, encrypted: false } as unknown as HttpCall;
  const { fields } = readHead(call, noProxies);
  return fields.filter((_, i) => fields[i - 1] === 'Cookie');
}

test('the session of the console never reaches a target; other cookies do, as they are', () => {
  assert.deepEqual(cookiesForTarget('a=1; gatewright-session-9000=secret; b=2'), ['a=1; b=2']);
  assert.deepEqual(cookiesForTarget('__Host-gatewright=secret', 'a=1;  b=2'), ['a=1;  b=2']);
  assert.deepEqual(cookiesForTarget('__Host-gatewright-sign-in=x; gatewright-sign-in-9000=y'), []);
  const others = 'gatewright=1; my-gatewright-session-1=2; gatewright-session-x=3';
  assert.deepEqual(cookiesForTarget(others), [others]);
});

test('no target sets a cookie of the console', () => {
  const set = (value: string) => readAnswerHead(['Set-Cookie', value], 200).fields.length;
  for (const value of [
    'gatewright-session-9000=a; Path=/',
    '__Host-gatewright=a; Secure; Path=/',
    ' gatewright-sign-in-1=a',
  ])
    assert.equal(set(value), 0, value);
  for (const value of ['session=gatewright-session-1=a', 'gatewright=a']) assert.equal(set(value), 2, value);
});

test('the cookies of the sign-in pages never reach a target, and their own end point reads them', () => {
  const headOf = (...values: string[]) => {
    const rawHeaders = ['Host', 'localhost', ...values.flatMap((value) => ['Cookie', value])];
    const call = { rawHeaders, remoteAddress: '127.0.0.1', minorVersion: 1, encrypted: false } as unknown as HttpCall;
    return readHead(call, noProxies);
  };
  assert.deepEqual(cookiesForTarget('a=1; __Host-gatewright-owner=x; gatewright-owner-8080=y; b=2'), ['a=1; b=2']);
  assert.equal(
    headOf('a=1; __Host-gatewright-owner=x', 'gatewright-owner-8080=y').ownCookies,
    '__Host-gatewright-owner=x; gatewright-owner-8080=y',
  );
  assert.equal(headOf('a=1; gatewright-session-9000=secret').ownCookies, undefined);
  assert.equal(readAnswerHead(['Set-Cookie', 'gatewright-owner-8080=a'], 200).fields.length, 0);
});

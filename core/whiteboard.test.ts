import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAssignable, stringSetOf, Whiteboard } from './whiteboard.ts';

test('settings may not name what a token or the token end point vouches for', () => {
  for (const name of ['customer', 'customer.tier', 'scopes.for.token', 'x_1.y-2', 'accesstokens'])
    assert.equal(isAssignable(name), true, name);
  for (const name of [
    ...['accesstoken', 'accesstoken.scopes', 'authentication.subject.id', 'oauth.client.details', 'api.product.name'],
    ...['request.x', 'variables.x', 'secrets.x', '', '.', 'a.', '1a', 'a b', '__proto__.', 'a'.repeat(65)],
  ])
    assert.equal(isAssignable(name), false, name);
});

test('scopes for a token are a set of strings, however they were left', () => {
  const whiteboard = new Whiteboard();
  for (const value of ['read write', ['read', 'write', 'read'], new Set(['read', 'write'])]) {
    whiteboard.assign('scopes.for.token', value);
    assert.deepEqual(whiteboard.get('scopes.for.token'), new Set(['read', 'write']));
  }
  whiteboard.remove('scopes.for.token');
  assert.equal(whiteboard.get('scopes.for.token'), undefined);
  for (const value of [1, null, undefined, {}, ['a', 1], new Set([1])]) assert.equal(stringSetOf(value), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securingPolicies } from './securing.ts';

const policy = (name: string, config: object, type = 'oauth-verify-access-token') => ({
  name,
  type,
  config: { tokenIn: ['header'], scopes: [], scopeMatch: 'all', requireActiveSubscription: true, ...config },
});
const secures = (own: object, other: object, type?: string) =>
  securingPolicies('own', [policy('own', own), policy('other', other, type)]).has('other');

test('a policy that demands more than the one of Secure API with secures as well as it does', () => {
  assert.ok(secures({}, {}));
  assert.ok(secures({}, { scopes: ['a'], tokenIn: ['query'], realm: 'x' }));
  assert.ok(secures({ scopes: ['a'] }, { scopes: ['a', 'b'] }));
  assert.ok(secures({ scopes: ['a', 'b'], scopeMatch: 'any' }, { scopes: ['a', 'c'] }));
  assert.ok(secures({ scopes: ['a', 'b'], scopeMatch: 'any' }, { scopes: ['a'], scopeMatch: 'any' }));
  assert.ok(secures({ requireActiveSubscription: false }, {}));
});

test('one that demands less does not', () => {
  assert.ok(!secures({}, { requireActiveSubscription: false }));
  assert.ok(!secures({ scopes: ['a'] }, {}));
  assert.ok(!secures({ scopes: ['a', 'b'] }, { scopes: ['a'] }));
  assert.ok(!secures({ scopes: ['a', 'b'] }, { scopes: ['a', 'b'], scopeMatch: 'any' }));
  assert.ok(!secures({ scopes: ['a', 'b'], scopeMatch: 'any' }, { scopes: ['b', 'c'], scopeMatch: 'any' }));
  assert.ok(!secures({}, { issuer: 'elsewhere' }));
  assert.ok(!secures({}, {}, 'mock-answer'));
});

test('without Secure API with nothing secures', () => {
  assert.deepEqual([...securingPolicies(undefined, [policy('own', {})])], []);
  assert.deepEqual([...securingPolicies('gone', [policy('own', {})])], ['gone']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from './nearest.ts';

test('a mistyped word finds the one that was meant', () => {
  assert.equal(nearest('depoly', ['deploy', 'diff', 'undeploy']), 'deploy');
  assert.equal(nearest('ordrs', ['orders-api', 'plain-api']), 'orders-api');
  assert.equal(nearest('token_expird', ['token_expired', 'token_revoked']), 'token_expired');
});

test('a word that is like none finds none', () => {
  assert.equal(nearest('banana', ['deploy', 'diff']), undefined);
  assert.equal(nearest('x', []), undefined);
});

test('two letters swapped are one mistake', () => {
  assert.equal(editDistance('depoly', 'deploy'), 1);
});

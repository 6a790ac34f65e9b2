import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readable } from './words.ts';

test('names out of code read as people write them', () => {
  assert.equal(readable('accessTokenExpiryMs'), 'Access token expiry ms');
  assert.equal(readable('client_credentials'), 'Client credentials');
  assert.equal(readable('urn:ietf:params:oauth:grant-type:token-exchange'), 'Token exchange');
  assert.equal(readable('urn:ietf:params:oauth:grant-type:device_code'), 'Device code');
  assert.deepEqual(['jwt', 'bcp', 'any', 'GET', 'none'].map(readable), ['JWT', 'BCP', 'Any', 'GET', 'None']);
});

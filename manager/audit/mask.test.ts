import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newConsumerSecret, newManagementKey } from '#core/credential';
import { systemRandom } from '#core/random';
import { maskSecrets } from './mask.ts';

test('secrets in states are masked, by the names of their fields and by their form', () => {
  const secret = newConsumerSecret(systemRandom);
  const key = newManagementKey(systemRandom);
  const masked = JSON.stringify(
    maskSecrets({
      ...{
        password: 'correct horse',
        clientSecret: 'abc',
        nested: [{ note: `it is ${secret}.` }],
        header: `Bearer ${key}`,
      },
      ...{
        url: 'https://ann:hunter2@example.com/a?b=c@d',
        pem: '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----',
      },
      ...{ recoveryCodes: ['one', 'two'], variable: { name: 'api-key', value: 'plain', secret: true } },
    }),
  );
  for (const text of ['correct horse', 'abc', secret, key, 'hunter2', 'MIIabc', 'one', 'plain'])
    assert.ok(!masked.includes(text), text);
  assert.match(masked, /https:\/\/\*\*\*@example\.com\/a\?b=c@d/);
});

test('what is no secret stays', () => {
  const state = {
    secretId: 'sec_1',
    hint: '…abc',
    secret: false,
    value: 'x',
    tokenIn: ['header'],
    consumerKey: 'gwk_abc',
  };
  assert.deepEqual(maskSecrets(state), state);
  assert.deepEqual(maskSecrets({ url: 'https://example.com/@ann' }), { url: 'https://example.com/@ann' });
});

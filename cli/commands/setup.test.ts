import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSetupLink } from './setup.ts';

for (const link of [
  'http://127.0.0.1:9000/setup/T0ken',
  'http://127.0.0.1:9000/setup#T0ken',
  'http://127.0.0.1:9000/setup#token=T0ken',
  'http://127.0.0.1:9000/setup?token=T0ken',
]) {
  test(`the token of ${link}`, () =>
    assert.deepEqual(parseSetupLink(link), { server: 'http://127.0.0.1:9000', token: 'T0ken' }));
}

test('a bare token is for the server of the data directory', () => {
  assert.deepEqual(parseSetupLink('T0ken'), { server: undefined, token: 'T0ken' });
});

test('a link without its token is a usage error', () => {
  for (const text of ['', 'a b', 'http://127.0.0.1:9000/setup', 'http://'])
    assert.throws(() => parseSetupLink(text), { exit: 64 });
});

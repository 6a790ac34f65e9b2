import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { isExposed, serverPlace } from './server-place.ts';

test('without a server the socket of the data directory is used', () => {
  const place = serverPlace({ GATEWRIGHT_DATA_DIR: '/data' }, {});
  assert.deepEqual(place, { kind: 'socket', dataDir: '/data', socketPath: '/data/manager.sock' });
  const usual = serverPlace({}, {});
  assert.ok(usual.kind === 'socket' && usual.dataDir === resolve('gatewright-data'));
});

test('--server goes over GATEWRIGHT_SERVER, and --data-dir over both', () => {
  const env = { GATEWRIGHT_SERVER: 'https://a.example:9000', GATEWRIGHT_TOKEN: ' gwm_x\n' };
  const place = serverPlace(env, {});
  assert.ok(place.kind === 'url' && place.url.origin === 'https://a.example:9000' && place.token === 'gwm_x');
  const other = serverPlace(env, { server: 'https://b.example' });
  assert.ok(other.kind === 'url' && other.url.origin === 'https://b.example');
  assert.equal(serverPlace(env, { dataDir: '/d' }).kind, 'socket');
});

test('a server that is no URL, or has a password in it, is a usage error', () => {
  for (const server of ['b.example', 'ftp://b', 'https://me:pw@b.example'])
    assert.throws(() => serverPlace({}, { server }), { exit: 64 });
  assert.throws(() => serverPlace({ GATEWRIGHT_SERVER: 'https://a', GATEWRIGHT_TOKEN_FILE: '/no/such/file' }, {}), {
    exit: 64,
  });
});

test('plain HTTP is called out unless it stays on the machine', () => {
  assert.equal(isExposed(serverPlace({}, { server: 'http://a.example' })), true);
  assert.equal(isExposed(serverPlace({}, { server: 'http://127.0.0.1:9000' })), false);
  assert.equal(isExposed(serverPlace({}, { server: 'https://a.example' })), false);
});

import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { makeDataDir, startTestManager } from '#test/support/running-manager';

test('the socket belongs to its owner alone, and who may open it needs no key', async (t) => {
  const manager = await startTestManager(t);
  const { mode } = statSync(path.join(manager.dataDir, 'manager.sock'));
  assert.equal(mode & 0o777, 0o600);
  const made = await manager.callLocally('POST /clients', { body: { displayName: 'Local' } });
  assert.equal(made.status, 201);
  const { body } = await manager.call('GET /audit?limit=1');
  assert.deepEqual([body.items[0].actor, body.items[0].via], ['local', 'socket']);
});

test('the internal routes are on the socket only', async (t) => {
  const manager = await startTestManager(t);
  assert.equal((await manager.call('GET /internal/v1/feed?serverGroup=local&gatewayId=g')).status, 404);
  const wrong = await manager.callLocally('GET /internal/v1/feed?serverGroup=nowhere&gatewayId=g');
  assert.deepEqual([wrong.status, JSON.parse(wrong.text).code], [404, 'not_found']);
});

test('a socket file that was left behind is taken over', async (t) => {
  const dataDir = makeDataDir(t);
  writeFileSync(path.join(dataDir, 'manager.sock'), '');
  const manager = await startTestManager(t, { dataDir });
  assert.equal((await manager.callLocally('GET /version')).status, 200);
});

test('a socket on which another manager answers is left alone', async (t) => {
  const dataDir = makeDataDir(t);
  const other = net.createServer((socket) => socket.end()).listen(path.join(dataDir, 'manager.sock'));
  t.after(() => other.close());
  await assert.rejects(startTestManager(t, { dataDir }), /Another manager runs on this data directory/);
});

test('a path that no socket can have is said to be too long', async (t) => {
  const socketPath = path.join(makeDataDir(t), 'x'.repeat(120));
  await assert.rejects(startTestManager(t, { options: { socketPath } }), /too long/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOOTSTRAP_TOKEN, makeDataDir, startTestManager } from '#test/support/running-manager';

test('when a management key was used last is written down, at the latest when the manager stops', async (t) => {
  const dataDir = makeDataDir(t);
  const first = await startTestManager(t, { dataDir });
  first.clock.advance(5000);
  assert.equal((await first.call('GET /projects')).status, 200);
  const usedAt = first.clock.now();
  await first.manager.close();
  const second = await startTestManager(t, { dataDir });
  const { body } = await second.call('GET /management-keys', { key: BOOTSTRAP_TOKEN });
  assert.equal(body.items[0].lastUsedAt, usedAt);
});

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { noLogger } from '#core/logger';
import { storageLevelOf, watchDisk } from './disk-watch.ts';

test('with less and less room first successes, then refusals are not recorded, then no token is issued', () => {
  const limit = 512;
  assert.deepEqual(
    [512, 511, 256, 255, 128, 127, 0].map((free) => storageLevelOf(free, limit)),
    [0, 1, 1, 2, 2, 3, 3],
  );
});

test('the disk is asked at the start', async () => {
  const levels: number[] = [];
  const watch = await watchDisk({
    folder: tmpdir(),
    minFreeBytes: Number.MAX_SAFE_INTEGER,
    logger: noLogger,
    onChange: ({ level }) => levels.push(level),
  });
  watch.close();
  assert.deepEqual([levels, watch.storage.level], [[3], 3]);
  assert.ok(watch.storage.freeBytes > 0);
});

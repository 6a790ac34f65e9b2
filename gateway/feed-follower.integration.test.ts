import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import { startFeedManager } from '#test/support/feed-manager';
import { objects } from '#test/support/feed-objects';
import { eventually } from '#test/support/system';
import { followFeed } from './feed-follower.ts';
import { socketLink } from './manager-link.ts';
import type { Changed } from './replica.ts';
import { gatewayFiles } from './replica-files.ts';
import { openReplicaForWriting } from './replica-open.ts';
import { openReplicaForReading } from './replica-reader.ts';

function makePlace(t: TestContext) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gw-feed-'));
  const files = gatewayFiles(dataDir);
  const socketPath = path.join(dataDir, 'manager.sock');
  const deps = { files, gatewayId: 'gtw_1', serverGroup: 'local', clock: systemClock, logger: noLogger };
  const { replica } = openReplicaForWriting(deps);
  const news: Changed[] = [];
  let heard = 0;
  const follower = followFeed({
    ...deps,
    link: socketLink(socketPath),
    letterKey: { publicKey: 'key', isNew: false },
    onRemoved: () => assert.fail('removed'),
    replica,
    random: systemRandom,
    onNews({ changed, isCaughtUp }) {
      if (changed !== undefined) news.push(changed);
      if (isCaughtUp) heard += 1;
    },
    onReplicaError: (error) => assert.fail(String(error)),
  });
  t.after(async () => {
    follower.close();
    await replica.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const reader = openReplicaForReading(files.replica);
  const at = (seq: number) => eventually(`number ${seq}`, () => replica.position?.seq === seq || undefined);
  return { socketPath, replica, reader, follower, news, at, heard: () => heard };
}

test('it waits for a manager, takes everything, then what changes, and goes on where it was after a loss', async (t) => {
  const { socketPath, replica, reader, follower, news, at } = makePlace(t);
  await using manager = await startFeedManager(socketPath);
  manager.commit(objects.group);
  manager.commit(objects.client('cli_1'), objects.client('cli_2'));
  await at(2);
  assert.deepEqual(news, ['everything']);
  manager.commit(objects.client('cli_1', 'Changed'), { kind: 'client', id: 'cli_2' });
  await at(3);
  assert.deepEqual(news.at(-1), [
    { kind: 'client', id: 'cli_1' },
    { kind: 'client', id: 'cli_2' },
  ]);
  assert.deepEqual(
    [reader.find('client', 'cli_1')?.displayName, reader.find('client', 'cli_2')],
    ['Changed', undefined],
  );

  manager.disconnect();
  await eventually('the loss is noticed', () => !follower.isConnected || undefined);
  manager.commit(objects.client('cli_3'));
  await at(4);
  assert.equal(manager.asked.at(-1)?.get('since'), '3');
  assert.deepEqual(news.at(-1), [{ kind: 'client', id: 'cli_3' }]);
  assert.equal(replica.position?.epoch, 'fee_1');
});

test('after a restore of the manager it takes everything anew while the old state serves', async (t) => {
  const { socketPath, replica, reader, news, at } = makePlace(t);
  await using manager = await startFeedManager(socketPath);
  manager.commit(objects.group);
  for (let i = 0; i < 5; i += 1) manager.commit(objects.client('cli_1', `At ${i}`));
  await at(6);
  manager.restore('fee_2');
  await eventually('the other epoch', () => replica.position?.epoch === 'fee_2' || undefined);
  assert.deepEqual([replica.position?.seq, news.at(-1)], [1, 'everything']);
  assert.equal(reader.find('client', 'cli_1')?.displayName, 'At 4');
});

test('a change set that is not understood is refused whole, and what was serves on', async (t) => {
  const { socketPath, replica, reader, follower, at } = makePlace(t);
  await using manager = await startFeedManager(socketPath);
  manager.commit(objects.group, objects.client('cli_1'));
  await at(1);
  manager.mangle = (entry) =>
    entry.id === 'cli_3' ? { ...entry, payload: { ...Object(entry.payload), newField: 1 } } : entry;
  manager.commit(objects.client('cli_2'), objects.client('cli_3'));
  await eventually('it says why', () => follower.problem);
  assert.match(follower.problem ?? '', /client cli_3 .*newField/);
  assert.deepEqual([replica.position?.seq, reader.find('client', 'cli_2')], [1, undefined]);
  assert.ok(reader.find('client', 'cli_1'));
});

test('a manager that falls silent is left and found again', async (t) => {
  const { socketPath, follower, at, heard } = makePlace(t);
  await using manager = await startFeedManager(socketPath);
  manager.commit(objects.group);
  await at(1);
  const beats = heard();
  await eventually('heartbeats are heard', () => heard() > beats || undefined);
  manager.isSilent = true;
  const asked = manager.asked.length;
  await eventually('it asks again', () => manager.asked.length > asked || undefined, 5000);
  manager.isSilent = false;
  await eventually('connected', () => follower.isConnected || undefined);
});

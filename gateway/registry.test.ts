import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { type FeedObject, objects } from '#test/support/feed-objects';
import { createRecent } from './recent.ts';
import { createGatewayRegistry } from './registry.ts';
import { gatewayFiles } from './replica-files.ts';
import { openReplicaForWriting } from './replica-open.ts';
import { openReplicaForReading } from './replica-reader.ts';

const key = (consumerKey: string, subscriptionId: string): FeedObject => ({
  kind: 'consumer-key',
  id: consumerKey,
  payload: { consumerKey, subscriptionId, clientId: 'cli_1', secrets: [] },
});

const OPENED = { gatewayId: 'gtw_1', serverGroup: 'local', clock: systemClock, logger: noLogger };

function makeRegistry(t: TestContext) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gw-registry-'));
  const files = gatewayFiles(dataDir);
  const { replica } = openReplicaForWriting({ files, ...OPENED });
  let seq = 0;
  const commit = (...list: FeedObject[]) => {
    seq += 1;
    const entries = list.map(({ kind, id, payload }) => ({ seq, kind, id, serverGroupId: undefined, payload }));
    if (replica.position !== undefined) return replica.apply(entries, seq);
    const snapshot = replica.beginSnapshot({ epoch: 'fee_1', serverGroupId: 'grp_1' });
    snapshot.add(entries);
    snapshot.commit(seq);
    return [];
  };
  commit(objects.group, objects.client('cli_1', 'First'), key('gwk_1', 'sub_1'));
  const damages: string[] = [];
  const reads: string[] = [];
  const reader = openReplicaForReading(files.replica);
  const registry = createGatewayRegistry({
    reader: {
      ...reader,
      find(kind, id) {
        reads.push(id);
        return reader.find(kind, id);
      },
    },
    onSecretUsed: () => {},
    onDamage: (problem) => damages.push(problem),
  });
  t.after(() => {
    replica.abandon();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { registry, commit, files, damages, reads };
}

test('it finds keys, clients and groups, and knows nothing of what is not there', (t) => {
  const { registry } = makeRegistry(t);
  assert.equal(registry.findClient('cli_1')?.displayName, 'First');
  assert.equal(registry.findConsumerKey('gwk_1')?.subscriptionId, 'sub_1');
  assert.equal(registry.findConsumerKeyOf('sub_1')?.consumerKey, 'gwk_1');
  assert.equal(registry.findServerGroup('grp_1')?.name, 'local');
  for (let i = 0; i < 50; i += 1) assert.equal(registry.findConsumerKey(`gwk_made_up_${i}`), undefined);
  assert.equal(registry.findConsumerKeyOf('sub_9'), undefined);
  assert.equal(registry.size, 4, 'made-up keys are no entries');
});

test('a key that is not there is read once, like one that is, until it is there', (t) => {
  const { registry, commit, reads } = makeRegistry(t);
  for (let i = 0; i < 3; i += 1) {
    assert.equal(registry.findConsumerKey('gwk_1')?.subscriptionId, 'sub_1');
    assert.equal(registry.findConsumerKey('gwk_2'), undefined);
  }
  assert.deepEqual(reads, ['gwk_1', 'gwk_2']);
  registry.invalidate(commit(objects.client('cli_1', 'Second')));
  assert.equal(registry.findConsumerKey('gwk_2'), undefined);
  assert.deepEqual(reads, ['gwk_1', 'gwk_2'], 'another change drops no misses');
  registry.invalidate(commit(key('gwk_2', 'sub_2')));
  assert.equal(registry.findConsumerKey('gwk_2')?.subscriptionId, 'sub_2');
  registry.findConsumerKey('gwk_3');
  registry.invalidate('everything');
  registry.findConsumerKey('gwk_3');
  assert.equal(reads.filter((id) => id === 'gwk_3').length, 2);
  const long = `gwk_${'x'.repeat(5000)}`;
  registry.findConsumerKey(long);
  registry.findConsumerKey(long);
  assert.equal(reads.filter((id) => id === long).length, 2, 'what no key is as long as is not kept');
});

test('made-up keys are forgotten again, and push out none that is there', (t) => {
  const { registry, reads } = makeRegistry(t);
  registry.findConsumerKey('gwk_1');
  for (let i = 0; i < 15_000; i += 1) registry.findConsumerKey(`gwk_made_up_${i}`);
  reads.length = 0;
  registry.findConsumerKey('gwk_1');
  assert.deepEqual(reads, []);
  registry.findConsumerKey('gwk_made_up_0');
  registry.findConsumerKey('gwk_made_up_14999');
  assert.deepEqual(reads, ['gwk_made_up_0']);
});

test('what changed is read again once the primary says so, and the number of changes grows', (t) => {
  const { registry, commit } = makeRegistry(t);
  registry.findClient('cli_1');
  registry.findConsumerKeyOf('sub_1');
  const before = registry.changes;
  registry.invalidate(commit(objects.client('cli_1', 'Second'), key('gwk_2', 'sub_1')));
  assert.ok(registry.changes > before);
  assert.equal(registry.findClient('cli_1')?.displayName, 'Second');
  assert.equal(registry.findConsumerKeyOf('sub_1')?.consumerKey, 'gwk_2');
  registry.invalidate(commit({ kind: 'client', id: 'cli_1' }));
  assert.equal(registry.findClient('cli_1'), undefined);
});

test("a client's subscriptions to a product are found, as they are now", (t) => {
  const { registry, commit } = makeRegistry(t);
  const subscription = (id: string, change: object = {}): FeedObject => ({
    kind: 'subscription',
    id,
    payload: {
      ...{ id, name: id, clientId: 'cli_1', productId: 'prd_1', state: 'active', scopes: [], generation: 1 },
      ...{ changedBy: 'local', changedAt: 0, ...change },
    },
  });
  const found = (clientId: string, productId: string) =>
    registry.findSubscriptionsTo({ clientId, productId }).map(({ id, state }) => `${id} ${state}`);
  assert.deepEqual(found('cli_1', 'prd_1'), []);
  const others = [subscription('sub_2', { productId: 'prd_2' }), subscription('sub_3', { clientId: 'cli_3' })];
  registry.invalidate(commit(subscription('sub_1'), ...others));
  assert.deepEqual(found('cli_1', 'prd_1'), ['sub_1 active']);
  assert.deepEqual(found('cli_1', 'prd_2'), ['sub_2 active']);
  assert.deepEqual(found('cli_3', 'prd_2'), []);
  registry.invalidate(commit(subscription('sub_1', { state: 'suspended' }), subscription('sub_4')));
  assert.deepEqual(found('cli_1', 'prd_1'), ['sub_1 suspended', 'sub_4 active']);
  registry.invalidate(commit({ kind: 'subscription', id: 'sub_1' }, subscription('sub_4', { productId: 'prd_2' })));
  assert.deepEqual(found('cli_1', 'prd_1'), []);
});

test('a replica of an earlier release gets the indexes that it lacks', async (t) => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gw-registry-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const files = gatewayFiles(dataDir);
  await openReplicaForWriting({ files, ...OPENED }).replica.close();
  const indexes = () => {
    const database = new DatabaseSync(files.replica);
    const found = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql > ''`).all();
    database.exec('DROP INDEX IF EXISTS subscription_by_client');
    database.close();
    return found.map(({ name }) => name).sort();
  };
  assert.deepEqual(indexes(), ['key_by_subscription', 'subscription_by_client']);
  const { replica, notice } = openReplicaForWriting({ files, ...OPENED });
  await replica.close();
  assert.equal(notice, undefined);
  assert.deepEqual(indexes(), ['key_by_subscription', 'subscription_by_client']);
});

test('a damaged row refuses with not_ready and is reported: a client is never called unknown because of it', (t) => {
  const { registry, files, damages } = makeRegistry(t);
  const database = new DatabaseSync(files.replica);
  database.exec(`UPDATE objects SET payload = '{}' WHERE id = 'cli_1'`);
  database.close();
  assert.throws(() => registry.findClient('cli_1'), { name: 'Refusal', code: 'not_ready' });
  assert.match(damages[0] ?? '', /client cli_1/);
});

test('the map of recent things is bounded and keeps what is used', () => {
  const recent = createRecent<number>(100);
  for (let i = 0; i < 10_000; i += 1) {
    recent.set(String(i), i);
    assert.equal(recent.get('0'), 0);
  }
  assert.ok(recent.size <= 100);
  recent.delete('0');
  assert.equal(recent.get('0'), undefined);
});

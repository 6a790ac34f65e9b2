import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { tokenStorePasswordContext } from '#core/change-feed';
import { systemRandom } from '#core/random';
import { SecretBox } from '#core/secret-box';
import { createMemoryTokenStore } from '#stores/memory/token-store';
import { managerDatabase } from '#test/support/manager-database';
import { type RunningManager, startTestManager } from '#test/support/running-manager';
import { openDatabase } from '../database.ts';
import { readFeed } from '../feed/read.ts';

const PASSWORD = 'a-password-of-redis-0123456789';
const redis = { nodes: ['redis.example.com:6379'], password: PASSWORD };
const anyRevision = { 'if-match': '*' };

async function start(t: TestContext) {
  const manager = await startTestManager(t, {
    tokenStores: [createMemoryTokenStore({ retentionMs: 1000, random: systemRandom })],
    options: { requestsPerSecond: 1000 },
  });
  const make = async (body: object) => {
    const made = await manager.call('POST /token-stores', { body });
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  return { manager, make };
}

const patch = (manager: RunningManager, name: string, body: object) =>
  manager.call(`PATCH /token-stores/${name}`, { body, headers: anyRevision });
const remove = (manager: RunningManager, name: string) =>
  manager.call(`DELETE /token-stores/${name}`, { headers: anyRevision });

/** Code and pointers of a refusal. */
const refusal = ({ status, body }: Awaited<ReturnType<RunningManager['call']>>) => [
  ...[status, body.code, (body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)],
];

/** Makes a token end point, and gives what sets the store that its policy names. */
async function withTokenEndPoint(manager: RunningManager) {
  const body = { kind: 'oauth-token-endpoint', displayName: 'AccessToken', contextPath: '/token' };
  assert.equal((await manager.call('POST /projects', { body })).status, 201);
  const address = '/projects/access-token/policies/oauth-token-endpoint';
  return async (tokenStore: string) => {
    const { body: policy } = await manager.call(`GET ${address}`);
    const config = { ...policy.config, tokenStore };
    const changed = await manager.call(`PATCH ${address}`, { body: { config }, headers: anyRevision });
    assert.equal(changed.status, 200, changed.text);
  };
}

const deploy = (manager: RunningManager) =>
  manager.call('POST /deployments', { body: { project: 'access-token', serverGroup: 'local' } });

const postgres = { host: 'db.example.com' };
const cassandra = { contactPoints: ['node-1.example.com:9042'] };

const ofRedis = (settings: object) => ({ kind: 'redis', redis: { nodes: ['a:1'], ...settings } });
const ofPostgres = (settings: object) => ({ kind: 'postgres', postgres: { ...postgres, ...settings } });
const ofCassandra = (settings: object) => ({ kind: 'cassandra', cassandra: { ...cassandra, ...settings } });
const REFUSED: readonly (readonly [string, object, string])[] = [
  ['no kind', {}, '/kind'],
  ['an unknown kind', { kind: 'mongodb' }, '/kind'],
  ['no settings of redis', { kind: 'redis' }, '/redis'],
  ['no settings of postgres', { kind: 'postgres' }, '/postgres'],
  ['no settings of cassandra', { kind: 'cassandra' }, '/cassandra'],
  ['settings of another kind', { ...ofRedis({}), postgres }, '/postgres'],
  ['settings for one that has none', { kind: 'memory', sqlite: { file: 'a.db' } }, '/sqlite'],
  ['no node', ofRedis({ nodes: [] }), '/redis/nodes'],
  ['a URL as node', ofRedis({ nodes: ['redis://a:1'] }), '/redis/nodes/0'],
  ['a node with a password', ofRedis({ nodes: ['u:p@a:1'] }), '/redis/nodes/0'],
  ['two nodes of a single server', ofRedis({ nodes: ['a:1', 'b:1'] }), '/redis/nodes'],
  ['no name for Sentinels', ofRedis({ mode: 'sentinel' }), '/redis/sentinelName'],
  ['a database of a Cluster', ofRedis({ mode: 'cluster', database: 1 }), '/redis/database'],
  ['an unknown mode', ofRedis({ mode: 'many' }), '/redis/mode'],
  ['a prefix with a colon', ofRedis({ prefix: 'a:b' }), '/redis/prefix'],
  ['an unknown setting', ofRedis({ ttl: 3 }), '/redis/ttl'],
  ['an empty password', ofRedis({ password: '' }), '/redis/password'],
  ['no host', ofPostgres({ host: undefined }), '/postgres/host'],
  ['a host that is a path', ofPostgres({ host: '/var/run' }), '/postgres/host'],
  ['a port that is none', ofPostgres({ port: 0 }), '/postgres/port'],
  ['a schema to be quoted', ofPostgres({ schema: 'a"b' }), '/postgres/schema'],
  ['a single connection', ofPostgres({ poolSize: 1 }), '/postgres/poolSize'],
  ['no contact point', ofCassandra({ contactPoints: [] }), '/cassandra/contactPoints'],
  ['a keyspace to be quoted', ofCassandra({ keyspace: 'a b' }), '/cassandra/keyspace'],
  ['no copy', ofCassandra({ replicationFactor: 0 }), '/cassandra/replicationFactor'],
  ['an unknown consistency', ofCassandra({ consistency: 'ANY' }), '/cassandra/consistency'],
  ['too little heap', { kind: 'cassandra-embedded', embedded: { heapMb: 64 } }, '/embedded/heapMb'],
];

test('what does not fit its kind is refused by its pointer, in a test of it too', async (t) => {
  const { manager } = await start(t);
  for (const [what, body, pointer] of REFUSED) {
    const expected = [422, 'validation_failed', [pointer]];
    const named = { displayName: 'Cache', ...body };
    assert.deepEqual(refusal(await manager.call('POST /token-stores', { body: named })), expected, what);
    assert.deepEqual(refusal(await manager.call('POST /token-stores/test', { body })), expected, what);
  }
  assert.equal((await manager.call('GET /token-stores')).body.total, 1);
});

test('each kind is added with the defaults of what was left out', async (t) => {
  const { manager, make } = await start(t);
  await make({ displayName: 'Tiny', kind: 'memory' });
  const file = await make({ displayName: 'File', kind: 'sqlite' });
  assert.deepEqual(file.sqlite, { file: '' });
  const cache = await make({ displayName: 'Cache', kind: 'redis', redis });
  assert.deepEqual(cache.redis, {
    ...{ mode: 'single', nodes: redis.nodes, sentinelName: '', user: '', database: 0, prefix: 'gatewright' },
    ...{ tls: false, ca: '', lossAccepted: false },
  });
  const relational = await make({ displayName: 'Relational', kind: 'postgres', postgres });
  assert.deepEqual(relational.postgres, {
    ...{ host: 'db.example.com', port: 5432, database: 'gatewright', schema: 'gatewright_tokens', user: 'gatewright' },
    ...{ tls: false, ca: '', poolSize: 8 },
  });
  const wide = await make({ displayName: 'Wide', kind: 'cassandra', cassandra });
  assert.deepEqual(wide.cassandra, {
    ...{ contactPoints: cassandra.contactPoints, dataCentre: 'datacenter1', keyspace: 'gatewright' },
    ...{ replicationFactor: 3, consistency: 'LOCAL_QUORUM', user: '', tls: false, ca: '' },
  });
  const embedded = await make({ displayName: 'Embedded', kind: 'cassandra-embedded' });
  assert.deepEqual(embedded.embedded, { heapMb: 384, commitLog: 'group' });
  for (const one of [cache, file, relational, wide, embedded])
    assert.deepEqual(
      [one.isDefault, one.isConfigured, one.hasPassword, one.usedBy],
      [false, false, one.kind === 'redis', []],
      one.kind,
    );
  const { body } = await manager.call('GET /token-stores?sort=name');
  assert.deepEqual(
    body.items.map(({ name, isDefault, isConfigured }: Record<string, unknown>) => [name, isDefault, isConfigured]),
    ['cache', 'configured', 'embedded', 'file', 'relational', 'tiny', 'wide'].map((name) => [
      ...[name, name === 'configured', name === 'configured'],
    ]),
  );
  assert.deepEqual(
    refusal(await manager.call('POST /token-stores', { body: { displayName: 'Tiny', kind: 'memory' } })),
    [...[409, 'name_taken', ['/name']]],
  );
});

test('a password is in no answer, audit entry or line of the log, and is kept sealed', async (t) => {
  const { manager, make } = await start(t);
  const answers = [JSON.stringify(await make({ displayName: 'Cache', kind: 'redis', redis }))];
  const second = 'another-password-of-redis-987654';
  const call = async (request: string, body?: object) => {
    const answer = await manager.call(request, { ...(body && { body }), headers: anyRevision });
    answers.push(answer.text);
    return answer;
  };
  await call('GET /token-stores');
  await call('GET /token-stores/cache');
  assert.equal((await call('POST /token-stores/test', { kind: 'redis', redis })).status, 200);
  assert.equal((await call('POST /token-stores/cache/test', {})).status, 200);
  assert.equal((await call('PATCH /token-stores/cache', { redis: { password: second } })).body.hasPassword, true);
  await call('PATCH /token-stores/cache', { redis: { password: second, nodes: ['not a node'] } });
  await call('POST /token-stores/cache/make-default', {});
  await call('POST /token-stores/configured/make-default', {});
  await call('GET /audit?limit=100');
  assert.equal((await call('DELETE /token-stores/cache')).status, 204);
  await call('GET /audit?limit=100');
  const words = answers.join('\n') + JSON.stringify(manager.log);
  for (const secret of [PASSWORD, second]) {
    assert.ok(!words.includes(secret));
    assert.ok(!words.includes(Buffer.from(secret).toString('base64')));
  }
  assert.ok(!words.includes('credentials') && !words.includes('passwordSealed'));
  const sentences = (await manager.call('GET /audit?limit=100')).body.items.map(
    ({ sentence }: { sentence: string }) => sentence,
  );
  for (const sentence of [
    ...['Token store cache was added.', 'Token store cache was changed.', 'Token store cache was tested.'],
    ...['Token store cache was made the default.', 'Token store cache was deleted.'],
    'A token store of the kind redis was tested.',
  ])
    assert.ok(sentences.includes(sentence), sentence);
});

test('what a patch leaves out stays, the password too; elsewhere it is not shown to another server', async (t) => {
  const { manager, make } = await start(t);
  await make({ displayName: 'Cache', kind: 'redis', redis });
  const changed = await patch(manager, 'cache', { displayName: 'Fast cache', redis: { database: 3 } });
  assert.deepEqual(
    [changed.body.displayName, changed.body.redis.database, changed.body.redis.nodes, changed.body.hasPassword],
    ['Fast cache', 3, redis.nodes, true],
  );
  for (const elsewhere of [{ nodes: ['evil.example.com:6379'] }, { tls: true }, { ca: 'x' }])
    assert.deepEqual(refusal(await patch(manager, 'cache', { redis: elsewhere })), [
      ...[422, 'validation_failed', ['/redis/password']],
    ]);
  const moved = await patch(manager, 'cache', { redis: { nodes: ['b.example.com:6379'], password: PASSWORD } });
  assert.deepEqual(moved.body.redis.nodes, ['b.example.com:6379']);
  assert.deepEqual(refusal(await patch(manager, 'cache', { kind: 'sqlite' })), [422, 'validation_failed', ['/kind']]);
  assert.deepEqual(refusal(await patch(manager, 'cache', { postgres })), [422, 'validation_failed', ['/postgres']]);
  assert.deepEqual(refusal(await patch(manager, 'cache', { redis: { mode: 'sentinel' } })), [
    ...[422, 'validation_failed', ['/redis/sentinelName']],
  ]);
  const stale = await manager.call('PATCH /token-stores/cache', {
    ...{ body: { displayName: 'Late' }, headers: { 'if-match': '"1"' } },
  });
  assert.equal(stale.status, 412, stale.text);
});

test('the store of the configuration is renamed, never changed otherwise or deleted', async (t) => {
  const { manager, make } = await start(t);
  const { body: configured } = await manager.call('GET /token-stores/configured');
  assert.deepEqual([configured.isConfigured, configured.isDefault, configured.kind], [true, true, 'memory']);
  assert.equal((await patch(manager, 'configured', { displayName: 'First store' })).body.displayName, 'First store');
  const answer = await patch(manager, 'configured', { redis: { nodes: ['a:1'] } });
  assert.deepEqual(refusal(answer), [422, 'validation_failed', ['/redis']]);
  assert.match(answer.text, /tokenStore\.url/);
  await make({ displayName: 'Cache', kind: 'redis', redis });
  assert.equal((await manager.call('POST /token-stores/cache/make-default')).status, 200);
  assert.deepEqual(refusal(await remove(manager, 'configured')), [409, 'state_conflict', []]);
});

test('exactly one is the default, and what changed of both is published', async (t) => {
  const { manager, make } = await start(t);
  const cache = await make({ displayName: 'Cache', kind: 'redis', redis });
  const { body: configured } = await manager.call('GET /token-stores/configured');
  const defaults = async () =>
    (await manager.call('GET /token-stores')).body.items
      .filter(({ isDefault }: { isDefault: boolean }) => isDefault)
      .map(({ name }: { name: string }) => name);
  const before = (await manager.call('GET /status')).body.seq;
  const made = await manager.call('POST /token-stores/cache/make-default');
  assert.deepEqual([made.status, made.body.isDefault], [200, true]);
  assert.deepEqual(await defaults(), ['cache']);
  const payloads = await feedOf(manager, before);
  assert.deepEqual([...payloads.keys()].sort(), [configured.id, cache.id].sort());
  assert.equal(payloads.get(cache.id)?.isDefault, true);
  assert.deepEqual(
    [payloads.get(configured.id)?.isDefault, typeof payloads.get(configured.id)?.defaultUntil],
    [false, 'number'],
  );
  assert.ok(!JSON.stringify([...payloads]).includes(PASSWORD));
  assert.equal((await manager.call('POST /token-stores/cache/make-default')).status, 200);
  assert.deepEqual(await defaults(), ['cache']);
  assert.equal((await manager.call('POST /token-stores/configured/make-default')).status, 200);
  assert.deepEqual(await defaults(), ['configured']);
});

test('a store is not deleted while it is the default, or a draft or deployment names it', async (t) => {
  const { manager, make } = await start(t);
  const name = await withTokenEndPoint(manager);
  await make({ displayName: 'Cache', kind: 'redis', redis });
  await manager.call('POST /token-stores/cache/make-default');
  const asDefault = await remove(manager, 'cache');
  assert.deepEqual(refusal(asDefault), [409, 'in_use', []]);
  assert.match(asDefault.body.detail, /default/);
  await manager.call('POST /token-stores/configured/make-default');

  await name('cache');
  const pointer = '/projects/access-token/policies/oauth-token-endpoint/config/tokenStore';
  const inDraft = await remove(manager, 'cache');
  assert.deepEqual(refusal(inDraft), [409, 'in_use', [pointer]]);
  assert.match(inDraft.text, /its draft/);
  assert.deepEqual((await manager.call('GET /token-stores/cache')).body.usedBy, [
    { project: 'access-token', policy: 'oauth-token-endpoint' },
  ]);
  const deployed = await deploy(manager);
  assert.ok(deployed.status < 300, deployed.text);
  await name('');
  const running = await remove(manager, 'cache');
  assert.deepEqual(refusal(running), [409, 'in_use', [pointer]]);
  assert.match(running.text, /v1 in local/);
  assert.ok((await deploy(manager)).status < 300);
  assert.equal((await remove(manager, 'cache')).status, 204);
  assert.equal((await manager.call('GET /token-stores/cache')).status, 404);
  await name('cache');
  const refused = await deploy(manager);
  assert.equal(refused.body.code, 'deploy_refused', refused.text);
  assert.match(refused.text, /token store cache, which does not exist/);
});

test('passwords are sealed anew with the master key, and open with it for gateways', async (t) => {
  const { manager, make } = await start(t);
  const { id } = await make({ displayName: 'Cache', kind: 'redis', redis });
  const { seq } = (await manager.call('GET /status')).body;
  const before = await sealedOf(manager, 0, id);
  const rotated = await manager.call('POST /master-key/rotate', { body: {} });
  assert.equal(rotated.status, 200, rotated.text);
  const after = await sealedOf(manager, seq, id);
  assert.notEqual(after, before);
  const newest = new SecretBox([{ id: 'k2', key: Buffer.alloc(32, 2) }], systemRandom);
  assert.equal(newest.open(after, tokenStorePasswordContext(id)).toString(), PASSWORD);
});

/** What became of token stores behind a number of the feed: payloads by id. */
async function feedOf(manager: RunningManager, since: number): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  await using db = await openDatabase(await managerDatabase(manager.dataDir));
  const { entries } = await readFeed(db.read, { since, kinds: ['token-store'], limit: 100 });
  return new Map(entries.map(({ id, payload }) => [id, { ...(payload as object) }]));
}

/** The password of a store in the feed, as gateways get it. */
async function sealedOf(manager: RunningManager, since: number, id: string): Promise<string> {
  return String((await feedOf(manager, since)).get(id)?.passwordSealed);
}

test('the status lists each store, with the kind of the one of the configuration', async (t) => {
  const { manager, make } = await start(t);
  await make({ displayName: 'Remote', kind: 'redis', redis });
  // Nothing opens stores in this test.
  assert.deepEqual((await manager.call('GET /status')).body.tokenStores, [
    { name: 'configured', kind: 'memory', isDefault: true, state: 'unused' },
    { name: 'remote', kind: 'redis', isDefault: false, state: 'unused' },
  ]);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { noLogger } from '#core/logger';
import { problemWords } from '#stores/problem-words';
import { SCRIPT } from '#stores/redis/script';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { PRIMARY_NAME, startRedisSentinels } from '../support/redis-sentinel.ts';
import { countLost, openRedisStore as open, problemOf, saveMeanwhile } from '../support/redis-store.ts';
import { createRedisAuthority } from '../support/redis-tls.ts';
import { eventually } from '../support/system.ts';
import { testCopy } from './copy.ts';
import { testHints } from './hints.ts';
import { NOW, sampleToken } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const cluster = await startRedisCluster();
after(() => cluster[Symbol.asyncDispose]());
let prefixes = 0;
const newPrefix = () => {
  prefixes += 1;
  return `test-${prefixes}`;
};
const clusterUrl = (prefix = newPrefix()) => `redis://${cluster.hosts}?cluster=true&prefix=${prefix}`;

testTokenStore('redis cluster', () => open(clusterUrl()));
testCopy('redis cluster', () => open(clusterUrl()));
const hintsUrl = clusterUrl();
testHints(
  'redis cluster',
  () => open(hintsUrl),
  async () => {
    for (const { port } of cluster.nodes) {
      const node = new Redis({ host: '127.0.0.1', port });
      await node.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      node.disconnect();
    }
  },
);

test('redis cluster: one node that is known is enough, and all keys of a store are on one', async () => {
  const [first] = cluster.nodes;
  for (const prefix of ['a', 'b', 'c', 'd']) {
    await using store = await open(`${first?.url}?cluster=true&prefix=${prefix}`);
    const token = sampleToken(prefix);
    await store.saveAccess(token);
    assert.equal((await store.findAccess(token.hash, NOW)).state, 'live');
  }
  const holders = await Promise.all(['a', 'b', 'c', 'd'].map((prefix) => cluster.holderOf(`{${prefix}}:x`)));
  assert.ok(new Set(holders).size > 1);
});

test('redis cluster: a slot on its way to another node is refused, then followed, under load, and nothing is lost', async (t) => {
  const prefix = newPrefix();
  await using store = await open(clusterUrl(prefix));
  const load = saveMeanwhile(store);
  await load.goesOn(100, 10_000);
  const before = await cluster.holderOf(`{${prefix}}:`);
  await cluster.moveSlotOf(`{${prefix}}:`, 400);
  assert.notEqual((await cluster.holderOf(`{${prefix}}:`)).port, before.port);
  const ms = await load.goesOn(100, 10_000);
  await load.end();
  const lost = await countLost(store, load.acknowledged);
  t.diagnostic(
    `acknowledged ${load.acknowledged.length}, refused ${load.refusals.length}, went on within ${ms} ms, lost ${lost}`,
  );
  assert.ok(load.refusals.length > 0);
  assert.equal(lost, 0);
});

test('redis cluster: its node dies and comes back: refused at once meanwhile, used again by itself', async (t) => {
  const prefix = newPrefix();
  await using store = await open(clusterUrl(prefix));
  const holder = await cluster.holderOf(`{${prefix}}:`);
  const load = saveMeanwhile(store);
  await load.goesOn(100, 10_000);
  await holder.kill('SIGKILL');
  const begin = performance.now();
  await assert.rejects(async () => store.findAccess(sampleToken('x').hash, NOW), { name: 'UnavailableError' });
  const refusedMs = Math.round(performance.now() - begin);
  await sleep(1000);
  await holder.killAndStart();
  const ms = await load.goesOn(100, 15_000);
  await load.end();
  const lost = await countLost(store, load.acknowledged);
  t.diagnostic(
    `refused after ${refusedMs} ms, went on ${ms} ms after it was there again, lost ${lost} of ${load.acknowledged.length}`,
  );
  assert.ok(refusedMs < 1000);
  assert.equal(lost, 0);
});

test('redis sentinel: the primary dies, the replica takes its place, and the store goes on by itself', async (t) => {
  await using servers = await startRedisSentinels();
  const hosts = servers.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const url = `redis://${hosts}?sentinel=${PRIMARY_NAME}`;
  await using store = await open(url);
  assert.match((await store.warnings()).join(), /A failover of Redis may lose what was written last/);
  const before = await store.changesSince(undefined, 10);
  const load = saveMeanwhile(store);
  await load.goesOn(200, 10_000);
  await servers.primary.kill('SIGKILL');
  const begin = performance.now();
  await assert.rejects(async () => store.findAccess(sampleToken('x').hash, NOW), { name: 'UnavailableError' });
  const refusedMs = Math.round(performance.now() - begin);
  const ms = await load.goesOn(200, 20_000);
  await load.end();
  const lost = await countLost(store, load.acknowledged);
  t.diagnostic(
    `refused after ${refusedMs} ms, new primary after ${ms} ms; of ${load.acknowledged.length} acknowledged ${lost} lost`,
  );
  // Replication does not wait: what was acknowledged in the last instant may be gone, and nothing else.
  assert.ok(lost <= 8 * 8);
  assert.equal((await store.changesSince(before.cursor, 10)).flush, true);

  // The old primary comes back as a replica, which refuses writes, and everything goes on.
  await servers.primary.killAndStart();
  await store.saveAccess(sampleToken('after'));
  assert.equal((await store.findAccess(sampleToken('after').hash, NOW)).state, 'live');
});

test('redis sentinel: a primary that hangs is left as soon as another one took its place', async (t) => {
  await using servers = await startRedisSentinels();
  const hosts = servers.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  await using store = await open(`redis://${hosts}?sentinel=${PRIMARY_NAME}`);
  const load = saveMeanwhile(store);
  await load.goesOn(100, 10_000);
  servers.primary.process.kill('SIGSTOP');
  try {
    await sleep(300);
    const ms = await load.goesOn(200, 20_000);
    t.diagnostic(`went on after ${ms} ms`);
  } finally {
    servers.primary.process.kill('SIGCONT');
    await load.end();
  }
});

test('redis sentinel: Sentinels that are all away are said to be so within a bound', async () => {
  const begin = performance.now();
  const url = `redis://127.0.0.1:${await freePort()}?sentinel=${PRIMARY_NAME}`;
  assert.match(await problemOf(url), /sentinels are unreachable/);
  assert.ok(performance.now() - begin < 7000);
});

/** The user of docs/token-store-redis.md, as the words of ACL SETUSER; `hush` is its password. */
const DOCS = readFileSync(path.join(import.meta.dirname, '../../docs/token-store-redis.md'), 'utf8');
const ACL = /^ +ACL (SETUSER gatewright .*)$/m.exec(DOCS)?.[1]?.replace('>PASSWORD', '>hush').split(' ') ?? [];
const CREDENTIALS = 'gatewright:hush@';

const authority = await createRedisAuthority();
const { port: tlsPort, settings: tlsSettings } = await authority.tlsSettings();
const guarded = await startRedis(...tlsSettings);
const admin = new Redis({ host: '127.0.0.1', port: guarded.port });
after(async () => {
  admin.disconnect();
  authority[Symbol.dispose]();
  await guarded[Symbol.asyncDispose]();
});
await admin.call('ACL', ...ACL);
const guardedUrl = ({ ca = authority.caFile, prefix = 'gatewright' } = {}) =>
  `rediss://${CREDENTIALS}127.0.0.1:${tlsPort}?ca=${ca}&prefix=${prefix}`;
// Stores beside each other, for the suites only.
await admin.call('ACL', 'SETUSER', 'gatewright', '~{test-*', '&{test-*');

testTokenStore('redis TLS and ACL', () => open(guardedUrl({ prefix: newPrefix() })));
testCopy('redis TLS and ACL', () => open(guardedUrl({ prefix: newPrefix() })));
const guardedHintsUrl = guardedUrl({ prefix: newPrefix() });
testHints('redis TLS and ACL', () => open(guardedHintsUrl));

test('redis ACL: the documented user was never refused anything, and nothing is to be warned of', async () => {
  await using store = await open(guardedUrl());
  assert.deepEqual(await store.warnings(), []);
  const log = (await admin.call('ACL', 'LOG')) as string[][];
  assert.deepEqual(log, []);
  await admin.call('ACL', 'SETUSER', 'gatewright', 'resetkeys', '~{gatewright}:*');
});

test('redis ACL: every command of the script is asked for, and what is missing is named', async () => {
  const called = new Set([...SCRIPT.matchAll(/\bcall\('([A-Z]+)'/g)].map(([, name]) => String(name)));
  assert.ok(called.size > 20);
  for (const name of called) {
    await admin.call('ACL', 'SETUSER', 'gatewright', `-${name}`);
    assert.match(
      await problemOf(guardedUrl()),
      new RegExp(`may not run ${name} on keys that begin with {gatewright}:`),
    );
    await admin.call('ACL', 'SETUSER', 'gatewright', `+${name}`);
  }
  await admin.call('ACL', 'SETUSER', 'gatewright', '-evalsha');
  assert.match(await problemOf(guardedUrl()), /'evalsha' command/);
  await admin.call('ACL', 'SETUSER', 'gatewright', '+evalsha', 'resetkeys', '~other:*');
  assert.match(await problemOf(guardedUrl()), /no permissions to access one of the keys/);
  await admin.call('ACL', 'SETUSER', 'gatewright', 'resetkeys', '~{gatewright}:*');
  assert.match(await problemOf(guardedUrl().replace('hush', 'wrong')), /WRONGPASS/);
});

test('redis ACL: a right that is taken away while the store is open is named, and given back it works again', async () => {
  await using store = await open(guardedUrl());
  await admin.call('ACL', 'SETUSER', 'gatewright', '-zadd', '-hincrby');
  const refused = await Promise.resolve(store.saveAccess(sampleToken('forbidden'))).then(() => undefined, problemWords);
  assert.match(String(refused), /may not run HINCRBY, ZADD/);
  await admin.call('ACL', 'SETUSER', 'gatewright', '+zadd', '+hincrby');
  await store.saveAccess(sampleToken('allowed'));
});

test('redis ACL: a user who may not publish or listen revokes all the same, and the log says what is missing', async () => {
  await admin.call('ACL', 'SETUSER', 'gatewright', 'resetchannels');
  const said: string[] = [];
  const logger = { ...noLogger, warn: (_: object, text: string) => void said.push(text) };
  await using store = await open(guardedUrl(), logger);
  await using _ = store.listen?.(() => {});
  const token = sampleToken('unheard');
  await store.saveAccess(token);
  assert.equal(await store.revokeAccess(token.hash, { by: 'priya', at: NOW, reason: undefined }), true);
  await eventually('it is said', () => said.length > 0 || undefined);
  assert.match(
    said.join(),
    /may not listen to {gatewright}:changes.*Allow \+subscribe, \+publish and &{gatewright}:changes/,
  );
  await admin.call('ACL', 'SETUSER', 'gatewright', '&{gatewright}:*');
});

test("redis TLS: an authority that has nothing to do with the server, the system's and plain text are refused", async () => {
  assert.match(await problemOf(guardedUrl({ ca: authority.otherCaFile })), /certificate/);
  assert.match(await problemOf(`rediss://${CREDENTIALS}127.0.0.1:${tlsPort}`), /certificate/);
  assert.match(
    await problemOf(guardedUrl().replace('127.0.0.1', 'localhost')),
    /localhost.*altnames|altnames.*localhost/i,
  );
  assert.match(await problemOf(`redis://127.0.0.1:${tlsPort}`), /closed|reset/i);
});

test('redis: settings that risk what was acknowledged are warned of, each by its name', async () => {
  await using store = await open(guardedUrl());
  const warningsWith = async (name: string, value: string, back: string) => {
    await admin.config('SET', name, value);
    const warnings = await store.warnings();
    await admin.config('SET', name, back);
    assert.equal(warnings.length, 1);
    return String(warnings);
  };
  assert.match(await warningsWith('appendonly', 'no', 'yes'), /no append-only file/);
  assert.match(await warningsWith('appendfsync', 'everysec', 'always'), /set appendfsync always/);
  assert.match(await warningsWith('appendfsync', 'no', 'always'), /set appendfsync always/);
  assert.match(await warningsWith('maxmemory-policy', 'allkeys-lru', 'noeviction'), /set maxmemory-policy noeviction/);
  await admin.call('ACL', 'SETUSER', 'gatewright', '-config|get');
  assert.match(String(await store.warnings()), /CONFIG GET is forbidden/);
  await using accepting = await open(`${guardedUrl()}&lossAccepted=true`);
  assert.deepEqual(await accepting.warnings(), []);
  await admin.call('ACL', 'SETUSER', 'gatewright', '+config|get');
  await using renamed = await startRedis('--rename-command', 'CONFIG', '');
  await using taken = await open(renamed.url);
  assert.match(String(await taken.warnings()), /CONFIG GET is forbidden/);
});

test('redis: with its memory full it refuses to save, keeps what it has, and saves again when there is room', async () => {
  await using store = await open(guardedUrl());
  const token = sampleToken('before it was full');
  await store.saveAccess(token);
  await admin.config('SET', 'maxmemory', '1mb');
  const refused = await Promise.resolve(store.saveAccess(sampleToken('too much'))).then(() => undefined, problemWords);
  assert.match(String(refused), /OOM/);
  assert.equal((await store.findAccess(token.hash, NOW)).state, 'live');
  assert.equal(
    await store.revokeAccess(token.hash, { by: 'priya', at: NOW, reason: undefined }).catch(() => 'refused'),
    'refused',
  );
  await admin.config('SET', 'maxmemory', '0');
  await store.saveAccess(sampleToken('too much'));
});

test('redis cluster: over TLS, with the least rights, its node dies and a replica takes its place', async (t) => {
  await using secured = await startRedisCluster({ authority, replicated: '{gatewright}:' });
  for (const { port } of secured.nodes) {
    const client = new Redis({ host: '127.0.0.1', port });
    await client.call('ACL', ...ACL, '+cluster|slots');
    client.disconnect();
  }
  await using store = await open(`rediss://${CREDENTIALS}${secured.hosts}?cluster=true&ca=${authority.caFile}`);
  const before = await store.changesSince(undefined, 10);
  const load = saveMeanwhile(store);
  await load.goesOn(100, 10_000);
  await (await secured.holderOf('{gatewright}:')).kill('SIGKILL');
  const ms = await load.goesOn(200, 20_000);
  await load.end();
  const lost = await countLost(store, load.acknowledged);
  t.diagnostic(`used again after ${ms} ms; of ${load.acknowledged.length} acknowledged ${lost} lost`);
  assert.ok(load.refusals.length > 0 && lost <= 8 * 8);
  assert.equal((await store.changesSince(before.cursor, 10)).flush, true);
});

test('redis cluster: why none of its nodes can be reached is said', async () => {
  const url = (ca: string, password = 'hush') =>
    `rediss://gatewright:${password}@127.0.0.1:${tlsPort}?cluster=true&ca=${ca}`;
  assert.match(await problemOf(url(authority.otherCaFile)), /certificate/);
  assert.match(await problemOf(url(authority.caFile, 'wrong')), /WRONGPASS/);
  assert.match(await problemOf(url(authority.caFile)), /cluster/i);
  assert.match(await problemOf(`redis://127.0.0.1:${await freePort()}?cluster=true`), /ECONNREFUSED/);
});

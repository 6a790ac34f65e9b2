import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import driver from 'cassandra-driver';
import { HandClock, systemClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { base62 } from '#core/id';
import { type Logger, noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { connectCassandra } from '#stores/cassandra/connection';
import { createFeed } from '#stores/cassandra/feed';
import { createLifetimes } from '#stores/cassandra/lifetime';
import { parseCassandraUrl } from '#stores/cassandra/url';
import { openTokenStore } from '#stores/open';
import { startCassandra } from '../support/cassandra.ts';
import { testCopy } from './copy.ts';
import { loseNothingWhenKilled } from './killed-engine.ts';
import { startRacers } from './racers.ts';
import { readingPair } from './reading-pair.ts';
import {
  grantedToken,
  LIFE_MS,
  NOW,
  RETENTION_MS,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleToken,
} from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const cassandra = await startCassandra({ nodes: 1 });
after(() => cassandra[Symbol.asyncDispose]());
const urlOf = (keyspace: string) => `${cassandra.url}/${keyspace}?replicationFactor=1`;
const emptyUrl = async () => urlOf(await cassandra.emptyKeyspace());
const open = (url: string, logger: Logger = noLogger) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

testTokenStore('cassandra', async () => open(await emptyUrl()), { isPurged: false });

let copies = 0;
testCopy('cassandra', async () => {
  copies += 1;
  return open(urlOf(await cassandra.emptyKeyspace(`gatewright_copy_${copies % 2}`)));
});

/** Writes on one store and looks at another, as two processes do. */
async function openPair(): Promise<TokenStore> {
  const url = await emptyUrl();
  const [writer, reader] = await Promise.all([open(url), open(url)]);
  return readingPair(writer, reader);
}
testTokenStore('cassandra, seen by another process', openPair, { isPurged: false });

test('cassandra: of several processes exactly one gets what is given once, and what it got by a code or refresh token is dead', async (t) => {
  const url = await emptyUrl();
  await using store = await open(url);
  await using racers = await startRacers(url);
  const begin = performance.now();
  await racers.race(store, 20);
  t.diagnostic(`20 rounds of 12 in ${Math.round(performance.now() - begin)} ms`);
});

test('cassandra: of processes that revoke at once, each change is in the feed, once and in one order', async (t) => {
  const url = await emptyUrl();
  const stores = await Promise.all([1, 2, 3, 4].map(() => open(url)));
  const tokens = Array.from({ length: 400 }, (_, n) => sampleToken(`t${n}`));
  await Promise.all(tokens.map((token) => stores[0]!.saveAccess(token)));
  const { cursor } = await stores[0]!.changesSince(undefined, 1);
  const begin = performance.now();
  const note = { by: 'priya', at: NOW, reason: undefined };
  const seen: string[][] = [[], []];
  let isOver = false;
  const readers = seen.map(async (hashes, reader) => {
    for (let at = cursor, isLast = false; ; ) {
      const page = await stores[reader]!.changesSince(at, 7);
      assert.equal(page.flush, false);
      hashes.push(...page.changes.map((change) => (change.kind === 'token' ? change.hash : '')));
      at = page.cursor;
      if (isLast && page.changes.length === 0) return;
      isLast = isOver;
    }
  });
  await Promise.all(tokens.map((token, n) => stores[n % 4]!.revokeAccess(token.hash, note)));
  isOver = true;
  await Promise.all(readers);
  t.diagnostic(`400 revocations by 4 writers in ${Math.round(performance.now() - begin)} ms`);
  assert.deepEqual([...seen[0]!].sort(), tokens.map(({ hash }) => hash).sort());
  assert.deepEqual(seen[1], seen[0]);
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
});

test('cassandra: a feed goes on over its partitions, and a reader whose entries have gone is told to flush', async () => {
  const url = await emptyUrl();
  await using store = await open(url);
  const random = systemRandom;
  await using connection = await connectCassandra(parseCassandraUrl(url), {
    ...{ clock: systemClock, logger: noLogger, random },
  });
  await connection.client.execute('USE gatewright_test');
  const dependencies = { lifetimes: createLifetimes(systemClock), now: () => systemClock.now() };
  const feed = createFeed({ ...dependencies, connection, newAttempt: () => base62(random, 16) });
  const { cursor } = await store.changesSince(undefined, 1);
  const ids = Array.from({ length: 4200 }, (_, n) => `gra_${n}`);
  await feed.append(ids.map((id) => ({ kind: 'grant', id })));
  let at = cursor;
  const seen: string[] = [];
  for (let page = await store.changesSince(at, 1000); page.changes.length > 0; ) {
    seen.push(...page.changes.map((change) => (change.kind === 'grant' ? change.id : '')));
    at = page.cursor;
    page = await store.changesSince(at, 1000);
  }
  assert.deepEqual(seen, ids);
  const client = new driver.Client({ contactPoints: [`127.0.0.1:${cassandra.port}`], localDataCenter: 'datacenter1' });
  await client.execute('DELETE FROM gatewright_test.feed WHERE bucket = 0 AND seq < 100');
  await client.shutdown();
  assert.equal((await store.changesSince(cursor, 10)).flush, true);
  assert.equal((await store.changesSince(at, 10)).flush, false);
});

test('cassandra: rows stay for the rest of their life, the retention and two hours, and nothing gets a date that Cassandra refuses', async () => {
  await using store = await open(await emptyUrl());
  const client = new driver.Client({ contactPoints: [`127.0.0.1:${cassandra.port}`], localDataCenter: 'datacenter1' });
  const ttl = async (column: string, table: string) => {
    const { rows } = await client.execute(`SELECT ttl(${column}) AS ttl FROM gatewright_test.${table}`);
    return rows.map((row) => Number(row.ttl)).sort((a, b) => a - b);
  };
  const near = (found: number | undefined, ms: number) =>
    assert.ok(Math.abs((found ?? 0) - ms / 1000) < 30, `${found}`);
  const [kept, grant] = [RETENTION_MS + 7_200_000, sampleGrant('A')];
  await store.saveAccess(sampleToken('a'));
  near((await ttl('data', 'access'))[0], LIFE_MS + kept);
  await store.saveIssue({ grant, code: sampleCode('code', grant.id) });
  near((await ttl('data', 'grants'))[0], 60_000 + kept);
  await store.saveAccess(grantedToken('b', grant.id));
  near((await ttl('data', 'grants'))[0], LIFE_MS + kept);
  near((await ttl('issued', 'grants'))[0], 60_000 + kept);
  await store.revokeGrant(grant.id, { by: 'maria', at: NOW, reason: undefined });
  await store.saveIssue({ refresh: sampleRefresh('r', grant.id) });
  near((await ttl('revoked', 'grants'))[0], 10 * LIFE_MS + kept);
  near((await ttl('client', 'owned'))[0], 10 * LIFE_MS + kept);
  await store.rememberOnce('assertion', 'x', NOW + 60_000);
  near((await ttl('until', 'once'))[0], 60_000 + 7_200_000);
  await store.saveAccess(sampleToken('far', { expiresAt: Date.UTC(2060, 0, 1) }));
  assert.equal((await ttl('data', 'access'))[0], 0, 'for ever');
  await client.shutdown();
});

test('cassandra: several processes that open a new keyspace at once make one, and a newer format is refused', async () => {
  const url = urlOf('made_at_once');
  const stores = await Promise.all([1, 2, 3].map(() => open(url)));
  await stores[0]!.saveAccess(sampleToken('a'));
  assert.equal((await stores[2]!.findAccess(sampleToken('a').hash, NOW)).state, 'live');
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  const client = new driver.Client({ contactPoints: [`127.0.0.1:${cassandra.port}`], localDataCenter: 'datacenter1' });
  await client.execute("UPDATE made_at_once.meta SET value = '99' WHERE name = 'format' IF EXISTS");
  await assert.rejects(open(url), (error) => error instanceof ConfigurationError && /99/.test(error.message));
  await client.execute('DROP KEYSPACE made_at_once');
  await client.shutdown();
});

test('cassandra: what its settings put at risk is said', async () => {
  const said: string[] = [];
  const logger: Logger = { ...noLogger, warn: (_fields, message) => said.push(message) };
  await using store = await open(`${await emptyUrl()}&consistency=LOCAL_ONE`, logger);
  const warnings = (await store.warnings?.()) ?? [];
  assert.deepEqual(said, warnings);
  assert.match(warnings.join(' '), /LOCAL_ONE.*one copy/);
  assert.doesNotMatch(warnings.join(' '), /periodic/);
});

test('cassandra: SIGKILL of the engine under load loses no token that was acknowledged, and the store recovers by itself', async (t) => {
  await using store = await open(await emptyUrl());
  const said = await loseNothingWhenKilled(store, {
    ...{ beforeMs: 1000, pauseMs: 20, more: 200, limitMs: 15_000 },
    async killAndStart() {
      await cassandra.kill(0);
      await cassandra.start(0);
    },
  });
  t.diagnostic(said);
});

test('cassandra: an engine that hangs is said to be unavailable within a bound, and is used again afterwards', async () => {
  await using store = await open(await emptyUrl());
  const token = sampleToken('hung');
  await store.saveAccess(token);
  cassandra.signal(0, 'SIGSTOP');
  try {
    const begin = performance.now();
    const asked = [
      async () => store.findAccess(token.hash, NOW),
      async () => store.saveAccess(sampleToken('other')),
      async () => store.rememberOnce('assertion', 'x', NOW + 1),
    ];
    await Promise.all(asked.map((ask) => assert.rejects(ask, { name: 'UnavailableError' })));
    assert.ok(performance.now() - begin < 6000);
  } finally {
    cassandra.signal(0, 'SIGCONT');
  }
  let state = '';
  for (let tries = 0; tries < 200 && state !== 'live'; tries += 1) {
    await sleep(50);
    state = await Promise.resolve(store.findAccess(token.hash, NOW)).then(
      (found) => found.state,
      () => '',
    );
  }
  assert.equal(state, 'live');
});

test('cassandra: a URL that is wrong is refused, without its password', async () => {
  const url =
    'cassandra://anna:p%40ss@n1:9142,n2/tokens?dataCentre=eu-1&replicationFactor=2&consistency=QUORUM&tls=true';
  assert.deepEqual(parseCassandraUrl(url), {
    kind: 'cassandra',
    password: 'p@ss',
    cassandra: {
      ...{ contactPoints: ['n1:9142', 'n2'], dataCentre: 'eu-1', keyspace: 'tokens', replicationFactor: 2 },
      ...{ consistency: 'QUORUM', user: 'anna', tls: true, ca: '' },
    },
  });
  const wrong = [
    '',
    'u:hush@',
    'u:hush@a/b-c',
    'u:hush@a?consistency=SOME',
    'u:hush@a?nonsense=1',
    'u:hush@a?ca=/none',
  ];
  for (const rest of wrong) {
    await assert.rejects(
      open(`cassandra://${rest}`),
      (error: Error) => error instanceof ConfigurationError && !/hush/.test(error.message),
      rest,
    );
  }
});

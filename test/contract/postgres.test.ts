import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Clock, HandClock, systemClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { startPostgres } from '../support/postgres.ts';
import { testCopy } from './copy.ts';
import { testHints } from './hints.ts';
import { startRacers } from './racers.ts';
import { readingPair } from './reading-pair.ts';
import {
  NOW,
  RETENTION_MS,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const postgres = await startPostgres();
after(() => postgres[Symbol.asyncDispose]());
let schemas = 0;
const newUrl = () => {
  schemas += 1;
  return `${postgres.url}?schema=test_${schemas}`;
};
const open = (url: string, clock: Clock = new HandClock(NOW)) =>
  openTokenStore(url, { clock, logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

testTokenStore('postgres', () => open(newUrl()));
testCopy('postgres', () => open(newUrl()));

/** Ends the connections that listen, and only those. */
async function cutListeners(): Promise<void> {
  const admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'");
  await admin.end();
}
const sharedUrl = newUrl();
testHints('postgres', () => open(sharedUrl), cutListeners);

/** Writes on one store and looks at another of the same tables, as two processes do. */
async function openPair(): Promise<TokenStore> {
  const url = newUrl();
  const [writer, reader] = await Promise.all([open(url), open(`${url}&pool=2`)]); // both find no schema and want to make it
  return readingPair(writer, reader);
}
testTokenStore('postgres, seen by another process', openPair);

test('postgres: of several processes exactly one gets what is given once, and what it got by a code or refresh token is dead', async () => {
  const url = newUrl();
  // Started before the schema is there: one of them makes it.
  await using racers = await startRacers(url);
  await using store = await open(url);
  const { cursor } = await store.changesSince(undefined, 1);
  await racers.race(store, 30);
  const { changes } = await store.changesSince(cursor, 1000);
  assert.equal(changes.length, 60, 'each grant died once');
});

test('postgres: a reader that follows the feed misses no change, however many write at once', async () => {
  const url = newUrl();
  await using store = await open(url);
  const writers = await Promise.all([1, 2, 3].map(() => open(url)));
  const tokens = Array.from({ length: 600 }, (_, n) => sampleToken(`fed ${n}`));
  await Promise.all(tokens.map((token) => store.saveAccess(token)));
  const seen: string[] = [];
  let { cursor } = await store.changesSince(undefined, 1);
  let isOver = false;
  const follow = async () => {
    const page = await store.changesSince(cursor, 50);
    assert.equal(page.flush, false);
    cursor = page.cursor;
    for (const change of page.changes) if (change.kind === 'token') seen.push(change.hash);
    return page.changes.length;
  };
  const following = (async () => {
    while (!isOver) await follow();
  })();
  const note = { by: 'priya', at: NOW, reason: undefined };
  await Promise.all(tokens.map(({ hash }, n) => writers[n % 3]?.revokeAccess(hash, note)));
  isOver = true;
  await following;
  while ((await follow()) > 0);
  assert.deepEqual(seen.sort(), tokens.map(({ hash }) => hash).sort());
  for (const writer of writers) await writer[Symbol.asyncDispose]();
});

test('postgres: SIGKILL of the engine under load loses nothing that was acknowledged, and the store recovers by itself', async (t) => {
  await using store = await open(newUrl());
  const [acknowledged, consumed, rotated]: [string[], string[], string[]] = [[], [], []];
  let isOver = false;
  let refused = 0;
  const caller = async (work: (n: number) => Promise<unknown>) => {
    for (let n = 0; !isOver; n += 1) {
      try {
        await work(n);
      } catch (error) {
        assert.equal((error as Error).name, 'UnavailableError');
        refused += 1;
        await sleep(5);
      }
    }
  };
  const saver = (name: number) => async (n: number) => {
    const seed = `${name}-${n}`;
    await store.saveAccess(sampleToken(seed));
    acknowledged.push(seed);
  };
  const consumer = (name: number) => async (n: number) => {
    const [seed, grant] = [`code ${name}-${n}`, sampleGrant(`C${name}-${n}`)];
    await store.saveIssue({ grant, code: sampleCode(seed, grant.id) });
    if ((await store.consumeCode(sampleCode(seed, grant.id).hash, { id: 'one', now: NOW })).state === 'consumed')
      consumed.push(seed);
  };
  const rotator = (name: number) => async (n: number) => {
    const [seed, grant] = [`refresh ${name}-${n}`, sampleGrant(`R${name}-${n}`)];
    await store.saveIssue({ grant, refresh: sampleRefresh(seed, grant.id) });
    const { state } = await store.rotateRefresh(sampleRotation(seed, `next ${seed}`, grant.id));
    if (state === 'rotated') rotated.push(seed);
  };
  const load = Array.from({ length: 32 }, (_, n) => caller([saver, saver, consumer, rotator][n % 4]!(n)));
  await sleep(500);
  const before = acknowledged.length;
  await postgres.killAndStart();
  const atRestart = acknowledged.length;
  for (let tries = 0; tries < 400 && acknowledged.length < atRestart + 500; tries += 1) await sleep(25);
  isOver = true;
  await Promise.all(load);
  assert.ok(before > 0 && refused > 0 && acknowledged.length >= atRestart + 500);
  const isLive = async (seed: string) => (await store.findAccess(sampleToken(seed).hash, NOW)).state === 'live';
  let [lost, doubled] = [0, 0];
  for (const found of await Promise.all(acknowledged.map(isLive))) if (!found) lost += 1;
  for (const seed of rotated) if (!(await isLive(`access of next ${seed}`))) lost += 1;
  for (const seed of consumed)
    if ((await store.consumeCode(sampleToken(seed).hash, { id: 'two', now: NOW })).state !== 'replayed') doubled += 1;
  for (const seed of rotated) {
    const grantId = `gra_R${seed.slice('refresh '.length)}`;
    if ((await store.rotateRefresh(sampleRotation(seed, `other ${seed}`, grantId))).state !== 'replayed') doubled += 1;
  }
  const counts = `acknowledged ${acknowledged.length} saved, ${consumed.length} consumed, ${rotated.length} rotated`;
  t.diagnostic(`${counts}, refused ${refused}, lost ${lost}, taken twice ${doubled}`);
  assert.deepEqual([lost, doubled], [0, 0]);
});

test('postgres: an engine that hangs is said to be unavailable within a bound, and is used again afterwards', async () => {
  await using store = await open(newUrl(), systemClock); // how long is tried again is measured by it
  const token = sampleToken('hung');
  await store.saveAccess(token);
  const asked: (() => unknown)[] = [
    () => store.findAccess(token.hash, NOW),
    () => store.saveAccess(sampleToken('hung too')),
    () => store.consumeCode(token.hash, { id: 'one', now: NOW }),
    () => store.rememberOnce('nonce', 'hung', NOW + 1),
    () => store.revokeAccess(token.hash, { by: 'priya', at: NOW, reason: undefined }),
    () => store.changesSince(undefined, 1),
  ];
  postgres.signal('SIGSTOP');
  try {
    const begin = performance.now();
    const all = Array.from({ length: 40 }, () => asked).flat();
    await Promise.all(all.map((ask) => assert.rejects(async () => ask(), { name: 'UnavailableError' })));
    assert.ok(performance.now() - begin < 5000, `${performance.now() - begin} ms`);
  } finally {
    postgres.signal('SIGCONT');
  }
  let state = '';
  for (let tries = 0; tries < 100 && state === ''; tries += 1) {
    await sleep(50);
    state = await Promise.resolve(store.findAccess(token.hash, NOW)).then(
      (found) => found.state,
      () => '',
    );
  }
  assert.match(state, /^(live|revoked)$/, 'what was asked of a hung engine may have been done');
  await store.saveAccess(sampleToken('afterwards'));
});

test('postgres: tables of a newer version are refused with the version needed', async () => {
  const url = newUrl();
  await (await open(url))[Symbol.asyncDispose]();
  await postgres.query(`update test_${schemas}.format set version = 99`);
  await assert.rejects(open(url), (error) => error instanceof ConfigurationError && /99/.test(error.message));
});

test('postgres: settings that may lose what was acknowledged are warned of', async () => {
  const url = newUrl();
  {
    await using store = await open(url);
    assert.deepEqual(await store.warnings(), []);
  }
  await postgres.query('create role careless login; grant all on database postgres to careless');
  await postgres.query('alter role careless set synchronous_commit = off');
  await using store = await open(newUrl().replace('postgres@', 'careless@'));
  assert.match((await store.warnings()).join(), /synchronous_commit/);
});

test('postgres: a number or text that cannot be kept is refused alone', async () => {
  await using store = await open(newUrl());
  const [good, bad] = [sampleToken('good'), sampleToken('bad', { subject: 'nul\u0000' })];
  const [, refused] = await Promise.allSettled([store.saveAccess(good), store.saveAccess(bad)]);
  assert.equal(refused.status === 'rejected' && refused.reason.name, 'UnavailableError');
  await assert.rejects(store.saveAccess(sampleToken('half', { expiresAt: NOW + 0.5 })), RangeError);
  assert.equal((await store.findAccess(good.hash, NOW)).state, 'live');
});

test('postgres: what is asked after close is refused, what was asked before is durable', async () => {
  const url = newUrl();
  const store = await open(url);
  const saved = store.saveAccess(sampleToken('last'));
  await store[Symbol.asyncDispose]();
  await saved;
  await assert.rejects(store.saveAccess(sampleToken('late')), { name: 'UnavailableError' });
  await assert.rejects(async () => store.findGrant('gra_A'), { name: 'UnavailableError' });
  await using again = await open(url);
  assert.equal((await again.findAccess(sampleToken('last').hash, NOW)).state, 'live');
});

test('postgres: no id of a transient record or of something taken once is in the tables', async () => {
  await using store = await open(newUrl());
  await store.saveTransient({ kind: 'sign-in', id: 'session-id', value: '{}', expiresAt: NOW + 1 });
  await store.rememberOnce('assertion', 'assertion-id', NOW + 1);
  const kept = ['transient', 'once'].map((table) => postgres.query(`select t::text from test_${schemas}.${table} t`));
  assert.doesNotMatch(JSON.stringify(await Promise.all(kept)), /session-id|assertion-id/);
});

test('postgres: a URL that is wrong is refused, and a database that is not there is told, without the password', async () => {
  const wrong = ['u:hush@', 'u:hush@h:99999/d', 'u:hush@h/d?nonsense=1', 'u:hush@h/d?pool=1', 'u:hush%@h/d'];
  for (const rest of [...wrong, 'u:hush@h/d?schema=a-b', 'u:hush@h/d?tls=yes', 'u:hush@h/d?ca=/none.pem']) {
    await assert.rejects(
      open(`postgres://${rest}`),
      (error: Error) => error instanceof ConfigurationError && !/hush/.test(error.message),
    );
  }
  const nowhere = [`127.0.0.1:${postgres.port}/none`, '127.0.0.1:1/postgres'];
  for (const place of nowhere)
    await assert.rejects(
      open(`postgresql://postgres:hush@${place}`),
      (error: Error) => error.name === 'UnavailableError' && !/hush/.test(`${error.message} ${error.cause}`),
    );
});

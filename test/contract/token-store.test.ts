import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { HandClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { testCopy } from './copy.ts';
import { startRacers } from './racers.ts';
import { readingPair } from './reading-pair.ts';
import { grantedToken, LIFE_MS, NOW, RETENTION_MS, sampleCode, sampleGrant, sampleToken } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'token-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => {
  files += 1;
  return path.join(folder, `tokens-${files}.db`);
};

const open = (url: string) =>
  openTokenStore(url, { clock: new HandClock(NOW), logger: noLogger, retentionMs: RETENTION_MS });

testTokenStore('memory', () => open('memory:'));
testCopy('memory', () => open('memory:'));
testTokenStore('sqlite', () => open(`sqlite:${newFile()}`));
testCopy('sqlite', () => open(`sqlite:${newFile()}`));

/** Writes on one store and looks at another on the same file, as two processes of a machine do. */
async function openPair(): Promise<TokenStore> {
  const file = newFile();
  const writer = await open(`sqlite:${file}`);
  const reader = await open(`sqlite:${file}`);
  return readingPair(writer, reader);
}
testTokenStore('sqlite, seen by another process of the machine', openPair);

test('sqlite: everything is there when the file is opened again', async () => {
  const file = newFile();
  const token = sampleToken('again');
  let cursor: string;
  {
    await using store = await open(`sqlite:${file}`);
    await store.saveAccess(token);
    await store.writeFeedMark({ epoch: 'fee_1', seq: 3 });
    ({ cursor } = await store.changesSince(undefined, 1));
    await store.revokeAccess(token.hash, { by: 'priya', at: NOW, reason: undefined });
  }
  await using store = await open(`sqlite:${file}`);
  assert.equal((await store.findAccess(token.hash, NOW)).state, 'revoked');
  assert.deepEqual(await store.readFeedMark(), { epoch: 'fee_1', seq: 3 });
  assert.deepEqual((await store.changesSince(cursor, 1)).changes, [{ kind: 'token', hash: token.hash }]);
  assert.equal(statSync(file).mode & 0o777, 0o600, 'only its owner may read it');
});

test('sqlite: kill -9 of processes that write loses no token that was acknowledged', async () => {
  const file = newFile();
  const children = [1, 2].map((n) =>
    fork(path.join(import.meta.dirname, 'writing-child.ts'), [file, String(n)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  );
  const acknowledged: string[] = [];
  for (const child of children) child.on('message', (seeds: string[]) => acknowledged.push(...seeds));
  while (acknowledged.length < 4000) await once(children[0]!, 'message');
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  await using store = await open(`sqlite:${file}`);
  for (const seed of acknowledged) {
    assert.equal((await store.findAccess(sampleToken(seed).hash, NOW)).state, 'live', seed);
  }
});

test('sqlite: of several processes exactly one gets what is given once, and what it got by a code or refresh token is dead', async () => {
  const file = newFile();
  await using store = await open(`sqlite:${file}`);
  await using racers = await startRacers(file);
  await racers.race(store, 30);
});

test('sqlite: a file of version 1 is copied and brought up to date, and its rows keep working', async () => {
  const file = newFile();
  copyFileSync(path.join(import.meta.dirname, 'fixtures', 'tokens-1.sqlite'), file);
  // Two processes of a new version start at once.
  await using store = await open(`sqlite:${file}`);
  await using other = await open(`sqlite:${file}`);
  const state = async (seed: string) => (await other.findAccess(sampleToken(seed).hash, NOW)).state;
  const live = sampleToken('live');
  assert.deepEqual(await store.findAccess(live.hash, NOW), { state: 'live', token: live, inactive: [] });
  const full = await store.findAccess(sampleToken('full').hash, NOW);
  assert.deepEqual(
    full.state === 'live' && [full.token.subject, full.token.generations.subject, full.token.parameters],
    [...['own_A', 4, { Department: 'Engineering' }]],
  );
  assert.deepEqual([await state('revoked'), await state('raised')], ['revoked', 'revoked']);
  const suspended = await store.findAccess(sampleToken('suspended').hash, NOW);
  assert.equal(suspended.state === 'live' && suspended.inactive[0]?.id, 'sub_C');
  assert.deepEqual(await store.readFeedMark(), { epoch: 'fee_1', seq: 7 });
  assert.equal(await store.countLive('cli_A', NOW), 4);
  assert.equal((await store.sizes()).access, 6);
  const lost = await store.changesSince('o7S3Ho0x9iV08S4C.0', 10);
  assert.deepEqual([lost.flush, lost.changes.length], [false, 3], 'the feed goes on where it was');

  const grant = sampleGrant('A');
  await store.saveIssue({ grant, code: sampleCode('code', grant.id), access: grantedToken('new', grant.id) });
  await store.revokeGrant(grant.id, { by: 'maria', at: NOW, reason: undefined });
  assert.equal(await state('new'), 'revoked');
  const raised = { kind: 'secret', id: 'sec_A', generation: 4, active: true } as const;
  await store.writeStandings([{ ...raised, by: 'priya', at: NOW, reason: undefined }]);
  assert.deepEqual([await state('live'), await state('later')], ['revoked', 'revoked']);
  let purged = 0;
  for (let n = 1; n > 0; purged += n) n = await store.purge(NOW + 20 * LIFE_MS + RETENTION_MS, 3);
  assert.deepEqual([purged, (await store.sizes()).access], [9, 0]);

  const { DatabaseSync } = await import('node:sqlite');
  using copy = new DatabaseSync(`${file}.before-2`, { readOnly: true });
  assert.equal(copy.prepare('PRAGMA user_version').get()?.user_version, 1);
  assert.equal(copy.prepare('SELECT count(*) AS n FROM token').get()?.n, 6);
  assert.equal(statSync(`${file}.before-2`).mode & 0o777, 0o600);
});

test('sqlite: removes dead rows by itself while it is open', async () => {
  const clock = new HandClock(NOW);
  await using store = await openTokenStore(`sqlite:${newFile()}`, {
    clock,
    logger: noLogger,
    retentionMs: 0,
    sweepIntervalMs: 5,
  });
  const token = sampleToken('a');
  await store.saveAccess(token);
  clock.advance(3_600_000);
  for (let tries = 0; tries < 400 && (await store.findAccess(token.hash, NOW)).state !== 'unknown'; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal((await store.findAccess(token.hash, NOW)).state, 'unknown');
});

for (const kind of ['memory', 'sqlite']) {
  test(`${kind}: what a code gives lives, though the code is removed before that is saved`, async () => {
    const options = { clock: new HandClock(NOW), logger: noLogger, retentionMs: 0, sweepIntervalMs: 0 };
    await using store = await openTokenStore(kind === 'memory' ? 'memory:' : `sqlite:${newFile()}`, options);
    const grant = sampleGrant('A');
    const code = sampleCode('code', grant.id);
    await store.saveIssue({ grant, code });
    await store.consumeCode(code.hash, { id: 'one', now: code.expiresAt - 1 });
    assert.equal(await store.purge(code.expiresAt + 1, 10), 1);
    const access = grantedToken('access', grant.id);
    await store.saveIssue({ access });
    assert.equal((await store.findAccess(access.hash, code.expiresAt + 2)).state, 'live');
    assert.equal(await store.purge(access.expiresAt + 60_001, 10), 2);
  });
}

test('sqlite: data of a newer version are refused with the version needed', async () => {
  const file = newFile();
  await (await open(`sqlite:${file}`))[Symbol.asyncDispose]();
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await assert.rejects(
    open(`sqlite:${file}`),
    (error) => error instanceof ConfigurationError && /99/.test(error.message),
  );
});

test('sqlite: a URL that names no engine is refused', async () => {
  for (const url of ['sqlite:', 'oracle://localhost', '']) await assert.rejects(open(url), ConfigurationError);
});

test('sqlite: a write after close is refused, one before it is durable', async () => {
  const file = newFile();
  const store = await open(`sqlite:${file}`);
  const saved = store.saveAccess(sampleToken('last'));
  await store[Symbol.asyncDispose]();
  await saved;
  await assert.rejects(store.saveAccess(sampleToken('late')), { name: 'UnavailableError' });
  assert.ok(!readdirSync(path.dirname(file)).includes(`${path.basename(file)}-wal`), 'the log was copied back');
  assert.ok(!readFileSync(file).includes('last'), 'no token value is in the file');
});

test('sqlite: no id of a transient record or of something taken once is in the file', async () => {
  const file = newFile();
  {
    await using store = await open(`sqlite:${file}`);
    await store.saveTransient({ kind: 'sign-in', id: 'session-id', value: '{}', expiresAt: NOW + 1 });
    await store.rememberOnce('assertion', 'assertion-id', NOW + 1);
  }
  for (const id of ['session-id', 'assertion-id']) assert.ok(!readFileSync(file).includes(id), id);
});

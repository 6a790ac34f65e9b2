import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { HandClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { NOW, RETENTION_MS, sampleToken } from './sample-token.ts';
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
testTokenStore('sqlite', () => open(`sqlite:${newFile()}`));

/** Writes on one store and looks at another on the same file, as two processes of a machine do. */
async function openPair(): Promise<TokenStore> {
  const file = newFile();
  const writer = await open(`sqlite:${file}`);
  const reader = await open(`sqlite:${file}`);
  return {
    ...reader,
    saveAccess: writer.saveAccess,
    revokeAccess: writer.revokeAccess,
    writeStandings: writer.writeStandings,
    writeFeedMark: writer.writeFeedMark,
    purge: writer.purge,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
  };
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
  for (const url of ['sqlite:', 'redis://localhost', '']) await assert.rejects(open(url), ConfigurationError);
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

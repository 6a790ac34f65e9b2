import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { noLogger } from '#core/logger';
import { sampleGrant, sampleToken } from '#test/contract/sample-token';
import { openCommitQueue } from './commit-queue.ts';
import { openReader } from './reader.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'commit-queue-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a writer thread that ends fails what waits for it, is started again, and loses nothing acknowledged', async () => {
  const file = path.join(folder, 'ended.db');
  const threads: Worker[] = [];
  const startThread = (workerData: unknown) => {
    const thread = new Worker(new URL('./writer.ts', import.meta.url), { workerData });
    threads.push(thread);
    return thread;
  };
  await using queue = await openCommitQueue({ data: { file, epoch: 'e' }, logger: noLogger, startThread });
  await queue.saveToken(sampleToken('before'));

  const waiting = assert.rejects(queue.saveToken(sampleToken('meanwhile')), { name: 'UnavailableError' });
  await threads[0]?.terminate();
  await waiting;

  let isBack = false;
  for (let tries = 0; tries < 200 && !isBack; tries += 1) {
    isBack = await queue.saveToken(sampleToken('after')).then(
      () => true,
      () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 10)),
    );
  }
  assert.equal(isBack, true);
  using reader = openReader(file);
  assert.equal(reader.findToken(sampleToken('before').hash, 0).state, 'live');
  assert.equal(reader.findToken(sampleToken('after').hash, 0).state, 'live');
});

test('a full queue refuses at once and works on', async () => {
  const file = path.join(folder, 'full.db');
  await using queue = await openCommitQueue({ data: { file, epoch: 'e' }, logger: noLogger, queueLimit: 2 });
  const first = [queue.saveToken(sampleToken('1')), queue.saveToken(sampleToken('2'))];
  await assert.rejects(queue.saveToken(sampleToken('3')), /full/);
  await Promise.all(first);
  await queue.saveToken(sampleToken('3'));
});

test('a number that cannot be kept is refused before it fails what others wait for', async () => {
  const file = path.join(folder, 'numbers.db');
  await using queue = await openCommitQueue({ data: { file, epoch: 'e' }, logger: noLogger });
  const saved = queue.saveToken(sampleToken('beside'));
  for (const until of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    await assert.rejects(queue.run('rememberOnce', { kind: 'assertion', id: 'a', until }), RangeError);
  }
  await saved;
});

test('an operation that fails takes its transaction along, counts included, and the next one works', async () => {
  const file = path.join(folder, 'failed.db');
  await using queue = await openCommitQueue({ data: { file, epoch: 'e' }, logger: noLogger });
  const first = queue.saveToken(sampleToken('first'));
  const broken = { ...sampleGrant('A'), scopes: undefined as unknown as string[] };
  const failed = assert.rejects(queue.run('saveIssue', { grant: broken }), { name: 'UnavailableError' });
  await assert.rejects(first, { name: 'UnavailableError' });
  await failed;
  await queue.saveToken(sampleToken('second'));
  using reader = openReader(file);
  assert.equal(reader.findToken(sampleToken('first').hash, 0).state, 'unknown');
  assert.equal(reader.findToken(sampleToken('second').hash, 0).state, 'live');
  assert.equal(reader.sizes().access, 1);
});

test('a file that is no database is refused with its name', async () => {
  await assert.rejects(
    openCommitQueue({ data: { file: folder, epoch: 'e' }, logger: noLogger }),
    (error) => error instanceof Error && error.message.includes(folder),
  );
});

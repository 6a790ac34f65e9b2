import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '#core/errors';
import { parseEmbeddedUrl } from '#stores/cassandra/url';

const dataDir = mkdtempSync(path.join(tmpdir(), 'gatewright-embedded-'));
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await sleep(500);
  rmSync(dataDir, { recursive: true, force: true });
});

const begin = () => {
  const child = fork(path.join(import.meta.dirname, 'embedded-child.ts'), [dataDir]);
  children.push(child);
  return child;
};
const ask = async (child: ChildProcess, question: { readonly save?: string; readonly find?: string }) => {
  const answer = once(child, 'message');
  child.send(question);
  return String((await answer)[0]);
};
const javaPid = () => Number(readFileSync(path.join(dataDir, 'cassandra', 'pid'), 'utf8'));
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}/cmdline`) && !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
const eventually = async (what: string, check: () => Promise<boolean> | boolean) => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await check()) return;
    await sleep(100);
  }
  assert.fail(what);
};

test('embedded Cassandra: processes share one Java machine, its death and that of its owner lose nothing, and none is left behind', async (t) => {
  const started = performance.now();
  const [first, second] = [begin(), begin()];
  await Promise.all([once(first, 'message'), once(second, 'message')]);
  t.diagnostic(`two processes ready after ${Math.round(performance.now() - started)} ms`);
  const one = javaPid();
  assert.equal(await ask(first, { save: 'a' }), 'saved');
  assert.equal(await ask(second, { find: 'a' }), 'live');

  // The Java machine dies: its owner starts another.
  process.kill(one, 'SIGKILL');
  await eventually(
    'another is started',
    async () => (await ask(second, { find: 'a' })) === 'live' && javaPid() !== one,
  );
  // Each process finds the new one by itself.
  await eventually('b is saved', async () => (await ask(first, { save: 'b' })) === 'saved');
  const two = javaPid();

  // A process is killed, whichever owns it; the other takes over, or goes on.
  first.kill('SIGKILL');
  await eventually('b is found', async () => (await ask(second, { find: 'b' })) === 'live');
  await eventually('c is saved', async () => (await ask(second, { save: 'c' })) === 'saved');

  // A third joins; the second is killed too.
  const third = begin();
  await once(third, 'message');
  second.kill('SIGKILL');
  await eventually('c is found', async () => (await ask(third, { find: 'c' })) === 'live');
  const last = javaPid();
  assert.equal(await ask(third, {}), 'saved');
  await once(third, 'exit');
  // One whose owner was killed ends by itself, which the others do not wait for.
  await eventually('none is left', () => ![one, two, last].some(isRunning));
});

test('embedded Cassandra: the last process is killed, and its Java machine ends', async () => {
  const child = begin();
  await once(child, 'message');
  const pid = javaPid();
  assert.equal(await ask(child, { find: 'c' }), 'live', 'its data are there');
  child.kill('SIGKILL');
  await eventually('it ends', () => !isRunning(pid));
});

test('embedded Cassandra: a URL gives heap and commit log', () => {
  const place = { kind: 'cassandra-embedded', embedded: { heapMb: 384, commitLog: 'group' } };
  assert.deepEqual(parseEmbeddedUrl('cassandra-embedded:'), place);
  const batch = { kind: 'cassandra-embedded', embedded: { heapMb: 512, commitLog: 'batch' } };
  assert.deepEqual(parseEmbeddedUrl('cassandra-embedded:?heapMb=512&commitLog=batch'), batch);
  for (const rest of ['file', '?heapMb=1', '?commitLog=periodic', '?other=1'])
    assert.throws(() => parseEmbeddedUrl(`cassandra-embedded:${rest}`), ConfigurationError, rest);
});

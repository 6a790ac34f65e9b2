import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import type { FeedLine } from '#core/change-feed';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { registerInternal } from '../gateways/routes.ts';
import { type Actor, changeNumbered, type PendingEntry } from '../unit-of-work.ts';
import { purgeTombstones, readHead } from './append.ts';
import { readFeed } from './read.ts';

const actor: Actor = { name: 'tester', via: 'api', operation: 'test', keyId: undefined, requestId: undefined };
const note = { objectKind: 'test', objectId: 'x', objectName: 'x', sentence: 'A test changed it.' };

/** One change with these entries; gives its number. */
async function commit(
  manager: TestManager,
  ...entries: (Pick<PendingEntry, 'id' | 'payload'> & { serverGroupId?: string })[]
): Promise<number> {
  const { seq } = await changeNumbered(manager.context, actor, async (unit) => {
    unit.audit(note);
    for (const { id, payload, serverGroupId } of entries) unit.publish('product', id, payload, serverGroupId);
  });
  return seq ?? 0;
}

/** The internal API on a real Unix socket. */
async function listen(t: TestContext, manager: TestManager): Promise<string> {
  const socketPath = path.join(manager.dataDir, 'manager.sock');
  const app = fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _, reply) =>
    error instanceof ProblemError ? reply.code(error.status).send({ code: error.code }) : reply.code(500).send({}),
  );
  registerInternal(app, manager.context);
  await app.listen({ path: socketPath });
  t.after(() => app.close());
  return socketPath;
}

interface Reading {
  readonly lines: FeedLine[];
  /** Waits for the first line that fits, from the beginning. */
  until(fits: (line: FeedLine) => boolean): Promise<FeedLine>;
  close(): void;
}

async function read(t: TestContext, socketPath: string, query: string): Promise<Reading> {
  const request = http.get({ socketPath, path: `/internal/v1/feed?serverGroup=local&gatewayId=gtw_1${query}` });
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  );
  assert.equal(answer.statusCode, 200);
  request.on('error', () => {});
  const lines: FeedLine[] = [];
  const waiting = new Set<() => void>();
  const input = answer.on('error', () => {}); // the test ends the connection
  const reader = createInterface({ input }).on('error', () => {});
  reader.on('line', (text) => {
    lines.push(JSON.parse(text));
    for (const look of waiting) look();
  });
  t.after(() => request.destroy());
  return {
    lines,
    close: () => request.destroy(),
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

const changesOf = (lines: readonly FeedLine[]) =>
  lines.flatMap((line) =>
    line.type === 'changes' ? line.entries.map(({ id, payload }) => [line.seq, id, payload]) : [],
  );

test('numbers are given in commit order, one a change, without gap, however many change at once', async (t) => {
  const manager = await openTestManager(t);
  const before = (await readHead(manager.context.db.read)).seq;
  const seqs = await Promise.all(
    Array.from({ length: 40 }, (_, i) => commit(manager, { id: `p${i}`, payload: { i } })),
  );
  assert.deepEqual(
    [...seqs].sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, i) => before + 1 + i),
  );
  assert.equal((await readHead(manager.context.db.read)).seq, before + 40);
});

test('a change that fails takes no number and leaves no entry', async (t) => {
  const manager = await openTestManager(t);
  const before = (await readHead(manager.context.db.read)).seq;
  const failing = changeNumbered(manager.context, actor, async (unit) => {
    unit.publish('product', 'p', {});
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  assert.equal(await commit(manager, { id: 'q', payload: {} }), before + 1);
});

test('the feed keeps the newest entry of each object only', async (t) => {
  const manager = await openTestManager(t);
  const since = (await readHead(manager.context.db.read)).seq;
  for (let i = 0; i < 5; i += 1) await commit(manager, { id: 'p', payload: { i } });
  const last = await commit(manager, { id: 'gone', payload: undefined });
  const { entries } = await readFeed(manager.context.db.read, { since, limit: 100 });
  assert.deepEqual(
    entries.map(({ seq, id, payload }) => [seq, id, payload]),
    [
      [last - 1, 'p', { i: 4 }],
      [last, 'gone', undefined],
    ],
  );
});

test('the entries of one number are never parted by a page', async (t) => {
  const manager = await openTestManager(t);
  const since = (await readHead(manager.context.db.read)).seq;
  const set = (prefix: string, n: number) =>
    Array.from({ length: n }, (_, i) => ({ id: `${prefix}${i}`, payload: {} }));
  await commit(manager, ...set('a', 3));
  await commit(manager, ...set('b', 4));
  await commit(manager, ...set('c', 9));
  const sizes: number[] = [];
  let at = since;
  for (let more = true; more; ) {
    const page = await readFeed(manager.context.db.read, { since: at, limit: 5 });
    sizes.push(page.entries.length);
    at = page.entries.at(-1)?.seq ?? at;
    more = page.more;
  }
  assert.deepEqual(sizes, [3, 4, 9, 0]);
});

test('a new reader gets everything, then changes as they happen, then a heartbeat each second', async (t) => {
  const manager = await openTestManager(t);
  await commit(manager, { id: 'p', payload: { n: 1 } }, { id: 'gone', payload: undefined });
  const reading = await read(t, await listen(t, manager), '&since=0');
  const hello = await reading.until(({ type }) => type === 'hello');
  assert.ok(hello.type === 'hello' && hello.snapshot);
  await reading.until(({ type }) => type === 'caught-up');
  assert.deepEqual(changesOf(reading.lines).at(-1), [hello.seq, 'p', { n: 1 }], 'a snapshot has no tombstones');
  const startedAt = performance.now();
  const seq = await commit(manager, { id: 'p', payload: { n: 2 } });
  await reading.until((line) => line.type === 'changes' && line.seq === seq);
  assert.ok(performance.now() - startedAt < 500, 'pushed, not polled');
  await reading.until((line) => line.type === 'caught-up' && line.seq === seq);
  const told = reading.lines.length;
  await new Promise((resolve) => setTimeout(resolve, 1300));
  assert.ok(reading.lines.length > told, 'a heartbeat came');
});

test('a reader goes on where it was; one of another epoch, or from the future, begins anew', async (t) => {
  const manager = await openTestManager(t);
  const socketPath = await listen(t, manager);
  const first = await commit(manager, { id: 'p', payload: { n: 1 } });
  await commit(manager, { id: 'q', payload: { n: 2 } }, { id: 'p', payload: undefined });
  const { epoch } = await readHead(manager.context.db.read);
  const snapshotOf = async (query: string) => {
    const reading = await read(t, socketPath, query);
    await reading.until(({ type }) => type === 'caught-up');
    reading.close();
    const [hello] = reading.lines;
    return { snapshot: hello?.type === 'hello' && hello.snapshot, changes: changesOf(reading.lines) };
  };
  const resumed = await snapshotOf(`&epoch=${epoch}&since=${first}`);
  assert.deepEqual(resumed, {
    snapshot: false,
    changes: [
      [first + 1, 'p', undefined],
      [first + 1, 'q', { n: 2 }],
    ],
  });
  assert.equal((await snapshotOf(`&epoch=${epoch}&since=${first + 1}`)).changes.length, 0);
  assert.equal((await snapshotOf(`&epoch=fee_other&since=${first}`)).snapshot, true);
  assert.equal((await snapshotOf(`&epoch=${epoch}&since=999`)).snapshot, true);
});

test('old tombstones are purged, and who has read less than they tell begins anew', async (t) => {
  const manager = await openTestManager(t);
  const socketPath = await listen(t, manager);
  const { epoch, seq: before } = await readHead(manager.context.db.read);
  const gone = await commit(manager, { id: 'p', payload: undefined });
  assert.equal(await purgeTombstones(manager.context.db, manager.clock.now()), 0);
  manager.clock.advance(1000);
  assert.equal(await purgeTombstones(manager.context.db, manager.clock.now()), 1);
  for (const [since, snapshot] of [
    [before, true],
    [gone, false],
  ] as const) {
    const reading = await read(t, socketPath, `&epoch=${epoch}&since=${since}`);
    const hello = await reading.until(({ type }) => type === 'hello');
    assert.equal(hello.type === 'hello' && hello.snapshot, snapshot);
    reading.close();
  }
});

test('entries of other server groups are left out, the number goes on', async (t) => {
  const manager = await openTestManager(t);
  const reading = await read(t, await listen(t, manager), '&since=0');
  await reading.until(({ type }) => type === 'caught-up');
  const hello = reading.lines[0];
  const mine = hello?.type === 'hello' ? hello.serverGroupId : '';
  await commit(manager, { id: 'mine', payload: {}, serverGroupId: mine });
  const seq = await commit(manager, { id: 'other', payload: {}, serverGroupId: 'grp_other' });
  await reading.until((line) => line.type === 'caught-up' && line.seq === seq);
  const ids = changesOf(reading.lines).map(([, id]) => id);
  assert.ok(ids.includes('mine') && !ids.includes('other'));
});

test('an unknown server group is a 404', async (t) => {
  const manager = await openTestManager(t);
  const socketPath = await listen(t, manager);
  const status = await new Promise((resolve) =>
    http.get({ socketPath, path: '/internal/v1/feed?serverGroup=nowhere&gatewayId=g' }, (answer) =>
      resolve(answer.resume().statusCode),
    ),
  );
  assert.equal(status, 404);
});

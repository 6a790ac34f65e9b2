import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';

interface Shown {
  readonly name: string;
  readonly displayName: string;
}

async function withClients(t: import('node:test').TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  for (const displayName of ['Beta', 'alpha', 'Gamma 50', 'gamma 5', 'Delta_x']) {
    manager.clock.advance(1);
    await manager.run('clients.create', { body: { displayName } });
  }
  return manager;
}

/** Every page of a list, with pages of two. */
async function allPages(manager: TestManager, query: object): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await manager.run('clients.list', { query: { limit: '2', ...query, ...(cursor ? { cursor } : {}) } });
    assert.ok(page.items.length <= 2);
    assert.equal(page.total, 5);
    names.push(...page.items.map(({ displayName }: Shown) => displayName));
    cursor = page.next;
  } while (cursor !== undefined);
  return names;
}

test('the pages of a list have every record once, in every order', async (t) => {
  const manager = await withClients(t);
  const byName = ['alpha', 'Beta', 'Delta_x', 'gamma 5', 'Gamma 50'];
  const byTime = ['Beta', 'alpha', 'Gamma 50', 'gamma 5', 'Delta_x'];
  assert.deepEqual(await allPages(manager, {}), byName);
  assert.deepEqual(await allPages(manager, { sort: '-displayName' }), byName.toReversed());
  assert.deepEqual(await allPages(manager, { sort: 'createdAt' }), byTime);
  assert.deepEqual(await allPages(manager, { sort: '-updatedAt' }), byTime.toReversed());
});

test('q looks in name and display name; its special signs mean themselves', async (t) => {
  const manager = await withClients(t);
  const find = async (q: string) => {
    const { items, total } = await manager.run('clients.list', { query: { q } });
    assert.equal(items.length, total);
    return items.map(({ displayName }: Shown) => displayName);
  };
  assert.deepEqual(await find('GAMMA'), ['gamma 5', 'Gamma 50']);
  assert.deepEqual(await find('gamma-50'), ['Gamma 50']);
  assert.deepEqual(await find('_x'), ['Delta_x']);
  assert.deepEqual(await find('%'), []);
  assert.deepEqual(await find('\\'), []);
});

test('a cursor of another list, another order or nobody is refused', async (t) => {
  const manager = await withClients(t);
  const { next } = await manager.run('clients.list', { query: { limit: '2' } });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const wrong = ['x', '', encode(null), encode(['displayName', 1, 2]), encode(['displayName', { a: 1 }, 'b'])];
  for (const cursor of wrong) await assert.rejects(list({ cursor }), isCursorProblem, cursor);
  await assert.rejects(list({ cursor: next, sort: 'createdAt' }), isCursorProblem);

  function list(query: object): Promise<unknown> {
    return manager.run('clients.list', { query });
  }
});

function isCursorProblem(error: unknown): boolean {
  return error instanceof ProblemError && error.errors[0]?.pointer === '/query/cursor';
}

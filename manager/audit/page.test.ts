import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeEntries } from '#test/support/audit';
import { openTestManager } from '#test/support/manager-context';

const DAY_MS = 86_400_000;

test('the trail is listed newest first, page by page, with every filter', async (t) => {
  const manager = await openTestManager(t);
  const list = (query: object) => manager.run('audit.list', { query });
  await writeEntries(manager, 25, 'old');
  manager.clock.advance(DAY_MS);
  const from = manager.clock.now();
  await writeEntries(manager, 5, 'new');
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: '7', ...(cursor !== undefined && { cursor }) });
    seen.push(...page.items.map(({ seq }: { seq: number }) => seq));
    cursor = page.next;
  } while (cursor !== undefined);
  assert.deepEqual(
    seen,
    Array.from({ length: 31 }, (_, i) => 31 - i),
  );
  assert.equal((await list({})).total, 31);
  const count = async (query: object) => (await list({ limit: '200', ...query })).items.length;
  assert.equal(await count({ actor: 'tester' }), 31);
  assert.equal(await count({ actor: 'nobody' }), 0);
  assert.equal(await count({ objectKind: 'client' }), 14);
  assert.equal(await count({ objectId: 'new3' }), 1);
  assert.equal(await count({ objectName: 'thing-3' }), 2);
  assert.equal(await count({ operation: 'serverGroups.create' }), 1);
  assert.equal(await count({ via: 'socket' }), 0);
  assert.equal(await count({ from: String(from) }), 5);
  assert.equal(await count({ to: String(from) }), 26);
  assert.equal(await count({ from: String(from), objectKind: 'client', q: 'NEW' }), 2);
  assert.equal(await count({ q: 'thing%' }), 0);
  assert.equal((await list({ objectKind: 'client' })).total, 14);
  await assert.rejects(list({ cursor: 'abc' }), /does not belong/);
});

test('a text is looked for in a bounded number of entries; the cursor goes on behind them', async (t) => {
  const manager = await openTestManager(t);
  const { db } = manager.context;
  await writeEntries(manager, 1, 'needle');
  // 60 000 further rows, without their chain: only the list is asked here.
  await db.write.transaction().execute(async (tx) => {
    const { sql } = await import('kysely');
    await sql`insert into audit (seq, id, at, actor, via, operation, object_kind, object_id, object_name, sentence, prev_hash, hash)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
      select 1000 + i, 'aud_' || i, 1800000000000 + i, 'bulk', 'api', 'x.y', 'x', 'x' || i, 'x', 'Hay.',
        ${'0'.repeat(64)}, ${'0'.repeat(64)} from n`.execute(tx);
  });
  const first = await manager.run('audit.list', { query: { q: 'needle' } });
  assert.deepEqual(first.items, []);
  assert.equal(first.total, undefined);
  const second = await manager.run('audit.list', { query: { q: 'needle', cursor: first.next } });
  assert.equal(second.items.length, 1);
  assert.equal(second.next, undefined);
});

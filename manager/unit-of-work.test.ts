import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestManager } from '#test/support/manager-context';
import { type Actor, change, changeNumbered, type Unit } from './unit-of-work.ts';

const actor: Actor = { name: 'tester', via: 'api', operation: 'test.do', keyId: undefined, requestId: 'req_1' };
const note = { objectKind: 'thing', objectId: 't1', objectName: 'thing', sentence: 'A thing was done.' };

async function write(unit: Unit, name: string): Promise<void> {
  await unit.tx.insertInto('settings').values({ name, value: name }).execute();
}

test('a record, its audit entry and its feed entries commit together, or none does', async (t) => {
  const { context } = await openTestManager(t);
  const count = async () => {
    const settings = await context.db.read.selectFrom('settings').where('name', '=', 'a').selectAll().execute();
    const audit = await context.db.read.selectFrom('audit').where('object_id', '=', 't1').selectAll().execute();
    const feed = await context.db.read.selectFrom('feed').where('id', '=', 'p1').selectAll().execute();
    return [settings.length, audit.length, feed.length];
  };
  const work = async (unit: Unit, fails: boolean) => {
    await write(unit, 'a');
    unit.audit(note);
    unit.publish('product', 'p1', undefined);
    if (fails) throw new Error('in the middle');
  };
  await assert.rejects(
    change(context, actor, (unit) => work(unit, true)),
    /in the middle/,
  );
  assert.deepEqual(await count(), [0, 0, 0]);
  await change(context, actor, (unit) => work(unit, false));
  assert.deepEqual(await count(), [1, 1, 1]);
});

test('what changes without an audit entry does not commit', async (t) => {
  const { context } = await openTestManager(t);
  await assert.rejects(
    change(context, actor, (unit) => write(unit, 'silent')),
    /test\.do .*without an audit entry/,
  );
  const rows = await context.db.read.selectFrom('settings').where('name', '=', 'silent').selectAll().execute();
  assert.deepEqual(rows, []);
});

test('numbers of the feed and of the audit trail are in commit order, also when changes come at once', async (t) => {
  const { context } = await openTestManager(t);
  const seqs: (number | undefined)[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      changeNumbered(context, actor, async (unit) => {
        unit.audit({ ...note, objectId: `n${i}` });
        unit.publish('product', `p${i}`, undefined);
      }).then(({ seq }) => seqs.push(seq)),
    ),
  );
  const sorted = [...seqs].sort((a = 0, b = 0) => a - b);
  assert.deepEqual(seqs, sorted);
  assert.equal(new Set(seqs).size, 20);
  const trail = await context.db.read.selectFrom('audit').select('seq').orderBy('seq').execute();
  assert.deepEqual(
    trail.map(({ seq }) => seq),
    trail.map((_, i) => i + 1),
  );
});

test('a change without feed entries takes no number', async (t) => {
  const { context } = await openTestManager(t);
  const { seq } = await changeNumbered(context, actor, async (unit) => unit.audit(note));
  assert.equal(seq, undefined);
});

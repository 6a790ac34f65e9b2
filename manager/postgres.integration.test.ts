import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConfigurationError } from '#core/errors';
import { noLogger } from '#core/logger';
import { ProblemError } from '#core/problem';
import { changeByHand, isOnPostgres, managerDatabase, withServer } from '#test/support/manager-database';
import { makeDataDir } from '#test/support/running-manager';
import { type ManagerDatabase, openDatabase } from './database.ts';
import { purgeTombstones } from './feed/append.ts';
import { followOthers } from './follow-others.ts';
import { NotLeading, openLease } from './lease.ts';

// What is there on PostgreSQL alone: `npm test -- postgres`.

const options = { skip: !isOnPostgres() && 'SQLite: one manager alone' };

async function openTwo(t: TestContext): Promise<{ one: ManagerDatabase; two: ManagerDatabase; dataDir: string }> {
  const dataDir = makeDataDir(t);
  const place = await managerDatabase(dataDir);
  const [one, two] = [await openDatabase(place), await openDatabase(place)];
  return { one, two, dataDir };
}

test('of two changes that look before they write, the second sees what the first wrote', options, async (t) => {
  const { one, two } = await openTwo(t);
  await using _ = one;
  await using __ = two;
  const add = (db: ManagerDatabase) =>
    db.transaction(async (tx) => {
      const row = await tx.selectFrom('counters').select('value').where('name', '=', 'n').executeTakeFirst();
      if (row === undefined) await tx.insertInto('counters').values({ name: 'n', value: 1 }).execute();
      else
        await tx
          .updateTable('counters')
          .set({ value: row.value + 1 })
          .where('name', '=', 'n')
          .execute();
    });
  await Promise.all(Array.from({ length: 40 }, (_, i) => add(i % 2 === 0 ? one : two)));
  assert.equal((await one.read.selectFrom('counters').select('value').executeTakeFirstOrThrow()).value, 40);
});

test(
  'one of two managers leads; a duty of the other changes nothing; who leaves is followed in a new term',
  options,
  async (t) => {
    const { one, two } = await openTwo(t);
    await using _ = one;
    await using __ = two;
    const first = await openLease({ db: one, logger: noLogger });
    await using second = await openLease({ db: two, logger: noLogger });
    assert.deepEqual([first.isHeld, second.isHeld], [true, false]);
    assert.deepEqual([await first.others(), await second.others()], [1, 1]);
    assert.equal(await purgeTombstones(first.leading, 0), 0);
    await assert.rejects(purgeTombstones(second.leading, 0), NotLeading);
    const term = async () =>
      (await one.read.selectFrom('leases').select('term').where('name', '=', 'leader').executeTakeFirstOrThrow()).term;
    const before = await term();
    await first[Symbol.asyncDispose]();
    while (!second.isHeld) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await term(), before + 1);
    await assert.rejects(purgeTombstones(first.leading, 0), NotLeading);
  },
);

test('a leader whose term is over changes nothing, though it does not know', options, async (t) => {
  const { one, two, dataDir } = await openTwo(t);
  await using _ = one;
  await using __ = two;
  await using lease = await openLease({ db: one, logger: noLogger });
  await changeByHand(dataDir, `update leases set holder = '${two.name}', term = term + 1 where name = 'leader'`);
  assert.equal(lease.isHeld, true);
  await assert.rejects(
    lease.leading.transaction((tx) => tx.insertInto('settings').values({ name: 'a', value: 'b' }).execute()),
    NotLeading,
  );
  assert.deepEqual(await one.read.selectFrom('settings').selectAll().where('name', '=', 'a').execute(), []);
});

test('what another manager changes is heard of, also when no notification comes', options, async (t) => {
  const { one, two } = await openTwo(t);
  await using _ = one;
  await using __ = two;
  let heard = 0;
  await using following = followOthers({
    db: one,
    logger: noLogger,
    onChange: async () => {
      heard += 1;
    },
  });
  assert.ok(following !== undefined);
  const untilHeard = async (more: () => Promise<unknown>) => {
    while (heard === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = heard;
    await more();
    while (heard === before) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const write = (tell: boolean) =>
    two.transaction(async (tx) => {
      await tx
        .updateTable('audit_chain')
        .set((row) => ({ seq: row('seq', '+', 1) }))
        .execute();
      if (tell) await two.announce(tx);
    });
  await untilHeard(() => write(true));
  await untilHeard(() => write(false));
});

test('a connection that breaks is a problem that says try again, and then works again', options, async (t) => {
  const { one, two } = await openTwo(t);
  await using _ = one;
  await using __ = two;
  await one.read.selectFrom('settings').selectAll().execute();
  const database = new URL(one.sharedUrl ?? '').pathname.slice(1);
  const breakAll = () =>
    withServer((client) =>
      client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database]),
    );
  const broken = one.transaction(async (tx) => {
    await breakAll();
    await tx.insertInto('settings').values({ name: 'a', value: 'b' }).execute();
  });
  await assert.rejects(broken, (error) => error instanceof ProblemError && error.code === 'unavailable');
  assert.deepEqual(await one.read.selectFrom('settings').selectAll().where('name', '=', 'a').execute(), []);
});

test('data of a newer version, and a database that is not there, are refused in words', options, async (t) => {
  const dataDir = makeDataDir(t);
  const place = await managerDatabase(dataDir);
  await changeByHand(dataDir, "insert into kysely_migration (name, timestamp) values ('9999-future', '')");
  await assert.rejects(openDatabase(place), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /newer Gatewright .*9999-future/);
    return true;
  });
  const missing = new URL(place);
  missing.pathname = 'nowhere';
  missing.password = 'do-not-show';
  await assert.rejects(openDatabase(missing.href), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /\/nowhere cannot be used: database "nowhere" does not exist/);
    assert.doesNotMatch(error.message, /do-not-show/);
    return true;
  });
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigurationError } from '#core/errors';
import { makeDataDir } from '#test/support/running-manager';
import { openDatabase } from './database.ts';
import { migrations } from './migrations/list.ts';
import { openSqlite } from './sqlite.ts';

test('data of a newer version are refused, naming what is not known, and stay as they are', async (t) => {
  const file = path.join(makeDataDir(t), 'manager.db');
  await (await openDatabase(file))[Symbol.asyncDispose]();
  {
    using database = openSqlite(file, 'write');
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '')");
  }
  await assert.rejects(openDatabase(file), (error: unknown) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /newer Gatewright .*9999-future/);
    return true;
  });
});

test('an existing file is copied before it is migrated, with what its log held', async (t) => {
  const file = path.join(makeDataDir(t), 'manager.db');
  const names = Object.keys(migrations);
  const last = names.at(-1);
  {
    await using db = await openDatabase(file);
    await db.write.insertInto('settings').values({ name: 'kept', value: 'yes' }).execute();
  }
  {
    // As the version before the last migration left it.
    using database = openSqlite(file, 'write');
    database.exec(`delete from kysely_migration where name = '${last}'`);
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    const ofLast = tables
      .map(({ name }) => String(name))
      .filter((name) => !knownToFirst.has(name) && !/kysely|sqlite/.test(name));
    for (const name of ofLast) database.exec(`drop table ${name}`);
  }
  await (await openDatabase(file))[Symbol.asyncDispose]();
  const copy = `${file}.before-${names.at(-2)}`;
  assert.ok(existsSync(copy));
  using database = openSqlite(copy, 'write');
  assert.deepEqual({ ...database.prepare("select value from settings where name = 'kept'").get() }, { value: 'yes' });
});

test('the reading connection writes nothing and sees only what is committed', async (t) => {
  await using db = await openDatabase(path.join(makeDataDir(t), 'manager.db'));
  await assert.rejects(db.read.insertInto('settings').values({ name: 'a', value: 'b' }).execute(), /readonly/);
  await db.write.transaction().execute(async (tx) => {
    await tx.insertInto('settings').values({ name: 'a', value: 'b' }).execute();
    assert.deepEqual(await db.read.selectFrom('settings').selectAll().execute(), []);
  });
  assert.equal((await db.read.selectFrom('settings').selectAll().execute()).length, 1);
});

const knownToFirst = new Set([
  ...['projects', 'policies', 'resources', 'targets', 'server_groups', 'products', 'product_projects', 'clients'],
  ...[
    'subscriptions',
    'secrets',
    'standing_tombstones',
    'management_keys',
    'audit',
    'token_keys',
    'settings',
    'counters',
  ],
]);

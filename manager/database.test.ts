import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ConfigurationError } from '#core/errors';
import { makeDataDir } from '#test/support/running-manager';
import { openDatabase } from './database.ts';
import { migrations } from './migrations/list.ts';
import { openSqlite, sqliteDialect } from './sqlite.ts';

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
  await migrateTo(file, names.at(-2) ?? '');
  {
    using database = openSqlite(file, 'write');
    database.exec("insert into settings (name, value) values ('kept', 'yes')");
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

/** A file as the version left it that knew this migration as the last. */
async function migrateTo(file: string, name: string): Promise<void> {
  const db = new Kysely<unknown>({ dialect: sqliteDialect(file, 'write') });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateTo(name);
  await db.destroy();
  assert.equal(error, undefined);
}

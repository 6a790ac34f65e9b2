import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { makeDataDir } from '#test/support/running-manager';
import { verifyDatabase } from '../audit/verify.ts';
import { openDatabase } from '../database.ts';
import { openSqlite, sqliteDialect } from '../sqlite.ts';
import { configuration } from './0001-configuration.ts';
import { changeFeed } from './0002-change-feed.ts';

test('entries that were there before the chain are chained, as they stand, and the next one follows on', async (t) => {
  const file = path.join(makeDataDir(t), 'manager.db');
  const before = new Kysely<unknown>({ dialect: sqliteDialect(file, 'write') });
  const provider = {
    getMigrations: async () => ({ '0001-configuration': configuration, '0002-change-feed': changeFeed }),
  };
  const { error } = await new Migrator({ db: before, provider }).migrateToLatest();
  assert.equal(error, undefined);
  await before.destroy();
  {
    using database = openSqlite(file, 'write');
    const insert = database.prepare(
      `insert into audit (seq, id, at, actor, via, operation, object_kind, object_id, object_name, sentence, before_json, after_json, request_id)
       values (?, ?, ?, 'ann', 'api', 'x.y', 'client', 'c1', 'c1', 'Did it.', ?, ?, ?)`,
    );
    for (let seq = 1; seq <= 2500; seq += 1)
      insert.run(seq, `aud_${seq}`, 1000 + seq, seq % 2 === 0 ? '{"b":1,"a":[null]}' : null, '{"x":"é"}', null);
    database.exec("insert into counters (name, value) values ('audit', 2500)");
  }
  await using db = await openDatabase(file);
  const result = await verifyDatabase(db.read, { checkpoints: [], checkpointFile: undefined });
  assert.deepEqual([result.ok, result.entries, result.lastSeq], [true, 2500, 2500]);
  const chain = await db.read.selectFrom('audit_chain').selectAll().executeTakeFirstOrThrow();
  assert.equal(Number(chain.seq), 2500);
});

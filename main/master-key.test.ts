import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '#core/random';
import { makeDataDir } from '#test/support/running-manager';
import { openMasterKeyFile } from './master-key.ts';

const how = { create: true, random: systemRandom };
const context = { table: 't', row: 'r', column: 'c' };

test('the key is made once, readable by its owner only, and leaves nothing beside it', (t) => {
  const folder = makeDataDir(t);
  const file = path.join(folder, 'master.key');
  const sealed = openMasterKeyFile(file, how).box().seal(Buffer.from('x'), context);
  assert.equal(openMasterKeyFile(file, how).box().open(sealed, context).toString(), 'x');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['master.key']);
});

test('manager and workers that start at the same moment end up with one key', (t) => {
  const file = path.join(makeDataDir(t), 'master.key');
  // Another process makes the file between the look for it and the making of it.
  let other: ReturnType<typeof openMasterKeyFile> | undefined;
  const late = {
    create: true,
    random: {
      bytes(size: number) {
        other ??= openMasterKeyFile(file, how);
        return systemRandom.bytes(size);
      },
      byte: () => systemRandom.byte(),
    },
  };
  const mine = openMasterKeyFile(file, late);
  const sealed = mine.box().seal(Buffer.from('x'), context);
  assert.equal(other?.box().open(sealed, context).toString(), 'x');
});

test('after a rotation what the old key sealed still opens', (t) => {
  const key = openMasterKeyFile(path.join(makeDataDir(t), 'master.key'), how);
  const sealed = key.box().seal(Buffer.from('x'), context);
  assert.equal(key.rotate(systemRandom).open(sealed, context).toString(), 'x');
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSecretFile, withVariables } from './secret-file.ts';

test('variables are replaced where they stand, and other lines stay', () => {
  const before = '# mine\nexport KEY=old\nOTHER=1\n';
  assert.equal(withVariables(before, { KEY: 'new', MORE: 'x' }), '# mine\nKEY=new\nOTHER=1\nMORE=x\n');
  assert.equal(withVariables('', { KEY: 'a' }), 'KEY=a\n');
});

test('a secret file is readable by its owner only, also when it was there before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gatewright-cli-'));
  try {
    writeFileSync(join(dir, '.env'), 'A=1\n', { mode: 0o644 });
    {
      using file = openSecretFile(dir, '.env');
      file.saveVariables({ SECRET: 's' });
    }
    assert.equal(statSync(join(dir, '.env')).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(dir, '.env'), 'utf8'), 'A=1\nSECRET=s\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a file that was not saved leaves nothing behind, and one that cannot be written is found before there is a secret', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gatewright-cli-'));
  try {
    {
      using _file = openSecretFile(dir, 'out');
    }
    assert.ok(!existsSync(join(dir, 'out')));
    assert.deepEqual(readdirSync(dir), []);
    assert.throws(() => openSecretFile(dir, 'no/such/folder/out'), { exit: 64 });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { outsideFault } from './inside-folder.ts';

test('nothing below a folder leads out of it, neither by name nor by a link', (t) => {
  const top = mkdtempSync(path.join(tmpdir(), 'gatewright-inside-'));
  t.after(() => rmSync(top, { recursive: true }));
  const folder = path.join(top, 'apis');
  mkdirSync(path.join(folder, 'clients'), { recursive: true });
  mkdirSync(path.join(top, 'apis-other'));
  writeFileSync(path.join(top, 'secret.yaml'), '');
  writeFileSync(path.join(folder, 'clients/a.yaml'), '');
  symlinkSync(path.join(top, 'secret.yaml'), path.join(folder, 'clients/b.yaml'));
  symlinkSync(path.join(top, 'apis-other'), path.join(folder, 'products'));
  symlinkSync('a.yaml', path.join(folder, 'clients/c.yaml'));
  symlinkSync('nowhere', path.join(folder, 'clients/d.yaml'));
  assert.equal(outsideFault(folder, 'clients/a.yaml'), undefined);
  assert.equal(outsideFault(folder, 'clients/new.yaml'), undefined);
  assert.equal(outsideFault(folder, 'clients/c.yaml'), undefined);
  assert.match(outsideFault(folder, 'clients/b.yaml') ?? '', /leads out/);
  assert.match(outsideFault(folder, 'products/x.yaml') ?? '', /leads out/);
  assert.match(outsideFault(folder, '../secret.yaml') ?? '', /leads out/);
  assert.match(outsideFault(folder, 'clients/d.yaml') ?? '', /link to nothing/);
});

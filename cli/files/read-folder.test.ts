import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { CliError } from '../cli-error.ts';
import { readFolder } from './read-folder.ts';

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

function faultsOf(folder: string): readonly string[] {
  try {
    readFolder(folder);
  } catch (error) {
    if (error instanceof CliError) return error.lines;
    throw error;
  }
  return [];
}

const project = 'displayName: Orders API\nkind: http\ncontextPath: /orders\n';

test('names come from the places of files, and fields that are left out take their defaults', (t) => {
  const folder = folderOf(t, {
    'projects/orders-api/project.yaml': project,
    'projects/orders-api/resources/health.yaml': 'displayName: Health\npath: /health\n',
    'products/shop.yaml': 'displayName: Shop\nprojects: [orders-api]\n',
  });
  const wanted = readFolder(folder);
  assert.equal(wanted.isWhole, true);
  const [one] = wanted.projects;
  assert.equal(one?.project.name, 'orders-api');
  assert.equal(one?.project.fields.trailingSlash, 'ignore');
  assert.deepEqual(
    [...(one?.parts.values() ?? [])].flat().map(({ name }) => name),
    ['health'],
  );
  assert.deepEqual(
    [...wanted.apps.values()].flat().map(({ fields }) => fields.state),
    ['published'],
  );
});

test('the folder of one project says nothing of the others', (t) => {
  const wanted = readFolder(folderOf(t, { 'project.yaml': `name: orders-api\n${project}` }));
  assert.equal(wanted.isWhole, false);
  assert.equal(wanted.projects[0]?.project.name, 'orders-api');
});

test('every fault is told at once, each with file and line', (t) => {
  const folder = folderOf(t, {
    'projects/orders-api/project.yaml':
      'displayName: Orders API\nkind: http\n# a comment\ncontxtPath: /orders\ncontextPath: orders\n',
    'projects/orders-api/resources/a.yaml': 'displayName: A\npath: /a\nmethods:\n  - GET\n  - FETCH\n',
    'projects/empty/resources/b.yaml': 'displayName: B\npath: /b\n',
    'clients/c.yaml': 'displayName: C\n  bad: indent\n',
    'clients/d.yaml': 'name: other\ndisplayName: D\n',
    'products/e.yaml': 'just text\n',
  });
  const faults = faultsOf(folder).join('\n');
  assert.match(
    faults,
    /^projects\/orders-api\/project\.yaml:4: there is no field contxtPath in a project\. Did you mean contextPath\?$/m,
  );
  assert.match(faults, /^projects\/orders-api\/project\.yaml:5: contextPath: Start with \/\.$/m);
  assert.match(faults, /^projects\/orders-api\/resources\/a\.yaml:5: methods\.1: /m);
  assert.match(faults, /^projects\/empty\/project\.yaml:1: the folder of a project needs this file\.$/m);
  assert.match(faults, /^clients\/c\.yaml:\d: /m);
  assert.match(faults, /^clients\/d\.yaml:1: the name is other but the file says d\.$/m);
  assert.match(faults, /^products\/e\.yaml:1: expected fields/m);
});

test('a folder that holds nothing to apply is a usage error', (t) => {
  assert.throws(() => readFolder(folderOf(t, { 'notes.txt': '' })), { exit: 64 });
  assert.throws(() => readFolder('/nonexistent'), { exit: 64 });
});

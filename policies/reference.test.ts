import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REFERENCE_FILE, referencePage } from './reference.ts';

test('docs/reference-policies.md is what the policies are (make it with: node policies/reference.ts)', () => {
  assert.equal(readFileSync(REFERENCE_FILE, 'utf8'), referencePage());
});

test('every setting of every policy says what it is for', () => {
  const rows = referencePage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const silent = rows.filter((row) => row.endsWith('|  |')).map((row) => row.split('|')[1]?.trim());
  assert.deepEqual(silent, []);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { currentReference, REFERENCE_FILE } from './reference.ts';

test('docs/reference-cli.md is what the program is (make it with: node cli/reference.ts)', () => {
  assert.equal(readFileSync(REFERENCE_FILE, 'utf8'), currentReference());
});

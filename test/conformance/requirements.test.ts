import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { requirements } from './must.ts';

const folder = import.meta.dirname;

test('every requirement has exactly one test', () => {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const tested = texts.flatMap((text) => [...text.matchAll(/^must\('([^']+)'/gm)].map(([, id]) => id ?? ''));
  assert.deepEqual(tested.toSorted(), [...requirements.keys()].toSorted());
});

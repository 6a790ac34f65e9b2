import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const PROCESSES = 6;
const ROUNDS = 60;

const folder = mkdtempSync(path.join(tmpdir(), 'sqlite-'));
let openers: ChildProcess[] = [];

before(async () => {
  const script = path.join(import.meta.dirname, '../test/support/database-opener.ts');
  openers = Array.from({ length: PROCESSES }, () => fork(script, { serialization: 'advanced' }));
  await Promise.all(openers.map(answerOf));
});

after(async () => {
  for (const opener of openers) opener.disconnect();
  await Promise.all(openers.map((opener) => once(opener, 'exit')));
  rmSync(folder, { recursive: true, force: true });
});

async function answerOf(opener: ChildProcess): Promise<string | undefined> {
  const [{ problem }] = (await once(opener, 'message')) as [{ problem?: string }];
  return problem;
}

for (const kind of ['tokens', 'manager', 'replica', 'exchanges'])
  test(`processes that open a new ${kind} file at once wait for each other: none is told that it is locked`, async () => {
    const problems: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const file = path.join(folder, `${round}.${kind}`);
      const answers = openers.map(answerOf);
      for (const opener of openers) opener.send(file);
      for (const problem of await Promise.all(answers)) if (problem !== undefined) problems.push(problem);
    }
    assert.deepEqual(problems, []);
  });

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

interface Quickstart {
  tokenUrl: string;
  apiUrl: string;
  consumerKey: string;
  consumerSecret: string | null;
  secretHint: string;
  projects: Record<string, string>;
}

// Journey 1, step 18: the whole job in one command.

test('quickstart does the whole job, twice with the same ids', async () => {
  await using upstream = await startUpstream();
  await using system = await startSystem();
  const first = await system.cli(['quickstart', '--target', upstream.url, '--json']);
  assert.equal(first.code, 0, first.stderr);
  const one = JSON.parse(first.stdout) as Quickstart;
  assert.ok(one.consumerSecret !== null);
  const token = await getToken(one.tokenUrl, one.consumerKey, one.consumerSecret);
  const answer = await fetch(`${one.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  assert.equal((await fetch(one.apiUrl)).status, 401);

  const again = await system.cli(['quickstart', '--target', upstream.url, '--json']);
  assert.equal(again.code, 0, again.stderr);
  const two = JSON.parse(again.stdout) as Quickstart;
  assert.equal(two.consumerSecret, null);
  assert.equal(two.consumerKey, one.consumerKey);
  assert.equal(two.secretHint, `…${one.consumerSecret.slice(-3)}`);
  assert.deepEqual(two.projects, one.projects);

  const renewed = await system.cli(['quickstart', '--json', '--new-secret']);
  assert.equal(renewed.code, 0, renewed.stderr);
  const three = JSON.parse(renewed.stdout) as Quickstart;
  assert.ok(three.consumerSecret !== null && three.consumerSecret !== one.consumerSecret);
  assert.equal((await getToken(one.tokenUrl, one.consumerKey, one.consumerSecret)).length, 54);
  assert.equal((await getToken(one.tokenUrl, one.consumerKey, three.consumerSecret)).length, 54);
});

test('quickstart tells the story and ends with a curl that works', async () => {
  await using system = await startSystem();
  const told = await system.cli(['quickstart']);
  assert.equal(told.code, 0, told.stderr);
  const curl = told.stdout.split('\n').findLast((line) => line.trim().startsWith('curl '));
  assert.ok(curl !== undefined, told.stdout);
  const { execFile } = await import('node:child_process');
  const status = await new Promise<string>((resolve, reject) => {
    execFile('sh', ['-c', `${curl.trim()} -s -o /dev/null -w '%{http_code}'`], (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  assert.match(status, /200$/);
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CommandResult, type System, startSystem } from '../support/system.ts';

// The way in without a bootstrap token: the one-time setup link, management keys, and who did what.

const env = { GATEWRIGHT_BOOTSTRAP_TOKEN: '' };

let system: System;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-setup-'));
  system = await startSystem({ env, workers: 1 });
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a command from elsewhere: over TCP, with the key in a file. */
async function remote(exit: number, file: string, ...args: string[]): Promise<CommandResult> {
  const elsewhere = {
    GATEWRIGHT_DATA_DIR: join(folder, 'nothing-here'),
    GATEWRIGHT_SERVER: system.console,
    GATEWRIGHT_TOKEN_FILE: join(folder, file),
  };
  const result = await system.cli(args, { env: elsewhere });
  assert.equal(result.code, exit, `${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result;
}

const sh = (line: string) =>
  new Promise<string>((resolve, reject) => {
    execFile('sh', ['-c', line], (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });

test('without a key the API is closed, and the page of the setup link says how to get one', async () => {
  assert.match(system.setup ?? '', /^http:\/\/127\.0\.0\.1:\d+\/setup\/[0-9A-Za-z]{43}$/);
  assert.equal((await fetch(`${system.console}/api/v1/projects`)).status, 401);
  const wrong = await system.run(6, 'setup', `${system.console}/setup/${'a'.repeat(43)}`, '--out', join(folder, 'x'));
  assert.match(wrong.stderr, /code setup_token_wrong · exit 6/);
  const page = await (await fetch(system.setup ?? '')).text();
  assert.match(page, /^ {2}curl -X POST .*\/api\/v1\/setup /m);
});

test('the link works once', async () => {
  const redeem = ['setup', system.setup ?? '', '--out', join(folder, 'admin.token')];
  const done = await system.run(0, ...redeem);
  const key = readFileSync(join(folder, 'admin.token'), 'utf8').trim();
  assert.match(key, /^gwm_[0-9A-Za-z]+$/);
  assert.equal(statSync(join(folder, 'admin.token')).mode & 0o777, 0o600);
  assert.ok(!(done.stdout + done.stderr).includes(key));
  assert.match((await system.run(4, ...redeem)).stderr, /code setup_closed · exit 4/);
  assert.equal(readFileSync(join(folder, 'admin.token'), 'utf8').trim(), key, 'the key that was saved is still there');
  const page = await (await fetch(system.setup ?? '')).text();
  const curl = /^ {2}(curl .*)$/m.exec(page)?.[1] ?? '';
  assert.match(await sh(`${curl} -s`), /"code":"setup_closed"/);
});

test('the curl of its page redeems it too', async () => {
  await using fresh = await startSystem({ env, workers: 1 });
  const page = await (await fetch(fresh.setup ?? '')).text();
  const curl = /^ {2}(curl .*)$/m.exec(page)?.[1] ?? '';
  const { key } = JSON.parse(await sh(`${curl} -s`)) as { key: string };
  const answer = await fetch(`${fresh.console}/api/v1/projects`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200);
});

test('from elsewhere the command line works with the key, and a deleted key ends at once', async () => {
  assert.match((await remote(0, 'admin.token', 'status')).stdout, /Gateways 1\/1/);
  await remote(0, 'admin.token', 'project', 'create', 'Far', 'kind=http', 'contextPath=/far', 'targetUrl=echo:');
  await remote(
    0,
    'admin.token',
    'management-key',
    'create',
    'CI',
    'roles=admin',
    'endsAt=1d',
    '--out',
    join(folder, 'ci.token'),
  );
  await remote(0, 'ci.token', 'deploy', 'far', '--to', 'local');
  await remote(0, 'admin.token', 'management-key', 'delete', 'ci', '--yes');
  assert.match(
    (await remote(6, 'ci.token', 'status')).stderr,
    /not known or has ended.*code unauthenticated · exit 6/s,
  );
  assert.match(
    (await remote(4, 'admin.token', 'management-key', 'delete', 'admin', '--yes')).stderr,
    /last management key/,
  );
  assert.match((await remote(64, 'missing.token', 'status')).stderr, /GATEWRIGHT_TOKEN_FILE cannot be read/);
});

test('the audit trail says who did what, and from where', async () => {
  await system.run(0, 'project', 'set', 'far', 'description=near');
  const key = readFileSync(join(folder, 'admin.token'), 'utf8').trim();
  const answer = await fetch(`${system.console}/api/v1/audit?limit=50`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { items } = (await answer.json()) as { items: { actor: string; via: string; sentence: string }[] };
  const said = items.map(({ actor, via, sentence }) => `${actor} via ${via}: ${sentence}`);
  for (const wanted of [
    /^system via system: The data directory was made ready/,
    /^setup via api: The setup was done: management key admin was made/,
    /^admin via api: Project far was created/,
    /^ci via api: Far v1 was deployed to Local/,
    /^admin via api: Management key ci was deleted/,
    /^local via socket: Project far was changed/,
  ])
    assert.ok(
      said.some((line) => wanted.test(line)),
      `${wanted} in\n${said.join('\n')}`,
    );
  assert.ok(!JSON.stringify(items).includes(key));
});

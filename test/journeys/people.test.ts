import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CommandResult, type System, startSystem } from '../support/system.ts';

// People from the command line: the first administrator, signing in from elsewhere, a colleague with a role of their own.

const PASSWORD = 'a calm sea and prosperous voyage';

let system: System;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-people-'));
  system = await startSystem({ workers: 1 });
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a command on a machine elsewhere, with a configuration folder of its own. */
async function elsewhere(exit: number, args: readonly string[], input?: string): Promise<CommandResult> {
  const env = {
    GATEWRIGHT_DATA_DIR: join(folder, 'nothing-here'),
    GATEWRIGHT_SERVER: system.console,
    XDG_CONFIG_HOME: folder,
  };
  const result = await system.cli(args, { env, ...(input !== undefined && { input }) });
  assert.equal(result.code, exit, `${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result;
}

const saved = () => {
  const [name = ''] = readdirSync(join(folder, 'gatewright'));
  return join(folder, 'gatewright', name);
};

test('a lost setup link is made anew on the machine itself, until there is an administrator', async () => {
  assert.match((await elsewhere(64, ['admin', 'setup-link'])).stderr, /on the machine of the server/);
  const first = (await system.run(0, 'admin', 'setup-link')).stdout.split('\n')[0] ?? '';
  const second = (await system.run(0, 'admin', 'setup-link')).stdout.split('\n')[0] ?? '';
  assert.match(second, /\/setup\/[0-9A-Za-z]{43}$/);
  const redeem = (link: string) =>
    fetch(`${system.console}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ token: link.split('/').at(-1), name: 'anna', password: PASSWORD, teamName: 'Harbour', sample: true },
      }),
    });
  assert.equal((await redeem(first)).status, 403, 'the newest one counts');
  assert.equal((await redeem(second)).status, 201);
  const again = await system.run(4, 'admin', 'setup-link');
  assert.match(again.stderr, /There is an administrator already/);
  assert.match(again.stderr, /gatewright admin password-link/);
});

test('the sample of the setup answers, and wants its tokens', async () => {
  for (let tries = 0; tries < 100; tries += 1) {
    const { status } = await fetch(`${system.gateway}/orders/1`);
    if (status === 401) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('the sample is not served');
});

test('somebody signs in from elsewhere, works as themselves, and signs out', async () => {
  assert.match((await elsewhere(6, ['status'])).stderr, /gatewright login --server/);
  assert.match((await elsewhere(64, ['login', '--name', 'anna'])).stderr, /--password-stdin/);
  const wrong = await elsewhere(6, ['login', '--name', 'anna', '--password-stdin'], 'not the password\n');
  assert.match(wrong.stderr, /code sign_in_failed/);
  const done = await elsewhere(0, ['login', '--name', 'anna', '--password-stdin'], `${PASSWORD}\n`);
  const { key } = JSON.parse(readFileSync(saved(), 'utf8')) as { key: string };
  assert.match(key, /^gwm_/);
  assert.ok(!(done.stdout + done.stderr).includes(key));
  assert.equal(statSync(saved()).mode & 0o777, 0o600);
  assert.match((await elsewhere(0, ['whoami'])).stdout, /^anna\nRoles {2}admin\nKey {4}cli-anna-/);
  await elsewhere(0, ['client', 'create', 'From afar']);
  const { stdout } = await system.run(0, 'audit', '--limit', '20');
  assert.match(stdout, /anna\tapi\tClient from-afar was registered/);
  await elsewhere(0, ['login', '--name', 'anna', '--password-stdin'], `${PASSWORD}\n`);
  const headers = { authorization: `Bearer ${key}` };
  assert.equal((await fetch(`${system.console}/api/v1/projects`, { headers })).status, 401, 'the key before ended');
  chmodSync(saved(), 0o644);
  assert.match((await elsewhere(6, ['whoami'])).stderr, /can be read by others/);
  chmodSync(saved(), 0o600);
  const { key: second } = JSON.parse(readFileSync(saved(), 'utf8')) as { key: string };
  await elsewhere(0, ['logout']);
  assert.deepEqual(readdirSync(join(folder, 'gatewright')), []);
  const after = await fetch(`${system.console}/api/v1/projects`, { headers: { authorization: `Bearer ${second}` } });
  assert.equal(after.status, 401);
});

test('a colleague chooses a password with a link, and may what the roles say and no more', async () => {
  await system.run(0, 'user', 'create', 'ben', 'displayName=Ben B', 'roles=releaser@local,viewer');
  const { stdout } = await system.run(0, 'user', 'password-link', 'ben');
  const token = /\/password\/(\w{43})/.exec(stdout)?.[1];
  const body = JSON.stringify({ token, password: 'ships in the night, passing' });
  const headers = { 'content-type': 'application/json' };
  const chosen = await fetch(`${system.console}/api/v1/password`, { method: 'POST', headers, body });
  assert.equal(chosen.status, 204);
  await elsewhere(0, ['login', '--name', 'ben', '--password-stdin'], 'ships in the night, passing\n');
  const refused = await elsewhere(6, [
    'project',
    'create',
    'Mine',
    'kind=http',
    'contextPath=/mine',
    'targetUrl=echo:',
  ]);
  assert.match(refused.stderr, /Needs the Designer role\./);
  assert.match((await system.run(0, 'user', 'list')).stdout, /ben\tBen B\treleaser@local viewer\tyes/);
  await system.run(0, 'user', 'set', 'ben', 'active=off');
  assert.match((await elsewhere(6, ['status'])).stderr, /code unauthenticated/);
  await system.run(0, 'user', 'delete', 'ben', '--yes');
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { postForm } from '../support/token.ts';

// A second token store beside that of the configuration: added, named by a policy, killed, made the default, deleted. One story, in order.

const AWAY = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'gatewright-stores-'));
const dataDir = join(folder, 'data');
let redis: RedisServer;
let system: System;
let made: Quickstart;

before(async () => {
  redis = await startRedis();
  system = await startSystem({ dataDir });
  made = await quickstart(system, 'echo:');
  await offerRefresh('access-token', {});
});

after(async () => {
  await system?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Issued {
  readonly status: number;
  readonly token: string;
  readonly refreshToken: string;
  readonly error: string | undefined;
  readonly retryAfter: string | null;
}

/** Changes the policy of a token end point, and deploys it. */
async function setPolicy(project: string, changes: object): Promise<void> {
  const address = `/projects/${project}/policies/oauth-token-endpoint`;
  const { config } = await system.must<{ config: object }>('GET', address);
  await system.must('PATCH', address, { config: { ...config, ...changes } });
  await deployAndWait(system, project);
}

const offerRefresh = (project: string, changes: object) =>
  setPolicy(project, {
    ...{ grantTypes: ['client_credentials', 'refresh_token'], refreshTokenForClientCredentials: true },
    ...changes,
  });

/** Asks the token end point at a path. */
async function issue(path: string, form: Readonly<Record<string, string>> = { grant_type: 'client_credentials' }) {
  const { consumerKey: client_id, consumerSecret: client_secret } = made;
  const { status, headers, body } = await postForm(`${system.gateway}${path}`, { ...form, client_id, client_secret });
  const {
    access_token: token = '',
    refresh_token: refreshToken = '',
    error,
  } = body as Readonly<Record<string, string>>;
  return { status, token, refreshToken, error, retryAfter: headers.get('retry-after') } satisfies Issued;
}

const refresh = (path: string, refresh_token: string) => issue(path, { grant_type: 'refresh_token', refresh_token });
const callApi = (token: string) =>
  fetch(`${system.gateway}${new URL(made.apiUrl).pathname}/1`, { headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string) => (await callApi(token)).status;

interface Store {
  readonly isDefault: boolean;
  readonly hasPassword: boolean;
  readonly usedBy: readonly object[];
  readonly health: { readonly state: string; readonly problem?: string; readonly records?: Record<string, number> };
}
const store = (name: string) => system.must<Store>('GET', `/token-stores/${name}`);
const accessTokens = async (name: string) => (await store(name)).health.records?.access ?? 0;

let early: Issued;
let remote: Issued;

test('the command line adds a store and tests it, and says of one that is not there what to do', async () => {
  const [host, port] = redis.url.replace('redis://', '').split(':');
  await system.run(0, 'token-store', 'create', 'Shared', 'kind=redis', `redis.nodes=${host}:${port}`);
  const reached = await system.run(0, 'token-store', 'test', 'shared');
  assert.match(reached.stdout, /shared was reached; a record was written, read and taken away in \d+ ms\./);
  await system.run(0, 'token-store', 'create', 'Nowhere', 'kind=redis', 'redis.nodes=127.0.0.1:1', 'redis.database=2');
  const missed = await system.run(4, 'token-store', 'test', 'nowhere');
  assert.match(
    missed.stdout,
    /Nothing listens there\. Start it, or correct host and port\.\n.*nowhere cannot be used\./,
  );
  const json = JSON.parse((await system.run(4, 'token-store', 'test', 'nowhere', '--json')).stdout);
  assert.deepEqual([json.isReached, typeof json.problem, typeof json.fix], [false, 'string', 'string']);
  const { stdout } = await system.run(0, 'token-store', 'list');
  assert.match(stdout, /^configured\t.*\tsqlite\tyes\tok, /m);
  assert.match(stdout, /^shared\t.*\tredis\tno\tok, /m);
  assert.match(stdout, /^nowhere\t.*\tredis\tno\taway\t/m);
});

test('a password comes from stdin, stands in no file of an export, and the export makes the store again', async () => {
  const password = 'a-password-from-stdin-0123456789';
  const set = ['token-store', 'set-secret', 'nowhere', 'redis.nodes=127.0.0.1:2', '--secret'];
  assert.equal((await system.cli([...set, password])).code, 64);
  const done = await system.cli([...set, '-'], { input: `${password}\n` });
  assert.equal(done.code, 0, done.stderr);
  assert.equal((await store('nowhere')).hasPassword, true);
  const moved = await system.cli(['token-store', 'set', 'nowhere', 'redis.nodes=127.0.0.1:3']);
  assert.equal(moved.code, 4);
  assert.match(moved.stderr, /redis\/password/);
  const out = join(folder, 'export');
  await system.run(0, 'export', '--dir', out);
  assert.deepEqual(readdirSync(join(out, 'token-stores')).sort(), ['nowhere.yaml', 'shared.yaml']);
  const text = readFileSync(join(out, 'token-stores/nowhere.yaml'), 'utf8');
  assert.ok(!/password/i.test(text.replace(/^#.*$/gm, '')) && text.includes('127.0.0.1:2'), text);
  assert.match((await system.run(0, 'apply', out)).stdout, /Nothing to change\./);
  await system.run(0, 'token-store', 'delete', 'nowhere', '--yes');
  await system.run(0, 'apply', out);
  assert.equal((await store('nowhere')).hasPassword, false);
  rmSync(join(out, 'token-stores/nowhere.yaml'));
  await system.run(0, 'apply', out, '--prune', '--yes');
  const left = await system.must<{ items: { name: string }[] }>('GET', '/token-stores?sort=name');
  assert.deepEqual(
    left.items.map(({ name }) => name),
    ['configured', 'shared'],
  );
});

test('what a policy issues is in the store that it names, the rest in the default one, and both verify', async () => {
  const end = { kind: 'oauth-token-endpoint', displayName: 'RemoteToken', contextPath: '/remote-token' };
  await system.must('POST', '/projects', end);
  await offerRefresh('remote-token', { tokenStore: 'shared' });
  const before = { shared: await accessTokens('shared'), configured: await accessTokens('configured') };
  early = await issue('/token');
  remote = await issue('/remote-token');
  assert.deepEqual([early.status, remote.status], [200, 200]);
  assert.deepEqual([await statusOf(early.token), await statusOf(remote.token)], [200, 200]);
  await eventually('each store has its own', async () => {
    const now = { shared: await accessTokens('shared'), configured: await accessTokens('configured') };
    return now.shared === before.shared + 1 && now.configured === before.configured + 1 ? true : undefined;
  });
  assert.deepEqual((await store('shared')).usedBy, [{ project: 'remote-token', policy: 'oauth-token-endpoint' }]);
  const { stdout } = await system.run(0, 'status');
  assert.match(stdout, /^configured\s+sqlite\s+yes\s+ok, [\d.]+ ms\s+[1-9]\d*$/m);
  assert.match(stdout, /^shared\s+redis\s+–\s+ok, [\d.]+ ms\s+[1-9]\d*$/m);
  const refused = await system.run(4, 'token-store', 'delete', 'shared', '--yes');
  assert.match(refused.stderr, /remote-token.*oauth-token-endpoint/);
});

test('while it is away its end point answers 503 with Retry-After, the other goes on, and it recovers by itself', {
  timeout: 120_000,
}, async () => {
  const kept = await issue('/remote-token');
  await redis.kill('SIGKILL');
  const refused = await issue('/remote-token');
  assert.deepEqual([refused.status, refused.error, refused.token], [503, 'temporarily_unavailable', '']);
  assert.match(refused.retryAfter ?? '', /^[1-9]\d*$/);
  for (let round = 0; round < 12; round += 1) {
    const begun = performance.now();
    const [there, away] = [await issue('/token'), await issue('/remote-token')];
    assert.deepEqual([there.status, away.status], [200, 503]);
    assert.equal(await statusOf(there.token), 200);
    assert.ok(performance.now() - begun < 5000);
  }
  const unverified = await callApi(kept.token);
  assert.deepEqual([unverified.status, /^[1-9]\d*$/.test(unverified.headers.get('retry-after') ?? '')], [503, true]);
  assert.equal((await refresh('/remote-token', kept.refreshToken)).status, 503);
  const { code, stdout } = await system.cli(['doctor']);
  assert.equal(code, 1);
  assert.match(stdout, /✖ tokens shared .*redis: /);
  const { stdout: status } = await system.run(0, 'status');
  assert.match(status, /^shared\s+redis\s+–\s+away\s+–$/m);
  assert.match(status, /Token store shared does not answer/);

  await system.stop();
  system = await startSystem({ dataDir });
  await eventually('the default goes on', async () => ((await issue('/token')).status === 200 ? true : undefined));
  assert.equal((await issue('/remote-token')).status, 503);
  assert.equal((await store('shared')).health.state, 'away');

  await redis.killAndStart();
  const again = await eventually(
    'it issues again',
    async () => {
      const answer = await issue('/remote-token');
      return answer.status === 200 ? answer : undefined;
    },
    AWAY,
  );
  await eventually('it verifies again', async () => ((await statusOf(again.token)) === 200 ? true : undefined), AWAY);
  await eventually('what it kept', async () => ((await statusOf(kept.token)) === 200 ? true : undefined), AWAY);
  const refreshed = async () => ((await refresh('/remote-token', kept.refreshToken)).status === 200 ? true : undefined);
  await eventually('each worker finds it again by itself', refreshed, AWAY);
  await eventually('its health', async () => ((await store('shared')).health.state === 'ok' ? true : undefined), AWAY);
});

test('another default takes what is new; tokens of before verify, and their refresh tokens rotate', async () => {
  const done = await system.run(0, 'token-store', 'make-default', 'shared');
  assert.match(done.stdout, /Undo with: gatewright token-store make-default configured/);
  assert.equal((await store('configured')).isDefault, false);
  assert.match((await system.run(4, 'token-store', 'delete', 'shared', '--yes')).stderr, /default/);
  await eventually('what is new goes there', async () => {
    const before = await accessTokens('shared');
    const { status, token } = await issue('/token');
    assert.equal(status, 200);
    assert.equal(await statusOf(token), 200);
    return (await accessTokens('shared')) > before ? true : undefined;
  });
  assert.equal(await statusOf(early.token), 200);
  const rotated = await refresh('/token', early.refreshToken);
  assert.equal(rotated.status, 200);
  assert.equal(await statusOf(rotated.token), 200);
  assert.equal((await refresh('/token', early.refreshToken)).status, 400, 'a second use is a replay');
  await eventually('which ends all of it', async () => ((await statusOf(rotated.token)) === 401 ? true : undefined));
});

test('once nothing names it any more it is deleted, and what it kept is unknown', async () => {
  await system.run(0, 'token-store', 'make-default', 'configured');
  assert.equal((await system.cli(['token-store', 'delete', 'shared', '--yes'])).code, 4);
  await setPolicy('remote-token', { tokenStore: '' });
  await system.run(0, 'token-store', 'delete', 'shared', '--yes');
  assert.equal((await system.api('GET', '/token-stores/shared')).status, 404);
  await eventually('unknown', async () => ((await statusOf(remote.token)) === 401 ? true : undefined), AWAY);
  const last = await issue('/remote-token');
  assert.deepEqual([last.status, await statusOf(last.token)], [200, 200]);
});

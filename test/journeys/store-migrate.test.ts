import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenStoreView } from '#core/model/token-store';
import { startLoad } from '../support/load.ts';
import { findVictims } from '../support/processes.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { postForm } from '../support/token.ts';

// All that the store of the configuration (SQLite) keeps is migrated to Redis while tokens are issued, verified, rotated and revoked; the manager is
// killed meanwhile. Then the program runs without the former store.

const folder = mkdtempSync(join(tmpdir(), 'gatewright-migrate-'));
const dataDir = join(folder, 'data');
const env = { GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '100000', GATEWRIGHT_LIMITS_LIVE_TOKENS: '1000000' };
const CHAINS = 20;
let redis: RedisServer;
let system: System;
let made: Quickstart;
const [live, revoked] = [[] as string[], [] as string[]];
/** The newest refresh token of each chain. */
const chains: string[] = [];

before(async () => {
  redis = await startRedis();
  system = await startSystem({ dataDir, env });
  made = await quickstart(system, 'echo:');
  const address = '/projects/access-token/policies/oauth-token-endpoint';
  const { config } = await system.must<{ config: object }>('GET', address);
  const grants = {
    grantTypes: ['client_credentials', 'refresh_token'],
    refreshTokenForClientCredentials: true,
    additionalParameters: [],
  };
  await system.must('PATCH', address, { config: { ...config, ...grants } });
  await deployAndWait(system, 'access-token');
});

after(async () => {
  await system?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(form: Readonly<Record<string, string>>) {
  const { consumerKey: client_id, consumerSecret: client_secret } = made;
  const { status, body } = await postForm(`${system.gateway}/token`, { ...form, client_id, client_secret });
  const { access_token: token = '', refresh_token: refreshToken = '', error } = body as Record<string, string>;
  return { status, token, refreshToken, error };
}
const issue = () => ask({ grant_type: 'client_credentials' });
const refresh = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token });
async function revoke(token: string): Promise<void> {
  const form = new URLSearchParams({ token, client_id: made.consumerKey, client_secret: made.consumerSecret });
  const answer = await fetch(`${system.gateway}/token/revoke`, { method: 'POST', body: form });
  assert.equal(answer.status, 200, await answer.text());
  revoked.push(token);
}
const statusOf = async (token: string) =>
  (
    await fetch(`${system.gateway}${new URL(made.apiUrl).pathname}/1`, {
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;
const view = (name: string) => system.must<TokenStoreView>('GET', `/token-stores/${name}`);

/** Rotates chains one after the other until stopped; what failed. */
function rotateAll() {
  const failures: string[] = [];
  let [isOver, rotations] = [false, 0];
  const run = async () => {
    for (let i = 0; !isOver; i = (i + 1) % CHAINS) {
      const { status, refreshToken, error } = await refresh(chains[i] ?? '');
      if (status === 200) chains[i] = refreshToken;
      else if (status !== 503) failures.push(`${status} ${error}`);
      rotations += 1;
      await sleep(5);
    }
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
      return { failures, rotations };
    },
  };
}

test('what does not make sense is refused, with what to do', async () => {
  const migrate = (from: string, ...more: readonly string[]) =>
    system.cli(['store', 'migrate', '--from', from, ...more, '--yes']);
  assert.equal((await migrate('configured')).code, 64);
  assert.match((await migrate('configured', '--to', 'configured')).stderr, /migrated to another one/);
  assert.match((await migrate('configured', '--to', 'nowhere')).stderr, /no token store nowhere/);
  assert.equal((await migrate('nowhere', '--to', 'configured')).code, 3);
  await system.run(0, 'token-store', 'create', 'Memory', 'kind=memory');
  assert.match((await migrate('configured', '--to', 'memory')).stderr, /memory of each process/);
  await system.run(0, 'token-store', 'create', 'Away', 'kind=redis', 'redis.nodes=127.0.0.1:1');
  assert.match((await migrate('configured', '--to', 'away')).stderr, /away does not answer/);
  for (const name of ['memory', 'away']) await system.run(0, 'token-store', 'delete', name, '--yes');
  const declined = await system.cli(['store', 'migrate', '--from', 'configured', '--to', 'shared']);
  assert.deepEqual([declined.code, /cannot be turned round. Add --yes/.test(declined.stderr)], [64, true]);
});

test('a migration under load, with the manager killed in the middle: nothing is lost, nothing revoked comes back', {
  timeout: 180_000,
}, async (t) => {
  const [host, port] = redis.url.replace('redis://', '').split(':');
  await system.run(0, 'token-store', 'create', 'Shared', 'kind=redis', `redis.nodes=${host}:${port}`);
  for (let i = 0; i < CHAINS; i += 1) chains.push((await issue()).refreshToken);
  for (let i = 0; i < 150; i += 1)
    await Promise.all(Array.from({ length: 20 }, async () => live.push((await issue()).token)));
  for (const token of live.splice(0, 20)) await revoke(token);
  const rotating = rotateAll();
  const issuing = startLoad({
    ...{ url: made.tokenUrl, method: 'POST', connections: 2, wantedStatus: 200, limitMs: 120_000, pauseMs: 5 },
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
    onAnswer: (body) => live.push((JSON.parse(body) as { access_token: string }).access_token),
  });
  const verifying = startLoad({
    ...{ url: `${made.apiUrl}/1`, connections: 2, wantedStatus: 200, limitMs: 120_000, pauseMs: 2 },
    headers: () => ({ authorization: `Bearer ${live[Math.floor((performance.now() * 7) % live.length)]}` }),
  });
  const begun = await system.run(0, 'store', 'migrate', '--from', 'configured', '--to', 'shared', '--detach', '--yes');
  assert.match(begun.stdout, /goes on in the server/);
  assert.equal((await view('shared')).isDefault, true);
  assert.equal((await system.api('DELETE', '/token-stores/shared')).status, 409);
  const { migration } = await eventually('something was moved', async () => {
    const now = await view('configured');
    return (now.migration?.moved ?? 0) > 500 ? now : undefined;
  });
  assert.ok((migration?.total ?? 0) > 3000);
  assert.notEqual(migration?.phase, 'done');
  for (const pid of findVictims(system.process.pid ?? 0, 'manager')) process.kill(pid, 'SIGKILL');
  for (const token of live.splice(0, 20)) await revoke(token);
  const followed = await eventually('the manager is there again', async () => {
    const done = await system.cli(['store', 'migrate', '--from', 'configured', '--to', 'shared', '--yes', '--json']);
    return done.code === 7 ? undefined : done;
  });
  assert.equal(followed.code, 0, followed.stderr);
  const done = JSON.parse(followed.stdout) as TokenStoreView;
  assert.equal(done.migration?.phase, 'done');
  for (const token of live.splice(0, 10)) await revoke(token);
  await sleep(300);
  const { failures, rotations } = await rotating.stop();
  const issued = await issuing.stop();
  const verified = await verifying.stop();
  assert.deepEqual(failures, [], 'each chain goes on');
  for (const failure of issued.failures) assert.match(failure, /^503 /);
  for (const failure of verified.failures) assert.match(failure, /^(?:503|401) /); // some were revoked meanwhile
  t.diagnostic(
    `${done.migration?.moved} records moved; meanwhile ${issued.good} tokens issued (${issued.failed} refused), ${rotations} rotations, ${verified.good} calls verified (${verified.failed} refused)`,
  );
  await checkAll();
});

test('the program goes on without the former store', { timeout: 120_000 }, async (t) => {
  await system.stop();
  const elsewhere = { ...env, GATEWRIGHT_TOKEN_STORE_URL: `sqlite:${join(folder, 'empty.db')}` };
  system = await startSystem({ dataDir, env: elsewhere });
  await eventually('it issues', async () => ((await issue()).status === 200 ? true : undefined));
  await checkAll();
  const used = chains[0] ?? '';
  for (const [i, token] of chains.entries()) {
    const answer = await refresh(token);
    assert.equal(answer.status, 200, `chain ${i}: ${answer.error}`);
    chains[i] = answer.refreshToken;
  }
  assert.equal((await refresh(used)).error, 'invalid_grant', 'reuse is found');
  assert.equal((await refresh(chains[0] ?? '')).error, 'invalid_grant', 'and its grant died');
  t.diagnostic(`${live.length} live, ${revoked.length} revoked, ${chains.length} chains`);
});

async function checkAll(): Promise<void> {
  const wrong = { lost: 0, revived: 0 };
  const sample = live.filter((_, i) => i % Math.ceil(live.length / 400) === 0);
  for (const token of sample) if ((await statusOf(token)) !== 200) wrong.lost += 1;
  for (const token of revoked) if ((await statusOf(token)) !== 401) wrong.revived += 1;
  assert.deepEqual(wrong, { lost: 0, revived: 0 });
}

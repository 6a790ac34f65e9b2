import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type FeedManager, startFeedManager } from '#test/support/feed-manager';
import { objects } from '#test/support/feed-objects';
import { isAlive } from '#test/support/processes';
import { eventually } from '#test/support/system';

interface Answer {
  readonly pid: number;
  readonly serving: { readonly seq: number; readonly deployments: readonly string[] } | undefined;
  readonly client: string | undefined;
  readonly heard: number;
}

interface Gateway extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly address: string;
  readonly admin: string;
  log(): string;
  get(path?: string): Promise<Answer>;
  ready(): Promise<{ status: number; checks: { name: string; ok: boolean }[] }>;
  workers(): Promise<Set<number>>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

async function startGateway(dataDir: string): Promise<Gateway> {
  const script = path.join(import.meta.dirname, '../test/support/gateway-primary.ts');
  const child = fork(script, [dataDir], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const [said] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(log))),
  ]);
  const { address, adminAddress } = said as { address: string; adminAddress: string };
  const get = async (at = '/'): Promise<Answer> => {
    const response = await fetch(address + at, { headers: { connection: 'close' } });
    return (await response.json()) as Answer;
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill(signal);
    return (await ended)[0];
  };
  return {
    process: child,
    address,
    admin: adminAddress,
    log: () => log,
    get,
    async ready() {
      const response = await fetch(`${adminAddress}/readyz`);
      return { status: response.status, ...((await response.json()) as { checks: { name: string; ok: boolean }[] }) };
    },
    async workers() {
      const pids = new Set<number>();
      for (let i = 0; i < 30; i += 1) pids.add((await get()).pid);
      return pids;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
    },
  };
}

/** A data directory with a manager that has one deployment and one client. */
async function place(): Promise<{ dataDir: string; manager: FeedManager } & AsyncDisposable> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gw-'));
  const manager = await startFeedManager(path.join(dataDir, 'manager.sock'));
  manager.commit(objects.group);
  manager.commit(objects.deployment('orders'), objects.client('cli_1', 'First'));
  return {
    dataDir,
    manager,
    async [Symbol.asyncDispose]() {
      await manager.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

test('a worker asks the manager about resource owners, through its primary; without an answer nobody signs in', async () => {
  await using here = await place();
  await using gateway = await startGateway(here.dataDir);
  const asked: unknown[] = [];
  const owner = { subject: 'own_1', username: 'anna', displayName: 'Anna', generation: 0 };
  here.manager.answerOwner = (question) => {
    asked.push(question);
    return { state: 'known', owner };
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => gateway.get(`/owner/anna${i}`)));
  for (const answer of answers) assert.deepEqual(answer, { state: 'known', owner });
  assert.equal(asked.length, 20);
  here.manager.answerOwner = () => ({ state: 'known', owner: { ...owner, isAdmin: true } });
  assert.deepEqual(await gateway.get('/owner/anna'), { error: 'UnavailableError' }, 'what is no answer');
  here.manager.answerOwner = () => undefined;
  assert.deepEqual(await gateway.get('/owner/anna'), { error: 'UnavailableError' });
  await here.manager.stop();
  assert.deepEqual(await gateway.get('/owner/anna'), { error: 'UnavailableError' });
  assert.ok(!gateway.log().includes('secret'));
});

test('a gateway takes changes while it serves, says how far it is, and shows readiness and metrics', async () => {
  await using here = await place();
  const { manager } = here;
  await using gateway = await startGateway(here.dataDir);
  assert.deepEqual((await gateway.get('/client/cli_1')).serving, { seq: 2, deployments: ['orders v1'] });
  assert.equal((await gateway.get('/client/cli_1')).client, 'First');

  const seq = manager.commit(objects.deployment('orders', 2), objects.client('cli_1', 'Second'));
  await eventually('every worker took it', () => manager.reports.at(-1)?.seq === seq || undefined);
  for (let i = 0; i < 10; i += 1) {
    const answer = await gateway.get('/client/cli_1');
    assert.deepEqual([answer.serving?.deployments, answer.client], [['orders v2'], 'Second']);
  }
  const report = manager.reports.at(-1);
  assert.equal(report?.state, 'ready');
  assert.equal(report?.address, gateway.address);
  await eventually(
    'the manager heard that the secret was used',
    () =>
      manager.reports.some(({ secretsUsed }) => secretsUsed.some(({ secretId }) => secretId === 'sec_1')) || undefined,
  );
  assert.ok((await gateway.get()).heard > 0, 'workers hear that the manager was heard');

  const ready = await gateway.ready();
  assert.deepEqual(
    [ready.status, ready.checks.map(({ name }) => name)],
    [200, ['deployments', 'replica', 'membership', 'drain', 'revocations', 'clock']],
  );
  assert.equal((await fetch(`${gateway.admin}/healthz`)).status, 200);
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
  assert.match(metrics, /gatewright_feed_seq 3/);
  assert.match(metrics, /gatewright_workers 2/);
  assert.match(metrics, /gatewright_held\{what="things"\} 2/);
  assert.ok(Number(/gatewright_test_answers_total (\d+)/.exec(metrics)?.[1]) >= 13, 'all workers are counted');
  assert.equal(await gateway.stop(), 0);
  await eventually('it said that it drains', () => manager.reports.at(-1)?.state === 'draining' || undefined);
});

test('a deployment that does not compile is refused and what it replaces is kept, also by a worker that starts then', async () => {
  await using here = await place();
  const { manager } = here;
  await using gateway = await startGateway(here.dataDir);
  const bad = manager.commit(objects.deployment('orders', 2, 'Broken'), objects.deployment('together'));
  const report = await eventually('it says so', () => manager.reports.find(({ refused }) => refused.length > 0));
  assert.deepEqual(
    report.refused.map(({ id, seq }) => [id, seq]).sort(),
    [
      ['grp_1/orders', bad],
      ['grp_1/together', bad],
    ],
    'the change set is refused whole',
  );
  assert.deepEqual((await gateway.get()).serving?.deployments, ['orders v1']);

  manager.commit(objects.deployment('other'));
  await eventually(
    'another change set is taken',
    async () => (await gateway.get()).serving?.deployments.includes('other v1') || undefined,
  );
  const before = await gateway.workers();
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await eventually('new workers serve', async () => {
    const answer = await gateway.get().catch(() => undefined);
    return (answer !== undefined && !before.has(answer.pid)) || undefined;
  });
  assert.deepEqual((await gateway.get()).serving?.deployments.toSorted(), ['orders v1', 'other v1']);

  manager.commit(objects.deployment('orders', 3));
  await eventually('a good one ends it', () => (manager.reports.at(-1)?.refused.length === 0 ? true : undefined));
  assert.deepEqual((await gateway.get()).serving?.deployments.toSorted(), ['orders v3', 'other v1', 'together v1']);
});

test('killed workers and a killed primary come back with the same address, and serve without the manager', async () => {
  await using here = await place();
  let address: string;
  {
    await using gateway = await startGateway(here.dataDir);
    address = gateway.address;
    const before = await gateway.workers();
    assert.equal(before.size, 2);
    const [victim] = before;
    process.kill(victim ?? 0, 'SIGKILL');
    for (let i = 0; i < 20; i += 1) assert.ok((await gateway.get()).serving, 'the other worker goes on');
    await eventually('it was replaced', async () => {
      const now = await gateway.workers();
      return (now.size === 2 && !now.has(victim ?? 0)) || undefined;
    });
    await here.manager.stop();
    const orphans = await gateway.workers();
    await gateway.stop('SIGKILL');
    await eventually('no worker outlives its primary', () => [...orphans].every((pid) => !isAlive(pid)) || undefined);
  }
  await using again = await startGateway(here.dataDir);
  assert.equal(again.address, address);
  assert.deepEqual((await again.get()).serving?.deployments, ['orders v1']);
});

test('a row that is damaged while the gateway runs is noticed; the replica is set aside and fetched anew', async () => {
  await using here = await place();
  await using gateway = await startGateway(here.dataDir);
  const folder = path.join(here.dataDir, 'gateway');
  const database = new DatabaseSync(path.join(folder, 'replica.db'));
  database.exec(`UPDATE objects SET payload = '{}' WHERE id = 'cli_1'`);
  database.close();
  const response = await fetch(`${gateway.address}/client/cli_1`);
  assert.equal(response.status, 503, 'not known to be gone, so not refused as unknown');
  await eventually('it is mended', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fetch(`${gateway.address}/client/cli_1`)));
    return answers.every(({ status }) => status === 200) || undefined;
  });
  assert.ok(readdirSync(folder).some((name) => name.startsWith('replica.damaged-1')));
  const seq = here.manager.commit(objects.client('cli_1', 'Later'));
  await eventually('it follows the feed again', () => here.manager.reports.at(-1)?.seq === seq || undefined);
  assert.equal((await gateway.get('/client/cli_1')).client, 'Later');
});

test('a rolling restart replaces every worker and fails no request', async () => {
  await using here = await place();
  await using gateway = await startGateway(here.dataDir);
  const before = await gateway.workers();
  gateway.process.kill('SIGHUP');
  let calls = 0;
  await eventually('all are new', async () => {
    calls += 1;
    const now = await gateway.workers();
    return [...now].every((pid) => !before.has(pid)) || undefined;
  });
  assert.ok(calls > 0);
  assert.equal(await gateway.stop(), 0);
});

test('the loss of its supervisor ends a gateway', async () => {
  await using here = await place();
  await using gateway = await startGateway(here.dataDir);
  const workers = await gateway.workers();
  const ended = once(gateway.process, 'exit');
  gateway.process.disconnect();
  await ended;
  assert.ok([...workers].every((pid) => !isAlive(pid)));
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { LEASE_MS } from '#manager/lease';
import { typesOfSqlite } from '#manager/postgres-types';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { findVictims } from '../support/processes.ts';
import { settled } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// Two managers, each with a gateway, on one PostgreSQL database: started at the same time on an empty one.

/** A lease is looked at every 2 s; the rest is for a busy machine. */
const TAKEN_OVER_MS = LEASE_MS + 2000 + 4000;

let folder: string;
let postgres: PostgresServer;
let systems: System[];

async function start(name: string): Promise<System> {
  return startSystem({
    workers: 1,
    dataDir: join(folder, name),
    env: {
      GATEWRIGHT_NAME: name,
      GATEWRIGHT_DATABASE_URL: postgres.url,
      GATEWRIGHT_MASTER_KEY_FILE: join(folder, 'master.key'),
    },
  });
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-two-'));
  writeFileSync(join(folder, 'master.key'), `mk_1:${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
  postgres = await startPostgres();
  systems = await Promise.all([start('one'), start('two')]);
});

after(async () => {
  for (const system of systems) await system[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function read<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url, types: typesOfSqlite });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

interface Leader {
  readonly holder: string;
  readonly term: number;
}

async function readLeader(): Promise<Leader> {
  const [row] = await read<{ holder: string; term: number }>("select holder, term from leases where name = 'leader'");
  assert.ok(row !== undefined);
  return row;
}

/** Process id of a system's manager; it is in the name under which that holds the lease. */
const managerOf = ({ process: { pid = 0 } }: System) => findVictims(pid, 'manager')[0];

async function parted(): Promise<{ leader: System; other: System }> {
  const { holder } = await readLeader();
  const isLeader = (system: System) => holder.includes(`-${managerOf(system)}-`);
  const [leader, other] = [systems.find(isLeader), systems.find((system) => !isLeader(system))];
  assert.ok(leader !== undefined && other !== undefined, holder);
  return { leader, other };
}

async function assertWhole(system: System): Promise<void> {
  const result = await system.must<{ ok: boolean }>('POST', '/audit/verify', {});
  assert.equal(result.ok, true, JSON.stringify(result));
}

const textOf = async (url: string) => (await fetch(url)).text();

test('what is changed at one is seen at the other at once, and its gateway follows within a second', async () => {
  const [one, two] = systems as [System, System];
  const groups = await one.must<{ total: number }>('GET', '/server-groups');
  assert.equal(groups.total, 1, 'two first starts at once made what is needed once');
  const project = { displayName: 'Hello', kind: 'http', contextPath: '/hello', targetUrl: 'echo:' };
  await one.must('POST', '/projects', project);
  assert.equal((await two.must<{ name: string }>('GET', '/projects/hello')).name, 'hello');
  await two.must('POST', '/projects/hello/policies', { type: 'mock-answer', config: { body: 'first' } });
  await two.run(0, 'policy', 'attach', 'hello/mock-answer');
  // Both gateways are told of by either manager.
  await settled(one, await one.must('POST', '/deployments', { project: 'hello', serverGroup: 'local' }));
  const both = async (system: System) =>
    (await system.must<{ items: { state: string }[] }>('GET', '/gateways')).items.filter(
      ({ state }) => state === 'ready',
    ).length === 2 || undefined;
  await eventually('both gateways are ready, as one says', () => both(one));
  await eventually('both gateways are ready, as the other says', () => both(two));
  const lags: number[] = [];
  for (const [i, [from, to]] of [
    [two, one],
    [one, two],
    [two, one],
    [one, two],
  ].entries() as ArrayIterator<[number, [System, System]]>) {
    await from.must('PATCH', '/projects/hello/policies/mock-answer', { config: { body: `text ${i}` } });
    await from.must('POST', '/deployments', { project: 'hello', serverGroup: 'local' });
    const begun = performance.now();
    await eventually(
      'the gateway of the other manager',
      async () => (await textOf(`${to.gateway}/hello`)) === `text ${i}` || undefined,
    );
    lags.push(performance.now() - begun);
  }
  console.log(`ms from a deployment at one manager to the gateway of the other: ${lags.map(Math.round).join(', ')}`);
  assert.ok(Math.max(...lags) < 1000, `${lags}`);
});

test('changes at both at the same time: no number is lost or given twice, no update is lost, the trail is whole', async () => {
  const changes = Array.from({ length: 60 }, (_, i) => i);
  const made = await Promise.all(
    changes.map((i) => systems[i % 2]?.api('POST', '/clients', { displayName: `Client ${i}` })),
  );
  assert.deepEqual(new Set(made.map((answer) => answer?.status)), new Set([201]));
  const rows = await read<{ seq: number }>("select seq from feed where kind = 'client' order by seq");
  const [first = 0] = rows.map(({ seq }) => seq);
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    changes.map((i) => first + i),
  );
  const same = await Promise.all(
    changes.map((i) => systems[i % 2]?.api('POST', '/clients', { name: 'same', displayName: 'Same' })),
  );
  assert.deepEqual(
    same.map((answer) => answer?.status).sort(),
    [201, ...Array.from({ length: 59 }, () => 409)],
    'a name is given once',
  );
  for (let round = 0; round < 5; round += 1) {
    const seen = await systems[0]?.api('GET', '/clients/same');
    const etag = seen?.headers.get('etag') ?? '';
    const answers = await Promise.all(
      changes
        .slice(0, 8)
        .map((i) =>
          systems[i % 2]?.api('PATCH', '/clients/same', { displayName: `Same ${round} ${i}` }, { 'if-match': etag }),
        ),
    );
    assert.equal(answers.filter((answer) => answer?.status === 200).length, 1, 'of one revision one change is made');
  }
  for (const system of systems) await assertWhole(system);
  const [counted] = await read<{ n: number; last: number }>('select count(*) as n, max(seq) as last from audit');
  assert.equal(counted?.n, counted?.last);
});

test('a leader that is stopped and wakes up leads no more and changes nothing; the trail stays whole', async () => {
  const before = await readLeader();
  const { leader, other } = await parted();
  const pid = managerOf(leader) ?? 0;
  process.kill(pid, 'SIGSTOP');
  const begun = performance.now();
  try {
    await eventually(
      'the other leads',
      async () => (await readLeader()).term > before.term || undefined,
      TAKEN_OVER_MS,
    );
  } finally {
    console.log(`a stopped leader was followed after ${Math.round(performance.now() - begun)} ms`);
    process.kill(pid, 'SIGCONT');
  }
  await other.must('POST', '/clients', { displayName: 'Made meanwhile' });
  await eventually(
    'the one that woke up hears of it',
    async () => (await leader.api('GET', '/clients/made-meanwhile')).status === 200 || undefined,
  );
  const now = await readLeader();
  assert.equal(now.term, before.term + 1);
  assert.notEqual(now.holder, before.holder);
  await assertWhole(leader);
});

test('the leader is killed: the other leads within the lease, goes on, and both trail and feed are whole', async () => {
  const before = await readLeader();
  const { leader, other } = await parted();
  const { pid = 0 } = leader.process;
  const victims = [pid, ...findVictims(pid, 'manager'), ...findVictims(pid, 'gateway'), ...findVictims(pid, 'worker')];
  for (const victim of victims) process.kill(victim, 'SIGKILL');
  const begun = performance.now();
  const during = await other.api('POST', '/clients', { displayName: 'Made at once' });
  assert.equal(during.status, 201, 'a change needs no leader');
  await eventually('the other leads', async () => (await readLeader()).term > before.term || undefined, TAKEN_OVER_MS);
  console.log(`a killed leader was followed after ${Math.round(performance.now() - begun)} ms`);
  const [marks] = await read<{ seq: number }>('select max(seq) as seq from audit_checkpoints');
  await assertWhole(other);
  assert.ok((marks?.seq ?? 0) > 0, 'the trail was signed');
  assert.equal(await textOf(`${other.gateway}/hello`), 'text 3');
});

import assert from 'node:assert/strict';
import { globSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { RETENTION_MS } from '../contract/sample-token.ts';
import { type CassandraCluster, startCassandra, type TestCluster } from '../support/cassandra.ts';
import { judgeRaces, noAnswers, type RaceAnswers, startRaces } from '../support/store-races.ts';
import { eventually } from '../support/system.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);

/** For one test: three nodes take a minute to start on a busy machine. */
const timeout = 60_000 * (rounds + 2);

/** Until it has gone round that a node is away: two time limits of a change, on a busy machine. */
const GO_ON_WITHIN_MS = 9000;

/** Three nodes, which end with the test, also when it takes too long. */
async function startCluster(t: TestContext, runner?: TestCluster['runner']): Promise<CassandraCluster> {
  const cluster = await startCassandra({ nodes: 3, heapMb: 256, ...(runner !== undefined && { runner }) });
  t.after(() => cluster[Symbol.asyncDispose]());
  return cluster;
}

/** The library of Debian's package libfaketime. */
function findFaketime(): string {
  const [found] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  assert.ok(found !== undefined, 'libfaketime is installed');
  return found;
}

/** What the library shares between processes; it stays when they are killed. */
const FAKETIME_MEMORY = '/dev/shm/*faketime_s*_*';

/** Removes what came since. */
const removeFaketimeMemory = (before: readonly string[]) => () => {
  for (const file of globSync(FAKETIME_MEMORY)) if (!before.includes(file)) rmSync(file, { force: true });
};

const openOn = (url: string) =>
  openTokenStore(`${url}/faults?replicationFactor=3`, {
    ...{ clock: systemClock, logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 },
  });

async function run(
  cluster: CassandraCluster,
  fault: (round: number, answers: RaceAnswers) => Promise<void>,
): Promise<RaceAnswers> {
  const answers = noAnswers();
  await using a = await openOn(cluster.url);
  await using b = await openOn(cluster.url);
  for (let round = 0; round < rounds; round += 1) {
    const stop = startRaces([a, b], `round ${round}`, answers);
    await sleep(1500);
    await fault(round, answers);
    await stop();
  }
  return answers;
}

/** Prints what it counted. */
async function judge(cluster: CassandraCluster, answers: RaceAnswers, say: (line: string) => void): Promise<void> {
  await using store = await openOn(cluster.url);
  await judgeRaces(store, answers, (counts) => say(`${rounds} rounds: ${counts}`));
}

test('one of three nodes of Cassandra is killed under load: nothing acknowledged is lost, nothing revoked lives, nothing is given twice', {
  timeout,
}, async (t) => {
  const cluster = await startCluster(t);
  const pauses: number[] = [];
  const answers = await run(cluster, async (round, { live }) => {
    const victim = (round + 1) % 3;
    await cluster.kill(victim);
    const [before, begun] = [live.size, performance.now()];
    // More than can have been under way.
    await eventually('two nodes go on', () => live.size > before + 8 || undefined, GO_ON_WITHIN_MS);
    pauses.push(Math.round(performance.now() - begun));
    await sleep(2000);
    await cluster.start(victim);
    await sleep(1000);
  });
  t.diagnostic(`ms from the end of a node until more was saved: ${pauses.join(', ')}`);
  await judge(cluster, answers, (line) => t.diagnostic(line));
});

test('the clock of one of three nodes of Cassandra is an hour ahead: nothing is lost, nothing revoked lives, nothing is given twice', {
  timeout,
}, async (t) => {
  // Preloaded here and not by the program `faketime`, which would stay between us and Java. Java waits by the monotonic clock, which is left alone.
  const ahead = ['env', `LD_PRELOAD=${findFaketime()}`, 'FAKETIME=+1h'];
  ahead.push('FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_FORCE_MONOTONIC_FIX=0');
  t.after(removeFaketimeMemory(globSync(FAKETIME_MEMORY)));
  const cluster = await startCluster(t, (node) => (node === 1 ? ahead : []));
  const answers = await run(cluster, async (round, { prizes }) => {
    const enough = 24 * (round + 1);
    for (let looks = 0; prizes.length < enough && looks < 300; looks += 1) await sleep(100);
  });
  await judge(cluster, answers, (line) => t.diagnostic(line));
});

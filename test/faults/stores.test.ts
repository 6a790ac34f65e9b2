/** Token stores that are killed, cut off or full while tokens are issued, revoked and verified. Counts are printed; what was acknowledged is there. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { startPostgres } from '../support/postgres.ts';
import { findVictims, isAlive } from '../support/processes.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { startRedis } from '../support/redis.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import {
  assertRefused,
  callApi,
  countTokens,
  NO_LIMITS,
  noTokens,
  startIssuing,
  startRevoking,
  untilItIssues,
} from '../support/store-load.ts';
import { eventually, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);
const timeout = 60_000 * (rounds + 1);
/** What was verified passes for so long without its store, and is refused after that. */
const REMEMBERED_MS = 5000;

const upstream = await startUpstream();
after(() => upstream[Symbol.asyncDispose]());

/** What ends with the test, the last first, also when the test takes too long. */
function stackOf(t: TestContext): AsyncDisposableStack {
  const stack = new AsyncDisposableStack();
  t.after(() => stack.disposeAsync());
  return stack;
}

const servers = { redis: () => startRedis(), postgres: () => startPostgres() };

for (const [kind, start] of Object.entries(servers)) {
  const killed = `SIGKILL of ${kind}, and of a worker, under load: nothing acknowledged is lost, nothing revoked comes back, it recovers by itself`;
  test(killed, { timeout }, async (t) => {
    const stack = stackOf(t);
    const server = stack.use(await start());
    const env = { ...NO_LIMITS, GATEWRIGHT_TOKEN_STORE_URL: server.url };
    const system = stack.use(await startSystem({ env }));
    const made = await quickstart(system, upstream.url);
    const supervisor = system.process.pid ?? 0;
    const faults = {
      [`of ${kind}`]: () => server.killAndStart(),
      'of a worker': async () => {
        const workers = findVictims(supervisor, 'worker');
        const [victim] = workers;
        assert.ok(victim !== undefined);
        process.kill(victim, 'SIGKILL');
        const isNew = (pid: number) => !workers.includes(pid);
        await eventually('a new worker', () => findVictims(supervisor, 'worker').some(isNew) || undefined, 20_000);
        assert.ok(
          workers.every((pid) => pid === victim || isAlive(pid)),
          'other workers go on',
        );
      },
    };
    for (const [what, fault] of Object.entries(faults)) {
      const tokens = noTokens();
      let [refused, slowestMs] = [0, 0];
      for (let round = 0; round < rounds; round += 1) {
        const load = startIssuing(made, tokens);
        const stopRevoking = startRevoking(made, tokens);
        const before = tokens.revoked.size;
        await eventually('some are revoked', () => tokens.revoked.size > before + 5 || undefined);
        await sleep(400);
        await fault();
        await untilItIssues(made);
        await sleep(300);
        await Promise.all([load.stop(), stopRevoking()]);
        refused += load.counts.failed;
        slowestMs = Math.max(slowestMs, load.counts.slowestMs);
        assertRefused(load, what === 'of a worker');
      }
      const found = await countTokens(made, server.url, tokens);
      t.diagnostic(
        `SIGKILL ${what}, ${rounds} rounds: ${tokens.issued.length} tokens acknowledged, ${refused} refused meanwhile, slowest answer ${Math.round(slowestMs)} ms, ${tokens.revoked.size} revoked: ${JSON.stringify(found)}`,
      );
      assert.deepEqual(found, { lost: 0, revived: 0, wrongAtGateway: 0 });
    }
  });

  const cut = `a network cut between gateway and ${kind}: answers stay bounded, what is remembered passes for 5 s, then it recovers`;
  test(cut, { timeout }, async (t) => {
    const stack = stackOf(t);
    const server = stack.use(await start());
    const { hostname, port, protocol, pathname, username } = new URL(server.url);
    const proxy = stack.use(await startCutProxy({ host: hostname, port: Number(port) }));
    const user = username === '' ? '' : `${username}@`;
    const url = `${protocol}//${user}127.0.0.1:${proxy.port}${pathname}`;
    const env = { ...NO_LIMITS, GATEWRIGHT_TOKEN_STORE_URL: url };
    const system = stack.use(await startSystem({ workers: 1, env }));
    const made = await quickstart(system, upstream.url);
    for (let round = 0; round < rounds; round += 1) await cutOnce(made, proxy, (line) => t.diagnostic(line));
  });
}

async function cutOnce(made: Quickstart, proxy: CutProxy, say: (line: string) => void): Promise<void> {
  const get = () => getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const [token, never] = [await get(), await get()];
  assert.equal(await callApi(made, token), 200);
  proxy.cut();
  const begun = performance.now();
  assert.equal(await callApi(made, token), 200, 'it is remembered');
  const tokens = noTokens();
  const first = startIssuing(made, tokens, 8);
  assert.equal(await callApi(made, never), 503, 'what was never verified is not known');
  await sleep(REMEMBERED_MS + 500 - (performance.now() - begun));
  assert.equal(await callApi(made, token), 503, 'what was remembered is too old');
  await first.stop();
  // By now nobody waits any more, but for the one that tries.
  const second = startIssuing(made, tokens, 8);
  await sleep(1000);
  await second.stop();
  for (const load of [first, second]) assertRefused(load);
  assert.equal(tokens.issued.length, 0, 'nothing is issued that is not stored');
  assert.ok(second.counts.failed > 100, `${second.counts.failed} answers in a second`);
  proxy.mend();
  const mended = performance.now();
  await untilItIssues(made);
  const passes = async (one: string) => (await callApi(made, one)) === 200 || undefined;
  await eventually('the tokens pass again', async () => (await passes(token)) && (await passes(never)));
  const slowest = Math.round(Math.max(first.counts.slowestMs, second.counts.slowestMs));
  say(
    `cut off: ${first.counts.failed + second.counts.failed} refused, slowest answer ${slowest} ms; back ${Math.round(performance.now() - mended)} ms after the cut was mended`,
  );
}

const disk = mountSmallDisk(3);
const noDisk = typeof disk === 'string' ? disk : false;
if (typeof disk !== 'string') after(() => disk[Symbol.dispose]());

test('a full disk under the SQLite store: what does not fit is refused, what was acknowledged stays, room brings it back', {
  ...{ timeout, skip: noDisk },
}, async (t) => {
  assert.ok(typeof disk !== 'string');
  const stack = stackOf(t);
  const url = `sqlite:${disk.folder}/tokens.db`;
  const env = { ...NO_LIMITS, GATEWRIGHT_MIN_FREE_BYTES: '0', GATEWRIGHT_TOKEN_STORE_URL: url };
  const system = stack.use(await startSystem({ workers: 1, env }));
  const made = await quickstart(system, upstream.url);
  const tokens = noTokens();
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = tokens.issued.length;
    const load = startIssuing(made, tokens);
    await eventually('the disk is full', () => load.counts.failed > 50 || undefined, 30_000);
    await load.stop();
    assertRefused(load);
    refused += load.counts.failed;
    assert.ok(tokens.issued.length > before, 'some fitted');
    for (const token of tokens.issued.slice(-20))
      assert.equal(await callApi(made, token), 200, 'read while it is full');
    disk.resize(3 + 2 * (round + 1));
    await untilItIssues(made);
  }
  await system.stop();
  const again = stack.use(await startSystem({ workers: 1, env, dataDir: system.dataDir }));
  const moved = { ...made, apiUrl: again.gateway + new URL(made.apiUrl).pathname };
  const found = await countTokens(moved, url, tokens);
  t.diagnostic(
    `${rounds} rounds: ${tokens.issued.length} tokens acknowledged, ${refused} refused; after a restart ${JSON.stringify(found)}`,
  );
  assert.ok(tokens.issued.length > 100, `${tokens.issued.length} tokens fitted`);
  assert.deepEqual(found, { lost: 0, revived: 0, wrongAtGateway: 0 });
});

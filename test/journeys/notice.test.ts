import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Monitor } from '#core/model/overview/traffic';
import { startLoad } from '../support/load.ts';
import { deployAndWait, quickstart } from '../support/quickstart.ts';
import { eventually, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

const CONNECTIONS = 2;
const PAUSE_MS = 100; // about 20 requests a second
const TOLD_WITHIN_MS = 15_000;

test('a deployment to a dead port is told within 15 s, every call is counted exactly, and a roll back ends the notice', async () => {
  await using upstream = await startUpstream();
  await using system = await startSystem();
  const made = await quickstart(system, upstream.url);
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const load = () =>
    startLoad({
      ...{ url: `${made.apiUrl}/1`, headers: () => ({ authorization: `Bearer ${token}` }), connections: CONNECTIONS },
      ...{ wantedStatus: 200, limitMs: 60_000, pauseMs: PAUSE_MS },
    });
  const monitor = () => system.must<Monitor>('GET', '/metrics/monitor?project=orders-api&serverGroup=local');
  // Setting up makes calls of its own; they are counted within a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { requests: earlier } = (await monitor()).totals;
  const first = load();
  await eventually('some were counted', async () => (await monitor()).totals.requests > 40 || undefined, 20_000);
  assert.deepEqual((await monitor()).notices, []);

  await system.run(0, 'target', 'set', 'orders-api/default', 'urls=http://127.0.0.1:1');
  await deployAndWait(system, 'orders-api');
  const deployedAt = performance.now();
  const told = await eventually('it is told', async () => (await monitor()).notices[0], TOLD_WITHIN_MS);
  assert.ok(performance.now() - deployedAt < TOLD_WITHIN_MS);
  assert.match(
    told.sentence,
    /^5xx went from 0% to \d+% at \d\d:\d\d UTC\. It began (?:\d+ s after|as) .* v2 was deployed\.$/,
  );
  assert.deepEqual([told.version, told.previousVersion, told.serverGroup], [2, 1, 'local']);
  assert.match((await system.run(0, 'status')).stdout, /5xx went from 0%/);

  const counts = await first.stop();
  const exact = await eventually('all are counted', async () => {
    const shown = await monitor();
    return shown.totals.requests >= earlier + counts.calls ? shown : undefined;
  });
  assert.equal(exact.totals.requests, earlier + counts.calls);
  assert.equal(exact.totals.serverErrors, counts.failed);
  assert.deepEqual(
    exact.deployments.map(({ version }) => version),
    [1, 2],
  );

  await system.run(0, 'rollback', 'orders-api', '--on', 'local', '--reason', 'dead port');
  assert.deepEqual((await monitor()).notices, []);
});

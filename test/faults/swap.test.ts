import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../support/load.ts';
import { findVictims } from '../support/processes.ts';
import { deployAndWait, quickstart, settled } from '../support/quickstart.ts';
import { eventually, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);

test('deploy, roll back and rolling restart under load: no request fails', async (t) => {
  await using upstream = await startUpstream();
  await using system = await startSystem();
  const made = await quickstart(system, upstream.url);
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const load = startLoad({
    url: `${made.apiUrl}/1`,
    headers: () => ({ authorization: `Bearer ${token}` }),
    connections: 8,
    wantedStatus: 200,
    limitMs: 120_000 * rounds,
  });
  const tokens = startLoad({
    url: made.tokenUrl,
    method: 'POST',
    connections: 2,
    wantedStatus: 200,
    limitMs: 120_000 * rounds,
    pauseMs: 30,
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
  });
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < 3; i += 1) {
      await system.must('PATCH', '/projects/orders-api', { description: `round ${round} change ${i}` });
      await deployAndWait(system, 'orders-api');
    }
    await settled(
      system,
      await system.must('POST', '/deployments/rollback', { project: 'orders-api', serverGroup: 'local' }),
    );
    const before = findVictims(system.process.pid ?? 0, 'worker');
    system.process.kill('SIGHUP');
    await eventually(
      'every worker replaced',
      () => {
        const now = findVictims(system.process.pid ?? 0, 'worker');
        return now.length === before.length && now.every((pid) => !before.includes(pid)) ? true : undefined;
      },
      40_000,
    );
    await sleep(300);
  }
  const [calls, issued] = [await load.stop(), await tokens.stop()];
  t.diagnostic(`${calls.calls} calls, ${calls.failed} failed; ${issued.calls} token requests, ${issued.failed} failed`);
  assert.deepEqual(calls.failures, []);
  assert.deepEqual(issued.failures, []);
  assert.ok(calls.good > 100 * rounds);
});

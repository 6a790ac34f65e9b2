import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, startLoad } from '../support/load.ts';
import { type LoneGateway, startJoinedGateway } from '../support/lone-gateway.ts';
import { findVictims } from '../support/processes.ts';
import { quickstart, settled } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

// Two server groups on one machine: the gateway of `gatewright start`, and two that joined over TLS, each with a data directory of its own.
// All use one token store, the file of the manager's data directory.

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);

interface Gateway {
  readonly origin: string;
  readonly group: string;
}

async function deployTo(system: System, project: string, serverGroup: string) {
  return settled(system, await system.must('POST', '/deployments', { project, serverGroup }));
}

/** Kills the manager; its supervisor starts it again. Resolves when it answers, and hears every gateway. */
async function killManager(system: System, gateways: number): Promise<void> {
  const supervisor = system.process.pid ?? 0;
  const [pid] = findVictims(supervisor, 'manager');
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGKILL');
  await eventually('another manager', () => findVictims(supervisor, 'manager').some((now) => now !== pid) || undefined);
  await eventually(
    'it hears every gateway',
    async () => {
      const answer = await system.api<{ items: { state: string }[] }>('GET', '/gateways').catch(() => undefined);
      const ready = answer?.body?.items?.filter(({ state }) => state === 'ready') ?? [];
      return ready.length === gateways || undefined;
    },
    20_000,
  );
}

async function statusOf(url: string, token: string): Promise<number> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

test('two server groups, three gateways, a manager that dies: no request fails because of what is done', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-groups-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await using upstream = await startUpstream();
  await using system = await startSystem({ workers: 1 });
  const made = await quickstart(system, upstream.url);
  await system.must('POST', '/server-groups', { displayName: 'Edge' });
  const start = (name: string): Promise<LoneGateway> =>
    startJoinedGateway({ system, group: 'edge', name, dataDir: join(folder, name) });
  await using one = await start('edge-1');
  await using two = await start('edge-2');
  for (const project of ['access-token', 'orders-api']) await deployTo(system, project, 'edge');

  const { consumerKey, consumerSecret } = made;
  const tokenPath = new URL(made.tokenUrl).pathname;
  const apiPath = `${new URL(made.apiUrl).pathname}/1`;
  const gateways: Gateway[] = [
    { origin: system.gateway, group: 'local' },
    { origin: one.address, group: 'edge' },
    { origin: two.address, group: 'edge' },
  ];
  // A token of one gateway is good on the others of its group: they share the store.
  const tokens = new Map<string, string>();
  for (const { group, origin } of gateways)
    tokens.set(group, await getToken(origin + tokenPath, consumerKey, consumerSecret));
  const calling = gateways.map(({ origin, group }) =>
    startLoad({
      url: origin + apiPath,
      headers: () => ({ authorization: `Bearer ${tokens.get(group)}` }),
      ...{ connections: 2, wantedStatus: 200, limitMs: 120_000 * rounds, pauseMs: 5 },
    }),
  );
  const issuing = gateways.map(({ origin }) =>
    startLoad({
      url: origin + tokenPath,
      method: 'POST',
      headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
      body: `grant_type=client_credentials&client_id=${consumerKey}&client_secret=${consumerSecret}`,
      ...{ connections: 1, wantedStatus: 200, limitMs: 120_000 * rounds, pauseMs: 50 },
    }),
  );

  // Somebody else, whose subscription is suspended.
  const other = await system.must<{ name: string }>('POST', '/clients', { displayName: 'Somebody else' });
  const subscription = await system.must<{ name: string }>('POST', '/subscriptions', {
    client: other.name,
    product: (await system.must<{ items: { name: string }[] }>('GET', '/products')).items[0]?.name,
  });
  const keys = await system.must<{ consumerKey: string; consumerSecret: string }>(
    'POST',
    `/subscriptions/${subscription.name}/keys`,
    {},
  );

  for (let round = 0; round < rounds; round += 1) {
    for (const group of ['edge', 'local']) {
      await system.must('PATCH', '/projects/orders-api', { description: `round ${round} ${group}` });
      await deployTo(system, 'orders-api', group);
      const back = await system.must<{ id: string; version: number }>('POST', '/deployments/rollback', {
        project: 'orders-api',
        serverGroup: group,
      });
      await settled(system, back);
    }

    await killManager(system, gateways.length);

    const client = await clientOf(system, consumerKey);
    const rotated = await system.run(0, 'client', 'rotate', client, '--keep-old', '1h', '--show');
    const secret = /gws_[0-9A-Za-z]{49}/.exec(rotated.stdout)?.[0] ?? '';
    for (const { origin } of gateways)
      await eventually('the new secret is good', () =>
        getToken(origin + tokenPath, consumerKey, secret).then(
          () => true,
          () => undefined,
        ),
      );

    // Ended again: a key has five secrets at most, and the load goes on with the first.
    await system.run(0, 'client', 'end-secret', client, await currentSecret(system, client), '--yes');

    const others = new Map<string, string>();
    for (const { origin, group } of gateways)
      others.set(group, await getToken(origin + tokenPath, keys.consumerKey, keys.consumerSecret));
    await system.must('POST', `/subscriptions/${subscription.name}/suspend`, {});
    for (const { origin, group } of gateways)
      await eventually(
        'the suspended one is refused',
        async () => (await statusOf(origin + apiPath, others.get(group) ?? '')) !== 200 || undefined,
        5_000,
      );
    await system.must('POST', `/subscriptions/${subscription.name}/resume`, {});
    for (const { origin } of gateways)
      await eventually('it is let in again', () =>
        getToken(origin + tokenPath, keys.consumerKey, keys.consumerSecret).then(
          () => true,
          () => undefined,
        ),
      );
    await sleep(200);
  }
  const stop = (loads: readonly Load[]) => Promise.all(loads.map((load) => load.stop()));
  const [calls, issued] = [await stop(calling), await stop(issuing)];
  const sum = (counts: typeof calls) => counts.reduce((all, { calls: n }) => all + n, 0);
  t.diagnostic(`${sum(calls)} calls, ${sum(issued)} token requests on three gateways`);
  assert.deepEqual(
    calls.map(({ failures }) => failures),
    [[], [], []],
  );
  assert.deepEqual(
    issued.map(({ failures }) => failures),
    [[], [], []],
  );
  assert.ok(calls.every(({ good }) => good > 50));
});

/** The name of the secret of a client that nobody has replaced yet. */
async function currentSecret(system: System, client: string): Promise<string> {
  interface Keys {
    items: { secrets: { name: string; state: string }[] }[];
  }
  const { items } = await system.must<Keys>('GET', `/clients/${client}/keys`);
  return items.flatMap(({ secrets }) => secrets).find(({ state }) => state === 'current')?.name ?? '';
}

/** The name of the client that has a consumer key. */
async function clientOf(system: System, consumerKey: string): Promise<string> {
  const { items } = await system.must<{ items: { client: string; consumerKey?: string }[] }>('GET', '/subscriptions');
  return items.find((item) => item.consumerKey === consumerKey)?.client ?? '';
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { startLoad } from '../support/load.ts';
import { findVictims, isAlive, type Victim } from '../support/processes.ts';
import { quickstart, settled } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);

/** What the manager acknowledged while processes were killed. */
interface Acknowledged {
  readonly clients: string[];
  /** Secrets by subscription. */
  readonly secrets: { consumerKey: string; consumerSecret: string }[];
  deployedVersion: number;
}

/** Makes clients, subscriptions, secrets and deployments until stopped; what failed is not counted, what was acknowledged is. */
function startChanges(system: System, name: string, acknowledged: Acknowledged) {
  let stopped = false;
  const loop = (async () => {
    for (let i = 0; !stopped && i < 500; i += 1) {
      try {
        const client = await system.api<{ name: string }>('POST', '/clients', { displayName: `Client ${name} ${i}` });
        if (client.status === 201) {
          acknowledged.clients.push(client.body.name);
          const subscription = await system.api<{ name: string }>('POST', '/subscriptions', {
            client: client.body.name,
            product: 'shop',
          });
          if (subscription.status === 201) {
            const key = await system.api<{ consumerKey: string; consumerSecret: string }>(
              'POST',
              `/subscriptions/${subscription.body.name}/keys`,
              {},
            );
            if (key.status === 201)
              acknowledged.secrets.push({ consumerKey: key.body.consumerKey, consumerSecret: key.body.consumerSecret });
          }
        }
        if (i % 3 === 0) {
          await system.api('PATCH', '/projects/orders-api', { description: `${name} ${i}` });
          const deployed = await system.api<{ version: number }>('POST', '/deployments', {
            project: 'orders-api',
            serverGroup: 'local',
          });
          if (deployed.status === 201)
            acknowledged.deployedVersion = Math.max(acknowledged.deployedVersion, deployed.body.version);
        }
      } catch {
        await sleep(20); // the manager is being started again
      }
    }
  })();
  return async () => {
    stopped = true;
    await loop;
  };
}

async function statusOf(url: string, token: string): Promise<number> {
  const answer = await request(url, { headers: { authorization: `Bearer ${token}` } });
  await answer.body.dump();
  return answer.statusCode;
}

for (const victim of ['worker', 'gateway', 'manager', 'supervisor'] as const satisfies readonly Victim[]) {
  test(`kill -9 of the ${victim} under load: nothing acknowledged is lost`, async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-kill-'));
    await using upstream = await startUpstream();
    let system = await startSystem({ dataDir, env: { GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '100000' } });
    try {
      const made = await quickstart(system, upstream.url);
      const tokens: string[] = [await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret)];
      const acknowledged: Acknowledged = { clients: [], secrets: [], deployedVersion: 0 };
      const pathOf = (url: string) => new URL(url).pathname;
      for (let round = 0; round < rounds; round += 1) {
        const load = startLoad({
          url: system.gateway + pathOf(made.tokenUrl),
          method: 'POST',
          connections: 4,
          wantedStatus: 200,
          limitMs: 30_000,
          headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
          body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
          onAnswer: (body) => tokens.push((JSON.parse(body) as { access_token: string }).access_token),
        });
        const stopChanges = startChanges(system, `${victim} ${round}`, acknowledged);
        await sleep(200 + Math.random() * 800);
        const supervisor = system.process.pid ?? 0;
        const [pid] = findVictims(supervisor, victim);
        assert.ok(pid !== undefined, `there is a ${victim}`);
        const others = victim === 'worker' ? findVictims(supervisor, 'worker').filter((other) => other !== pid) : [];
        const children =
          victim === 'supervisor'
            ? [
                ...findVictims(supervisor, 'manager'),
                ...findVictims(supervisor, 'gateway'),
                ...findVictims(supervisor, 'worker'),
              ]
            : [];
        process.kill(pid, 'SIGKILL');
        if (victim === 'supervisor') {
          await eventually(
            'its children end too',
            () => (children.every((child) => !isAlive(child)) ? true : undefined),
            15_000,
          );
        } else {
          await eventually(
            `a new ${victim}`,
            () =>
              findVictims(supervisor, victim).some((now) => now !== pid && !others.includes(now)) ? true : undefined,
            20_000,
          );
          for (const other of others) assert.ok(isAlive(other), 'other workers go on');
        }
        await sleep(300);
        await load.stop();
        await stopChanges();
        if (victim === 'supervisor') {
          await system.stop();
          system = await startSystem({ dataDir, env: { GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '100000' } });
        }
        const api = system.gateway + pathOf(made.apiUrl);
        await eventually(
          'the gateway serves',
          async () => ((await statusOf(`${api}/1`, tokens[0] ?? '').catch(() => 0)) === 200 ? true : undefined),
          20_000,
        );
        const sample =
          tokens.length <= 400
            ? tokens
            : [...tokens.slice(-200), ...tokens.filter((_, i) => i % Math.ceil(tokens.length / 200) === 0)];
        for (const token of sample)
          assert.equal(await statusOf(`${api}/1`, token), 200, 'an acknowledged token is live');
      }
      await eventually(
        'the manager answers',
        async () => ((await system.api('GET', '/status').catch(() => undefined))?.status === 200 ? true : undefined),
        20_000,
      );
      for (const client of acknowledged.clients)
        assert.equal((await system.api('GET', `/clients/${client}`)).status, 200, client);
      for (const { consumerKey, consumerSecret } of acknowledged.secrets) {
        await eventually(
          'an acknowledged secret gets a token',
          () => getToken(system.gateway + pathOf(made.tokenUrl), consumerKey, consumerSecret).catch(() => undefined),
          10_000,
        );
      }
      const live = await system.must<{ items: { id: string; version: number }[] }>(
        'GET',
        '/deployments?project=orders-api&state=live',
      );
      assert.ok((live.items[0]?.version ?? 0) >= acknowledged.deployedVersion, 'an acknowledged deployment is live');
      if (live.items[0] !== undefined) await settled(system, live.items[0]);
      t.diagnostic(
        `${rounds} rounds: ${tokens.length} tokens, ${acknowledged.clients.length} clients, ${acknowledged.secrets.length} secrets, version ${acknowledged.deployedVersion}: none lost`,
      );
      assert.ok(tokens.length > 10 && acknowledged.clients.length > 0);
    } finally {
      await system.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
}

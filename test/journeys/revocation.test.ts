import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { StandingKind } from '#core/standing';
import { openTokenStore } from '#stores/open';
import { findVictims } from '../support/processes.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { measureSpread } from '../support/refusal.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';

// Revocation reaches every worker within a second: by push of the manager, and by the token store's own feed when the manager is gone.

const LIMIT_MS = 1_000;

let system: System;
let made: Quickstart;
let worstMs = 0;

before(async () => {
  system = await startSystem({ workers: 3 });
  made = await quickstart(system, 'echo:');
});

after(async () => {
  process.kill(supervisor(), 'SIGCONT');
  await system[Symbol.asyncDispose]();
});

const supervisor = () => system.process.pid ?? 0;

interface Consumer {
  readonly client: { readonly id: string; readonly name: string };
  readonly subscription: { readonly id: string; readonly name: string };
  readonly secret: { readonly id: string };
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
}

/** A client of its own with a live token. */
async function newConsumer(name: string): Promise<Consumer> {
  const client = await system.must<Consumer['client']>('POST', '/clients', { displayName: name });
  const wish = { client: client.name, product: 'shop' };
  const subscription = await system.must<Consumer['subscription']>('POST', '/subscriptions', wish);
  const path = `/subscriptions/${subscription.name}/keys`;
  const keys = await system.must<Omit<Consumer, 'client' | 'subscription' | 'token'>>('POST', path, {});
  const token = await eventually('a token', () =>
    getToken(made.tokenUrl, keys.consumerKey, keys.consumerSecret).catch(() => undefined),
  );
  return { ...keys, client, subscription, token };
}

/** Does something against a consumer and holds the bound. Gives the statuses of the calls after that. */
async function holds(consumer: Consumer, act: () => Promise<unknown>): Promise<number[]> {
  const spread = await measureSpread({ url: `${made.apiUrl}/1`, token: consumer.token }, act);
  worstMs = Math.max(worstMs, spread.lastPassedMs);
  assert.ok(spread.lastPassedMs < LIMIT_MS, `the last call passed after ${spread.lastPassedMs} ms`);
  assert.ok(spread.calls > 50, `${spread.calls} calls`);
  return [...spread.refused];
}

const statusOf = async (token: string) =>
  (await fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } })).status;

test('with the manager: revoke, disable, suspend, end of a secret and of a subscription', async (t) => {
  const revoked = await newConsumer('Revoked');
  assert.deepEqual(
    await holds(revoked, () =>
      system.must('POST', `/clients/${revoked.client.name}/revoke-tokens`, { reason: 'lost' }),
    ),
    [401],
  );
  const again = await getToken(made.tokenUrl, revoked.consumerKey, revoked.consumerSecret);
  assert.equal(await statusOf(again), 200, 'a new token is not touched');

  const disabled = await newConsumer('Disabled');
  assert.deepEqual(
    await holds(disabled, () => system.must('POST', `/clients/${disabled.client.name}/disable`, {})),
    [401],
  );
  const refused = await postForm(made.tokenUrl, {
    grant_type: 'client_credentials',
    client_id: disabled.consumerKey,
    client_secret: disabled.consumerSecret,
  });
  assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
  await system.must('POST', `/clients/${disabled.client.name}/enable`, {});
  await eventually('let in again', async () => ((await statusOf(disabled.token)) === 200 ? true : undefined), 2_000);

  const suspended = await newConsumer('Suspended');
  const path = `/subscriptions/${suspended.subscription.name}`;
  assert.deepEqual(await holds(suspended, () => system.must('POST', `${path}/suspend`, {})), [403]);
  await system.must('POST', `${path}/resume`, {});
  await eventually('let in again', async () => ((await statusOf(suspended.token)) === 200 ? true : undefined), 2_000);
  assert.deepEqual(await holds(suspended, () => system.must('POST', `${path}/end`, {})), [403]);

  const leaked = await newConsumer('Leaked');
  const secret = `/subscriptions/${leaked.subscription.name}/secrets/${leaked.secret.id}/end`;
  assert.deepEqual(await holds(leaked, () => system.must('POST', secret, { revokeTokens: true })), [401]);
  t.diagnostic(`the last call of all passed ${worstMs} ms after its revocation was asked for`);
});

test('with the manager killed: what is written to the token store takes effect from there', async (t) => {
  const consumers = {
    client: await newConsumer('By client'),
    subscription: await newConsumer('By subscription'),
    secret: await newConsumer('By secret'),
  };
  const disabled = await newConsumer('Disabled in the store');
  const suspended = await newConsumer('Suspended in the store');
  const url = `sqlite:${join(system.dataDir, 'tokens.db')}`;
  await using store = await openTokenStore(url, { clock: systemClock, logger: noLogger, retentionMs: 7_200_000 });
  await killManager();
  worstMs = 0;
  const write = (kind: StandingKind, id: string, change: { generation?: number; active?: boolean }) =>
    store.writeStandings([
      { kind, id, generation: 1, active: true, by: 'test', at: Date.now(), reason: undefined, ...change },
    ]);
  for (const [kind, consumer] of Object.entries(consumers) as [keyof typeof consumers, Consumer][])
    assert.deepEqual(await holds(consumer, () => write(kind, consumer[kind].id, { generation: 2 })), [401], kind);
  assert.deepEqual(await holds(disabled, () => write('client', disabled.client.id, { active: false })), [401]);
  assert.deepEqual(
    await holds(suspended, () => write('subscription', suspended.subscription.id, { active: false })),
    [403],
  );
  t.diagnostic(`the last call of all passed ${worstMs} ms after its revocation was written`);
  assert.deepEqual(findVictims(supervisor(), 'manager'), [], 'the manager was away all the time');
  await resumeManager();
});

test('heard of neither for 5 s, a worker serves where its server group says so, else refuses', async () => {
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const feed = new DatabaseSync(join(system.dataDir, 'tokens.db'), { timeout: 5_000 });
  const call = () => fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  await system.run(0, 'group', 'set', 'local', 'whenStale=serve');
  await level();
  feed.exec('ALTER TABLE feed RENAME TO feed_hidden');
  await sleep(5_500);
  assert.equal((await readiness()).state, 'ready', 'the manager alone is enough');
  await killManager();
  const degraded = await eventually('nothing is heard', async () => {
    const now = await readiness();
    return now.state === 'degraded' ? now.text : undefined;
  });
  assert.match(degraded, /neither the manager nor the token store was heard for \d+ s/);
  const served = await call();
  assert.equal(served.status, 200);
  const lag = /token_store_staleness_seconds(?:\{[^}]*\})? ([\d.]+)/.exec(await (await admin('/metrics')).text())?.[1];
  assert.ok(Number(lag) > 4, `token_store_staleness_seconds ${lag}`);

  feed.exec('ALTER TABLE feed_hidden RENAME TO feed');
  await eventually('the store alone is enough', async () => (await readiness()).state === 'ready' || undefined, 2_500);
  await resumeManager();
  const record = await eventually('its record', async () => {
    const answer = await system.api('GET', `/requests/${served.headers.get('x-request-id')}`);
    return answer.status === 200 ? JSON.stringify(answer.body) : undefined;
  });
  assert.match(record, /"revocationStateStaleMs":[5-9]\d{3}/);

  await system.run(0, 'group', 'set', 'local', 'whenStale=refuse');
  await level();
  feed.exec('ALTER TABLE feed RENAME TO feed_hidden');
  await killManager();
  const refused = await eventually('stale', async () => {
    const answer = await call();
    return answer.status === 503 ? answer : undefined;
  });
  assert.equal(((await refused.json()) as { code: string }).code, 'revocation_state_stale');
  assert.equal((await fetch(`${system.gateway}/open/1`)).status, 200, 'what needs no token goes on');
  feed.exec('ALTER TABLE feed_hidden RENAME TO feed');
  feed.close();
  await eventually('let in again', async () => ((await statusOf(token)) === 200 ? true : undefined), 2_000);
});

const admin = (path: string) => fetch((/"admin":"(http:[^"]+)"/.exec(system.log())?.[1] ?? '') + path);

async function readiness(): Promise<{ state: string; text: string }> {
  const text = await (await admin('/readyz')).text();
  return { state: (JSON.parse(text) as { state: string }).state, text };
}

/** Kills the manager and keeps its supervisor from starting another. */
async function killManager(): Promise<void> {
  process.kill(supervisor(), 'SIGSTOP');
  for (const pid of findVictims(supervisor(), 'manager')) process.kill(pid, 'SIGKILL');
  await eventually('it is gone', () => findVictims(supervisor(), 'manager').length === 0 || undefined);
}

async function resumeManager(): Promise<void> {
  process.kill(supervisor(), 'SIGCONT');
  await level();
}

/** Waits until the gateway has all that the manager has. */
async function level(): Promise<void> {
  await eventually('the gateway is level with the manager', async () => {
    type Status = { gateways: { state: string; lag: number }[] };
    const answer = await system.api<Status>('GET', '/status').catch(() => undefined);
    return answer?.body.gateways.every(({ state, lag }) => state === 'ready' && lag === 0) || undefined;
  });
}

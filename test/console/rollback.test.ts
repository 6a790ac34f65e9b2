import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { type LoneGateway, startLoneGateway } from '../support/lone-gateway.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// Journey 3 in the console: a bad deployment is seen within seconds, and taken back without harm, on two gateways.

/** What became of one call of the load, in epoch ms. */
interface Call {
  readonly begunAt: number;
  /** 0: no answer. */
  readonly status: number;
  readonly code: string;
}

let system: System;
let second: LoneGateway;
let made: Quickstart;
let browser: Browser;
let console: Console;
let page: Page;
let load: { readonly calls: Call[]; stop(): Promise<void> };
/** When v4 was deployed, and when the last gateway was back on v3. */
let brokenAt = 0;
let backAt = 0;

before(async () => {
  system = await startSystem({ workers: 1 });
  second = await startLoneGateway(system.dataDir, { GATEWRIGHT_NAME: 'two', GATEWRIGHT_GATEWAY_PORT: '0' });
  made = await quickstart(system, 'echo:');
  for (const description of ['Better', 'Best']) {
    await system.must('PATCH', '/projects/orders-api', { description });
    await deployAndWait(system, 'orders-api');
  }
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
});

after(async () => {
  await load?.stop();
  await browser?.close();
  await second?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });

/** 10 calls a second at each gateway, for at most 30 s. */
function startCalls(token: string): typeof load {
  const calls: Call[] = [];
  const end = Date.now() + 30_000;
  let isStopped = false;
  const headers = { authorization: `Bearer ${token}` };
  const loop = async (origin: string) => {
    while (!isStopped && Date.now() < end) {
      const begunAt = Date.now();
      try {
        const answer = await fetch(`${origin}/orders/1`, { headers });
        const text = await answer.text();
        const { code = '' } = answer.ok ? {} : (JSON.parse(text) as { code?: string });
        calls.push({ begunAt, status: answer.status, code });
      } catch (error) {
        calls.push({ begunAt, status: 0, code: String(error) });
      }
      await sleep(100);
    }
  };
  const loops = Promise.all([system.gateway, second.address].map(loop));
  return {
    calls,
    async stop() {
      isStopped = true;
      await loops;
    },
  };
}

test('within 15 s of a bad deployment the Monitor says what changed, since when and after what', async () => {
  load = startCalls(await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret));
  await page.goto('/monitor');
  await sleep(4_000);
  assert.deepEqual(
    load.calls.filter(({ status }) => status !== 200),
    [],
  );
  await system.must('PATCH', '/projects/orders-api/targets/default', {
    urls: [{ url: 'http://127.0.0.1:1', weight: 1 }],
    retries: 0,
  });
  brokenAt = Date.now();
  assert.equal((await deployAndWait(system, 'orders-api')).version, 4);
  await page
    .getByRole('status')
    .filter({
      hasText: /5xx went from 0% to \d+% at \d\d:\d\d UTC\. It began (as|.* after) Orders API v4 was deployed/,
    })
    .waitFor({ timeout: 15_000 - (Date.now() - brokenAt) });
  await page.getByRole('region', { name: 'Requests per second' }).getByRole('button', { name: 'Table' }).click();
  await page.getByText(/Orders API v4 deployed/).waitFor();
  await page.getByRole('region', { name: 'Requests per second' }).getByRole('button', { name: 'Chart' }).click();
  await console.check('journey-3-notice');
});

test('Roll back… shows from where to where, what changes and what stays, and asks for the reason', async () => {
  await button('Roll back…').click();
  const dialog = page.getByRole('dialog', { name: 'Roll back Orders API' });
  await dialog
    .getByRole('region', { name: '2 changes from v4 to v3' })
    .getByText(/http:\/\/127\.0\.0\.1:1/)
    .waitFor();
  await dialog.getByText('Not rolled back: consumer keys, subscriptions, quota counters.').waitFor();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('dead target');
  await dialog
    .getByText('gatewright rollback orders-api --on local --to v3')
    .or(dialog.getByText('Show command'))
    .first()
    .waitFor();
  await console.check('journey-3-dialog');
  await dialog.getByRole('button', { name: 'Roll back to v3' }).click();
  await dialog.getByRole('heading', { name: 'Live' }).waitFor();
  const gateways = dialog.getByRole('list', { name: 'Gateways' }).getByRole('listitem');
  assert.equal(await gateways.filter({ hasText: 'on v3' }).count(), 2);
  await console.check('journey-3-rolled-back');
});

test('no call that began after the last gateway was back failed, and none failed because of the switch', async () => {
  const { items } = await system.must<{
    items: { createdAt: number; version: number; kind: string; gateways: { state: string; afterMs?: number }[] }[];
  }>('GET', '/deployments?project=orders-api');
  const [now] = items;
  assert.ok(now !== undefined && now.version === 3 && now.kind === 'rollback');
  assert.deepEqual(
    now.gateways.map(({ state }) => state),
    ['running', 'running'],
  );
  backAt = now.createdAt + Math.max(...now.gateways.map(({ afterMs = 0 }) => afterMs));
  await sleep(Math.max(0, backAt + 2_000 - Date.now()));
  await load.stop();
  const after = load.calls.filter(({ begunAt }) => begunAt > backAt);
  assert.ok(after.length >= 10, `${after.length} calls`);
  assert.deepEqual(
    after.filter(({ status }) => status !== 200),
    [],
  );
  // All that failed, failed at the dead target.
  const failed = load.calls.filter(({ status }) => status !== 200);
  assert.ok(failed.length > 0);
  assert.deepEqual(
    failed.filter(({ status, code, begunAt }) => status !== 502 || code !== 'bad_gateway' || begunAt < brokenAt),
    [],
  );
});

test('the dialog stays open with its undo, though the notice is over', async () => {
  await page.getByText(/5xx went from/).waitFor({ state: 'hidden' });
  await button('Deploy v4 again').waitFor();
  await button('Done').click();
});

test('the project says from which version it was rolled back, and its draft still is v4', async () => {
  await page.goto('/projects/orders-api');
  await page.getByText('v3 live in Local (rolled back from v4)').waitFor();
  const diff = await system.must<{ changes: unknown[] }>('GET', '/projects/orders-api/diff?from=v4&to=draft');
  assert.deepEqual(diff.changes, []);
  await console.check('journey-3-project');
});

test('the deployments say what was rolled back, by whom and why; so does the audit trail', async () => {
  await page.goto('/deployments?project=orders-api');
  const rows = page.getByRole('table', { name: 'deployments' }).getByRole('row');
  const back = rows.filter({ has: page.getByRole('link', { name: /^v3, rolled back to/ }) });
  await back.getByText('Live', { exact: true }).waitFor();
  await back.getByText('rolled back from v4').waitFor();
  await back.getByText('dead target').waitFor();
  await back.getByText(/^admin/).waitFor();
  await rows
    .filter({ has: page.getByRole('link', { name: /^v4, deployed/ }) })
    .getByText('Rolled back', { exact: true })
    .waitFor();
  await console.check('journey-3-deployments');
  await page.goto('/audit');
  const line = page
    .getByRole('row')
    .filter({ hasText: 'Orders API was rolled back on Local from v4 to v3 (dead target)' });
  await line.getByText('admin', { exact: true }).waitFor();
});

test('the roll back is undone by deploying v4 again', async () => {
  await page.goto('/deployments?project=orders-api');
  await page.getByRole('link', { name: /^v3, rolled back to/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Deployment' });
  await dialog.getByRole('button', { name: 'Deploy v4 again' }).click();
  await dialog.getByText('Live', { exact: true }).first().waitFor();
  await eventually('v4 answers', async () => {
    const { items } = await system.must<{ items: { version: number; state: string }[] }>(
      'GET',
      '/deployments?project=orders-api',
    );
    return items[0]?.version === 4 && items[0].state === 'live';
  });
  console.assertQuiet();
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';

// Journey 4 in the console: the secret of a client that runs is replaced, and no call of it fails.

let system: System;
let made: Quickstart;
let browser: Browser;
let console: Console;
let page: Page;
/** The subscription that is rotated, and another one of the same client. */
let subscription = '';
let other = '';
let tokenOfA = '';
let secretB = '';
/** When the loop moved to the new secret. */
let movedAt = 0;

/** A client at work: gets a token with its secret and calls, five times a second. */
const client = { secret: '', calls: 0, failures: [] as string[], isStopped: false, ended: Promise.resolve() };

before(async () => {
  system = await startSystem();
  made = await quickstart(system, 'echo:');
  const { items } = await system.must<{ items: { name: string }[] }>('GET', '/subscriptions?client=mobile-shop');
  subscription = items[0]?.name ?? '';
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
  client.secret = made.consumerSecret;
  client.ended = work();
});

after(async () => {
  client.isStopped = true;
  await client.ended;
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

async function work(): Promise<void> {
  while (!client.isStopped) {
    client.calls += 1;
    try {
      const token = await getToken(made.tokenUrl, made.consumerKey, client.secret);
      const answer = await callWith(token);
      if (answer.status !== 200) client.failures.push(`${answer.status} ${await answer.text()}`);
      else await answer.arrayBuffer();
    } catch (error) {
      client.failures.push(String(error));
    }
    await sleep(200);
  }
}

const callWith = (token: string) => fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
const secrets = (of = subscription) => page.getByRole('table', { name: `Secrets of ${of}`, exact: true });
const row = (name: string, of?: string): Locator => secrets(of).getByRole('row').filter({ hasText: name });
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });

/** Opens Client → Keys, as a person goes there. */
async function openKeys(): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Clients', exact: true }).click();
  await page.getByRole('link', { name: 'Mobile shop' }).click();
  await page.getByRole('tab', { name: 'Keys' }).click();
  await secrets().waitFor();
}

async function openEnd(name: string, of?: string): Promise<Locator> {
  await row(name, of)
    .getByRole('button', { name: `Acts on ${name}` })
    .click();
  await page.getByRole('menuitem', { name: 'End now…' }).click();
  return dialog(`End ${name} now?`);
}

test('Rotate… makes a new secret, shown once; the old one works for another 24 hours', async () => {
  await openKeys();
  await row('secret-1').getByText('Current').waitFor();
  await console.check('journey-4-keys');
  await page.getByRole('button', { name: 'Rotate…' }).click();
  const rotate = dialog('Rotate the consumer secret');
  assert.equal(await rotate.getByRole('radio', { name: '24 hours' }).isChecked(), true);
  await rotate.getByText('Tokens already issued stay valid until they expire').waitFor();
  assert.equal(
    await rotate.getByRole('checkbox', { name: 'Also revoke tokens issued with the old secret' }).isChecked(),
    false,
  );
  await console.check('journey-4-rotate');
  await rotate.getByRole('button', { name: 'Make new secret' }).click();
  const shown = dialog('Consumer key and secret');
  await shown.getByText(`curl -X POST ${made.tokenUrl}`).waitFor();
  await console.check('journey-4-shown-once');
  await shown.getByRole('button', { name: 'Done' }).click();
  await shown.getByText('Have you saved the secret? It cannot be shown again.').waitFor();
  await shown.getByRole('button', { name: 'Show it again' }).click();
  await shown.getByRole('button', { name: 'Copy both as .env' }).click();
  const variables = parseEnv(await page.evaluate<string>('navigator.clipboard.readText()'));
  assert.equal(variables.GATEWRIGHT_CONSUMER_KEY, made.consumerKey);
  secretB = variables.GATEWRIGHT_CONSUMER_SECRET ?? '';
  assert.match(secretB, /^gws_\w{49}$/);
  await shown.getByRole('button', { name: 'Done' }).click();
  await shown.waitFor({ state: 'hidden' });
  await row('secret-1')
    .getByText(/^Old until /)
    .waitFor();
  await row('secret-2').getByText('Current').waitFor();
  assert.ok(!(await page.content()).includes(secretB), 'it is gone');
  await console.check('journey-4-two-secrets');
});

test('both secrets get tokens, and the client at work has noticed nothing', async () => {
  const token = await eventually('the new secret works', () =>
    getToken(made.tokenUrl, made.consumerKey, secretB).catch(() => undefined),
  );
  assert.equal((await callWith(token)).status, 200);
  await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  await sleep(500);
  assert.ok(client.calls > 5);
  assert.deepEqual(client.failures, []);
});

test('to end a secret that is in use one must type the name of the client; it says how much it is used', async () => {
  const end = await openEnd('secret-1');
  await end.getByText(/^Used \d+ times in the last hour, last .* from 127\.0\.0\.1\.$/).waitFor();
  const button = end.getByRole('button', { name: 'End secret now' });
  assert.equal(await button.isDisabled(), true);
  await console.check('journey-4-in-use');
  await end.getByRole('textbox', { name: 'Type Mobile shop to confirm' }).fill('Mobile shop');
  assert.equal(await button.isEnabled(), true);
  await end.getByRole('button', { name: 'Cancel' }).click();
  tokenOfA = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  client.secret = secretB;
  movedAt = Date.now();
});

test('a sixth secret is refused: at most 5, end one first', async () => {
  await system.must('POST', '/products', { displayName: 'Other', projects: ['orders-api'] });
  const made = await system.must<{ name: string }>('POST', '/subscriptions', {
    client: 'mobile-shop',
    product: 'other',
  });
  other = made.name;
  await system.must('POST', `/subscriptions/${other}/keys`, {});
  for (let i = 0; i < 4; i += 1)
    await system.must('POST', `/subscriptions/${other}/keys/rotate`, { keepOldMs: 3_600_000 });
  await page.goto(`/subscriptions/${other}`);
  await page.getByRole('button', { name: 'Rotate…' }).click();
  const rotate = dialog('Rotate the consumer secret');
  await rotate.getByText('At most 5. End one first.').waitFor();
  assert.equal(await rotate.getByRole('button', { name: 'Make new secret' }).count(), 0);
  await console.check('journey-4-sixth');
  await page.keyboard.press('Escape');
});

test('ended with its tokens, a secret takes them along', async () => {
  const path = `/subscriptions/${other}`;
  const { secrets: all } = await system.must<{ secrets: { id: string }[] }>('GET', `${path}/keys`);
  await system.must('POST', `${path}/secrets/${all[0]?.id}/end`, {});
  const key = await system.must<{ consumerKey: string; consumerSecret: string }>('POST', `${path}/keys/rotate`, {
    name: 'to-end',
    keepOldMs: 3_600_000,
  });
  const token = await eventually('the secret works', () =>
    getToken(made.tokenUrl, key.consumerKey, key.consumerSecret).catch(() => undefined),
  );
  await eventually('its use is known', async () => {
    await page.reload();
    await row('to-end', other).waitFor();
    return (await row('to-end', other).getByText('Never').count()) === 0;
  });
  const end = await openEnd('to-end', other);
  await end.getByRole('checkbox', { name: 'Also revoke tokens issued with it' }).check();
  await end.getByRole('textbox', { name: 'Type Mobile shop to confirm' }).fill('Mobile shop');
  await end.getByRole('button', { name: 'End secret now' }).click();
  await row('to-end', other).getByText('Revoked').waitFor();
  await eventually('its token is refused', async () => (await callWith(token)).status === 401);
});

test('unused for 60 s the old secret is said to be safe to end, and ended without a warning', async () => {
  await openKeys();
  await sleep(Math.max(0, movedAt + 58_000 - Date.now()));
  await row('secret-1').getByText('Old secret not used for 60 s. Safe to end.').waitFor({ timeout: 25_000 });
  assert.ok(Date.now() - movedAt >= 59_000);
  await console.check('journey-4-safe');
  const end = await openEnd('secret-1');
  assert.equal(await end.getByRole('textbox').count(), 0, 'nothing to type');
  await end.getByRole('button', { name: 'End secret now' }).click();
  await row('secret-1').getByText('Ended').waitFor();
  assert.equal((await callWith(tokenOfA)).status, 200, 'tokens issued with it live on');
  const refused = await eventually('refused', async () => {
    const answer = await postForm(made.tokenUrl, {
      grant_type: 'client_credentials',
      client_id: made.consumerKey,
      client_secret: made.consumerSecret,
    });
    return answer.status === 401 ? answer : undefined;
  });
  assert.equal(refused.body.error, 'invalid_client');
  await page.goto(`/requests/${refused.headers.get('x-request-id')}`);
  await page.getByText(/^Mobile shop used the old secret secret-1, which ended at /).waitFor();
  await console.check('journey-4-why');
  assert.deepEqual(client.failures, [], `of ${client.calls} calls`);
  console.assertQuiet();
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// An administrator adds a token store in the console, tests it, has a policy name it, makes it the default, and is told why it cannot go.

const PASSWORD = 'a-password-typed-in-the-console';
let system: System;
let redis: RedisServer;
let browser: Browser;
let console: Console;
let page: Page;

before(async () => {
  redis = await startRedis();
  system = await startSystem({ workers: 1 });
  browser = await openBrowser();
  await system.must('POST', '/projects', {
    ...{ displayName: 'Access token', kind: 'oauth-token-endpoint', contextPath: '/token' },
  });
  console = await openAs(browser, system, 'admin');
  page = console.page;
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

const press = (name: string, where: Page | ReturnType<Page['getByRole']> = page) =>
  where.getByRole('button', { name, exact: true }).click();
const dialog = () => page.getByRole('dialog');
const address = () => redis.url.replace('redis://', '');
const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });

async function choose(label: string, option: string, where: Page | ReturnType<Page['getByRole']> = page) {
  await where.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Fills the list of nodes anew. */
async function setNodes(text: string, where: Page | ReturnType<Page['getByRole']>) {
  const nodes = where.getByRole('combobox', { name: 'Nodes' });
  for (let tries = 0; tries < 4; tries += 1) await nodes.press('Backspace');
  await nodes.fill(text);
  await nodes.press('Enter');
}

test('Settings → Token stores: the one of the configuration is there, and is the default', async () => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('tab', { name: 'Token stores' }).click();
  await row('Configured store.*Default.*SQLite.*Answers').waitFor();
  await console.check('token-stores');
});

test('Add asks for what each kind needs; a wrong field is named, and a test says what is wrong and what helps', async () => {
  await press('Add');
  for (const [kind, field] of [
    ['PostgreSQL', 'Host'],
    ['Cassandra', 'Contact points'],
    ['SQLite', 'File'],
    ['Cassandra, embedded', 'Heap'],
    ['Redis', 'Nodes'],
  ] as const) {
    await dialog().getByRole('radio', { name: kind, exact: true }).check();
    await dialog().getByLabel(field, { exact: false }).first().waitFor();
    if (kind === 'PostgreSQL' || kind === 'Cassandra') await console.check(`token-store-add-${field.toLowerCase()}`);
  }
  await press('Test', dialog());
  await dialog().getByText('Nodes: give it.').waitFor();
  await setNodes('redis://nowhere', dialog());
  await press('Test', dialog());
  await dialog().getByText('A host and a port, e.g. redis.example.com:6379.').waitFor();
  await setNodes('127.0.0.1:1', dialog());
  await press('Test', dialog());
  await dialog()
    .getByText(/It cannot be used: .*ECONNREFUSED/)
    .waitFor();
  await dialog().getByText('Nothing listens there. Start it, or correct host and port.').waitFor();
  await console.check('token-store-add-redis');
  await setNodes(address(), dialog());
  await press('Test', dialog());
  await dialog()
    .getByText(/Reached: a record was written, read and taken away in/)
    .waitFor();
  assert.equal((await system.must<{ total: number }>('GET', '/token-stores')).total, 1, 'nothing was saved');
  await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('Shared');
  await press('Add', dialog());
  await page.getByRole('heading', { name: 'Shared', level: 1 }).waitFor();
  await page.getByText('No policy names it.').waitFor();
  await console.check('token-store');
  await press('Test…');
  await dialog()
    .getByText(/Reached: /)
    .waitFor();
  await console.check('token-store-test');
  await press('Done', dialog());
});

test('a password is written and never shown; one that is kept is not shown to another server', async () => {
  await system.must('POST', '/token-stores', {
    ...{ displayName: 'Locked', kind: 'redis', redis: { nodes: ['127.0.0.1:1'] } },
  });
  await page.goto('/settings/token-stores/locked');
  await page.getByLabel('Password').fill(PASSWORD);
  await press('Save');
  await page.getByText('Saved.').first().waitFor();
  await page.getByText('One is kept, encrypted. Type to replace it.').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  await setNodes('127.0.0.1:2', page);
  await press('Save');
  await page
    .getByText(/was given for the server of before/)
    .first()
    .waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await press('Save');
  await eventually('it is saved', async () => {
    const { redis: settings } = await system.must<{ redis: { nodes: string[] } }>('GET', '/token-stores/locked');
    return settings.nodes[0] === '127.0.0.1:2' ? true : undefined;
  });
  await eventually('the page forgets it', async () => ((await page.content()).includes(PASSWORD) ? undefined : true));
  await page.getByText('Away', { exact: true }).first().waitFor();
  await press('Delete…');
  await press('Delete token store', dialog());
  await page.getByText('Locked is deleted.').waitFor();
  await row('Shared').waitFor();
});

test('the policy of a token end point chooses a store; then it cannot go, and the way there is a link', async () => {
  await page.goto('/projects/access-token/policies/oauth-token-endpoint');
  const select = page.getByRole('combobox', { name: 'Token store' });
  await eventually('the default is named', async () =>
    (await select.inputValue()) === 'Default (Configured store)' ? true : undefined,
  );
  await choose('Token store', 'Shared');
  await press('Save to draft');
  await page.getByText('Saved to draft').waitFor();
  const { config } = await system.must<{ config: { tokenStore: string } }>(
    ...(['GET', '/projects/access-token/policies/oauth-token-endpoint'] as const),
  );
  assert.equal(config.tokenStore, 'shared');
  await console.check('token-store-of-policy');
  await page.goto('/settings/token-stores');
  await row('Shared.*Redis.*Answers.*1 policy').waitFor();
  await press('Acts on Shared');
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await dialog().getByText('These policies name it. Name another one there, and deploy.').waitFor();
  await console.check('token-store-in-use');
  await dialog().getByRole('link', { name: 'access-token › oauth-token-endpoint' }).click();
  await page.getByRole('combobox', { name: 'Token store' }).waitFor();
});

test('Make default says what it means, and does it', async () => {
  await page.goto('/settings/token-stores');
  await press('Acts on Shared');
  await page.getByRole('menuitem', { name: 'Make default…' }).click();
  await dialog()
    .getByText(/What was issued stays where it is, and stays usable\./)
    .waitFor();
  await console.check('token-store-default');
  await press('Make default', dialog());
  await row('Shared.*Default.*Redis').waitFor();
  assert.equal((await system.must<{ isDefault: boolean }>('GET', '/token-stores/configured')).isDefault, false);
  await redis.kill('SIGKILL');
  await row('Shared.*Away.*ECONNREFUSED').waitFor({ timeout: 20_000 });
  await page.goto('/settings/token-stores/shared');
  await page.getByText('Nothing listens there. Start it, or correct host and port.').waitFor();
  await console.check('token-store-away');
  await redis.killAndStart();
  await page.getByText('Answers', { exact: true }).first().waitFor({ timeout: 30_000 });
  await page.goto('/settings/token-stores/configured');
  await page.getByText('With its place it stands in the configuration: tokenStore.url.').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('First store');
  await press('Save');
  await page.getByRole('heading', { name: 'First store', level: 1 }).waitFor();
  await press('Make default…');
  await press('Make default', dialog());
  await page.getByText('Every policy that names no token store.').waitFor();
});

test('Migrate asks where to, shows how far it is, and is done', async () => {
  await page.goto('/settings/token-stores/configured');
  await press('Migrate…');
  await dialog().getByText('It cannot be turned round.').waitFor();
  await console.check('token-store-migrate');
  assert.equal(await dialog().getByRole('combobox', { name: 'To' }).inputValue(), 'Shared', 'there is no other');
  await press('Migrate', dialog());
  await page.getByText('Migrated to shared').first().waitFor({ timeout: 30_000 });
  await page.getByText(/records are in shared/).waitFor();
  await console.check('token-store-migrated');
  assert.equal(await page.getByRole('button', { name: 'Migrate…' }).count(), 0);
  assert.equal((await system.must<{ isDefault: boolean }>('GET', '/token-stores/shared')).isDefault, true);
});

test('designers see them and change nothing; viewers are told whom to ask', async () => {
  await using designer = await openAs(browser, system, 'designer');
  await designer.page.goto('/settings/token-stores/shared');
  await designer.page.getByRole('heading', { name: 'Shared', level: 1 }).waitFor();
  const test = designer.page.getByRole('button', { name: 'Test…' });
  assert.equal(await test.getAttribute('aria-disabled'), 'true');
  assert.match((await test.getAttribute('aria-description')) ?? '', /^Needs the Admin(istrator)? role/);
  designer.assertQuiet();
  await using viewer = await openAs(browser, system, 'viewer');
  for (const path of ['/settings/token-stores', '/settings/token-stores/shared']) {
    await viewer.page.goto(path);
    await viewer.page.getByRole('heading', { name: 'Token stores are not shown to you' }).waitFor();
  }
  await viewer.page.goto('/projects/access-token/policies/oauth-token-endpoint');
  assert.equal(await viewer.page.getByRole('textbox', { name: 'Token store' }).inputValue(), 'shared');
  viewer.assertQuiet();
  console.assertQuiet();
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Console, drawn, openBrowser, openConsole } from '../support/browser.ts';
import { LISTS, listenToRequests } from '../support/console-screens.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// What somebody may not do is there, disabled, and says which role it needs; what can be pressed does not fail (console.md §3).

const NEEDS = /Needs the (?:Admin|Designer|Releaser|Apps manager|Operator) role(?: on .+)?$/;
const PASSWORD = 'a calm sea and prosperous voyage';

let system: System;
let browser: Browser;
let console: Console;
let page: Page;
let requests: ReturnType<typeof listenToRequests>;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  browser = await openBrowser();
  console = await openConsole(browser, system);
  page = console.page;
  requests = listenToRequests(page);
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

test('a Viewer who was made on the command line chooses a password by the link, and signs in with it', async () => {
  await system.run(0, 'user', 'create', 'vera', 'displayName=Vera', 'roles=viewer');
  const { stdout } = await system.run(0, 'user', 'password-link', 'vera', '--json');
  const { link } = JSON.parse(stdout) as { link: string };
  await page.goto(link);
  await page.getByLabel(/^(?:New p|P)assword( \*)?$/).fill(PASSWORD);
  await page.getByLabel(/assword again/).fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('User name').fill('vera');
  await page.getByLabel(/^Password( \*)?$/).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
});

/** Screens, and acts on them that need another role. */
const ACTS: Readonly<Record<string, readonly (readonly [name: string, role: string, group?: string])[]>> = {
  '/projects': [['Add', 'Designer']],
  '/projects/orders-api': [['Deploy', 'Releaser']],
  '/projects/orders-api/resources/default-resource': [
    ['Add resource', 'Designer'],
    ['Add policy', 'Designer'],
  ],
  '/projects/orders-api/policies': [['Add', 'Designer']],
  '/projects/orders-api/targets': [['Add target', 'Designer']],
  '/server-groups': [['Add server group', 'Admin']],
  '/server-groups/local': [['Add gateway', 'Operator', 'local']],
  '/products': [['Add', 'Apps manager']],
  '/products/shop': [['Delete…', 'Apps manager']],
  '/clients': [['Add', 'Apps manager']],
  '/clients/mobile-shop': [['Disable…', 'Apps manager']],
  '/subscriptions': [['Add', 'Apps manager']],
  '/subscriptions/mobile-shop-shop': [['Rotate…', 'Apps manager']],
};

for (const [path, acts] of Object.entries(ACTS))
  test(`${path} says which role each act needs`, async () => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    for (const [name, role, group] of acts) {
      const where = group === undefined ? '' : ` on ${group}`;
      const button = page.getByRole('main').getByRole('button', { name, exact: true }).first();
      await button.waitFor();
      assert.equal(await button.getAttribute('aria-disabled'), 'true', name);
      assert.equal(await button.getAttribute('aria-description'), `Needs the ${role} role${where}`, name);
      await button.focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.getByRole('dialog').count(), 0, name);
    }
  });

/** Buttons of the screen that can be pressed. */
const pressable = () =>
  page.getByRole('main').locator('button:not([aria-disabled="true"], :disabled)').filter({ visible: true });

/** What lies over a screen. */
const over = () => page.locator('[role="menu"], [role="dialog"], [role="listbox"]').filter({ visible: true });

/** Presses Escape until nothing lies over the screen: what is only opening does not hear the first. */
async function closeAll(): Promise<void> {
  await page.keyboard.press('Escape');
  await eventually('everything is closed', async () => {
    if ((await over().count()) === 0) return true;
    await page.keyboard.press('Escape');
    return false;
  });
}

test('whatever a Viewer can press on any screen, the API refuses nothing', async () => {
  const paths = [
    ...LISTS.map(({ path }) => path),
    ...Object.keys(ACTS),
    '/projects/orders-api/settings',
    '/projects/orders-api/deployments',
  ];
  for (const path of new Set(paths)) {
    const open = async (isLoaded = true) => {
      // Back again as the router goes there by itself: the page stays loaded.
      if (isLoaded) await page.evaluate(`history.pushState({}, '', ${JSON.stringify(path)})`);
      else await page.goto(path);
      await drawn(page);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    };
    await open(false);
    const address = page.url();
    const count = await pressable().count();
    for (let index = 0; index < count; index += 1) {
      const button = pressable().nth(index);
      if ((await button.count()) === 0) break;
      const isMenu = (await button.getAttribute('aria-haspopup')) === 'menu';
      await button.click();
      if (isMenu) await over().first().waitFor();
      await drawn(page);
      // All at once: a menu that closes takes them away.
      const items = page.locator('[role="menuitem"][aria-disabled="true"]');
      for (const text of await items.evaluateAll((found) => found.map((item) => item.textContent ?? '')))
        assert.match(text, NEEDS, path);
      await closeAll();
      if (page.url() !== address) await open();
    }
    for (const disabled of await page.getByRole('main').locator('button[aria-disabled="true"]').all())
      assert.match(
        (await disabled.getAttribute('aria-description')) ?? '',
        NEEDS,
        `${path}: ${await disabled.textContent()}`,
      );
  }
  assert.deepEqual(requests.refused, []);
  console.assertQuiet();
});

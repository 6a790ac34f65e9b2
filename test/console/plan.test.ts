import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// The plan of a product in the console: made, shown, taken back.

let system: System;
let browser: Browser;
let page: Page;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  browser = await openBrowser();
  ({ page } = await openAs(browser, system, 'admin'));
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const plan = async () => (await system.must<{ plan?: object }>('GET', '/products/shop')).plan;

test('a product gets a plan, which its page shows, and loses it again', async () => {
  await page.goto(`${system.console}/products/shop?tab=settings`);
  await page.getByRole('checkbox', { name: 'Plan' }).check();
  await page.getByRole('textbox', { name: 'Allowed calls' }).fill('250');
  await page.getByRole('textbox', { name: 'Interval' }).fill('2');
  await page.getByRole('combobox', { name: 'Time unit' }).click();
  await page.getByRole('option', { name: 'weeks' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const wanted = { allow: 250, interval: 2, timeUnit: 'week' };
  assert.deepEqual(await eventually('the plan', () => plan()), wanted);
  await page.getByRole('tab', { name: 'Contents' }).click();
  await page.getByText('250 in 2 weeks, for each subscription').waitFor();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('checkbox', { name: 'Plan' }).uncheck();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await eventually('no plan', async () => ((await plan()) === undefined ? true : undefined));
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { ADMIN, type Console, openBrowser, openConsole, setUp, signIn } from '../support/browser.ts';
import {
  fillWithLongNames,
  LISTS,
  type LongNames,
  listenToRequests,
  type Screen,
  screensOf,
} from '../support/console-screens.ts';
import { type System, startSystem } from '../support/system.ts';

// Every screen, wide and narrow, in both schemes, with names as long as they may be, and of a system with nothing in it.

let system: System;
let names: LongNames;
let browser: Browser;

before(async () => {
  system = await startSystem({ workers: 1 });
  names = await fillWithLongNames(system);
  await system.must('POST', '/users', { ...ADMIN, roles: [{ role: 'admin' }] });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

/** Goes to each screen and gives all that is wrong with them. */
async function walk(console: Console, screens: readonly Screen[], mark: string): Promise<readonly string[]> {
  const { page } = console;
  const requests = listenToRequests(page);
  const wrong: string[] = [];
  for (const [index, { path, main, choices = [] }] of screens.entries()) {
    await page.goto('about:blank'); // the screen before asks again and again as long as it is there
    requests.take();
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    try {
      await console.check(`${mark}-${index}${path.replaceAll(/[^a-z]+/gi, '-').slice(0, 40)}`);
    } catch (error) {
      wrong.push(`${path}: ${(error as Error).message}`);
    }
    const widths = await page.evaluate<readonly [number, number]>(
      '[document.scrollingElement.scrollWidth, innerWidth]',
    );
    if (widths[0] > widths[1]) wrong.push(`${path}: ${widths[0]} wide in ${widths[1]}`);
    const asked = requests.take();
    const of = (one: string) => one.replace(/^GET /, '').replace(/\?.*$/, '');
    const mains = asked.filter((one) => of(one) === main);
    if (main !== undefined && mains.length !== 1)
      wrong.push(`${path}: ${main} asked ${mains.length} times: ${asked.join(', ')}`);
    const others = asked.filter((one) => of(one) !== main && !choices.includes(of(one)));
    if (others.length > 0) wrong.push(`${path}: asks ${others.join(', ')} too`);
    const unused = choices.filter((choice) => !asked.some((one) => of(one) === choice));
    if (unused.length > 0) wrong.push(`${path}: never asks ${unused.join(', ')}`);
  }
  wrong.push(...requests.refused);
  console.assertQuiet();
  return wrong;
}

// Together, since each waits for its browser most of the time.
describe('every screen has no WCAG violation in either scheme, is as wide as the window, asks the API once, and nobody else', {
  concurrency: true,
}, () => {
  test('1440 pixels wide with names as long as they may be', async () => {
    await using console = await openConsole(browser, system);
    await signIn(console.page, ADMIN);
    assert.deepEqual(await walk(console, [...LISTS, ...screensOf(names)], 'wide'), []);
  });

  test('390 pixels wide with names as long as they may be', async () => {
    await using console = await openConsole(browser, system, { width: 390, height: 844 });
    await signIn(console.page, ADMIN);
    assert.deepEqual(await walk(console, [...LISTS, ...screensOf(names)], 'narrow'), []);
  });

  test('before signing in', async () => {
    await system.must('POST', '/users', { name: 'ida', roles: [{ role: 'viewer' }] });
    const { link } = await system.must<{ link: string }>('POST', '/users/ida/password-link');
    await using console = await openConsole(browser, system, { width: 390, height: 844 });
    const { pathname } = new URL(link);
    const screens = [{ path: '/login', main: '/sign-in' }, { path: '/setup/used', main: '/setup' }, { path: pathname }];
    assert.deepEqual(await walk(console, screens, 'before'), []);
  });

  test('while it loads', async () => {
    await using console = await openConsole(browser, system);
    const { page } = console;
    await signIn(page, ADMIN);
    await page.route('**/api/v1/{projects,overview,requests,gateways,clients}**', () => {}); // no answer
    for (const path of ['/', '/projects', '/projects/orders-api', '/requests', '/clients']) {
      await page.goto(path);
      await page.locator('main [aria-busy="true"]').first().waitFor();
      await console.check(`loads${path.replaceAll('/', '-')}`);
    }
  });

  test('a system with nothing in it', async () => {
    await using empty = await startSystem({ workers: 1, env: { GATEWRIGHT_BOOTSTRAP_TOKEN: '' } });
    await using console = await openConsole(browser, empty);
    assert.deepEqual(await walk(console, [{ path: empty.setup ?? '', main: '/setup' }], 'first'), []);
    await setUp(console.page, empty);
    assert.deepEqual(await walk(console, LISTS, 'empty'), []);
  });
});

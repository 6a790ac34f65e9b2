import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// The resource editor and the search without a mouse: what is done by keys is said by a live region (console.md §4.9).

let system: System;
let browser: Browser;
let console: Console;
let page: Page;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  for (const displayName of ['Mark', 'Stamp', 'Seal'])
    await system.must('POST', '/projects/orders-api/policies', {
      ...{ type: 'set-headers', displayName, config: { set: [{ name: `X-${displayName}`, value: 'yes' }] } },
    });
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
  await page.goto('/projects/orders-api/resources/default-resource');
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const region = () => page.getByRole('region', { name: 'Target Request', exact: true });
const card = (name: string) => region().getByRole('button', { name: new RegExp(`^\\d? ?${name}`) });
const hasFocus = (element: Locator) => element.evaluate((node) => node === node.ownerDocument.activeElement);
const focused = (what: string, element: Locator) => eventually(`${what} has the focus`, () => hasFocus(element));
/** Waits until a live region says it. */
const said = (sentence: string) =>
  page.getByRole('status').filter({ hasText: sentence }).first().waitFor({ state: 'attached' });
const press = (key: string) => page.keyboard.press(key);

/** Presses Tab until an element has the focus. */
async function tabTo(element: Locator, most = 80): Promise<void> {
  for (let pressed = 0; pressed < most; pressed += 1) {
    await press('Tab');
    if (await hasFocus(element)) return;
  }
  assert.fail(`${element} is not reached by ${most} times Tab`);
}

/** Names of the policies at Target Request, in order, as shown; and as the draft has them. */
async function assertOrder(...names: readonly string[]): Promise<void> {
  const wanted = names.map((name) => name.toLowerCase());
  await eventually(`the order ${wanted}`, async () => {
    const shown = await region()
      .locator('[data-card]')
      .evaluateAll((cards) => cards.map((one) => one.getAttribute('data-card')));
    return shown.join() === wanted.map((name) => `targetRequest/${name}`).join();
  });
  await eventually(`the draft has ${wanted}`, async () => {
    const { endpoints } = await system.must<{ endpoints: { targetRequest: { policy: string }[] } }>(
      ...(['GET', '/projects/orders-api/resources/default-resource'] as const),
    );
    return endpoints.targetRequest.map(({ policy }) => policy).join() === wanted.join();
  });
}

test('Tab reaches Add policy, whose menu, and the list behind Ctrl Enter, add one', async () => {
  const add = region().getByRole('button', { name: 'Add policy' });
  await tabTo(add);
  await press('Enter');
  await focused('the first entry', page.getByRole('menuitem', { name: /^Mark/ }));
  await press('ArrowDown');
  await focused('the next entry', page.getByRole('menuitem', { name: /^Stamp/ }));
  await press('ArrowUp');
  await press('Enter');
  await said('Mark attached at position 1 of 1 in Target Request');
  await focused('the card', card('Mark'));
  for (const [index, name] of ['Stamp', 'Seal'].entries()) {
    await tabTo(add);
    await press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Add policy to Target Request' });
    await focused('the search', dialog.getByRole('textbox', { name: 'Search policies' }));
    await page.keyboard.type(name);
    await dialog.getByRole('option', { name }).first().waitFor();
    await press('Enter');
    await said(`${name} attached at position ${index + 2} of ${index + 2} in Target Request`);
    await focused('the card', card(name));
  }
  await assertOrder('Mark', 'Stamp', 'Seal');
});

test('Alt with an arrow moves it, the focus goes with it, and its new place is said', async () => {
  await press('Alt+ArrowUp');
  await said('Seal moved to position 2 of 3 in Target Request');
  await focused('the card', card('Seal'));
  await press('Alt+ArrowUp');
  await said('Seal moved to position 1 of 3 in Target Request');
  await assertOrder('Seal', 'Mark', 'Stamp');
  await focused('the card', card('Seal'));
  await press('Alt+ArrowDown');
  await said('Seal moved to position 2 of 3 in Target Request');
  await assertOrder('Mark', 'Seal', 'Stamp');
});

test('the drag handle: Space lifts, arrows move, Space drops, Esc puts it back', async () => {
  const handle = region().getByRole('button', { name: 'Drag Seal' });
  await focused('the card', card('Seal'));
  await press('Shift+Tab');
  assert.ok(await hasFocus(handle));
  await press('Space');
  await said('Lifted Seal, position 2 of 3 in Target Request');
  await press('ArrowDown');
  await said('Seal moved to position 3 of 3 in Target Request');
  await press('Space');
  await assertOrder('Mark', 'Stamp', 'Seal');
  await focused('the card that was dropped', card('Seal'));
  await press('Shift+Tab');
  await press('Space');
  await said('Lifted Seal, position 3 of 3 in Target Request');
  await press('ArrowUp');
  await said('Seal moved to position 2 of 3 in Target Request');
  await press('Escape');
  await said('Seal is back where it was');
  await assertOrder('Mark', 'Stamp', 'Seal');
});

test('Enter opens the settings with the focus in them; closing gives it back', async () => {
  await tabTo(card('Seal'));
  await press('Enter');
  const panel = page.getByRole('complementary', { name: 'Settings of Seal' });
  await focused('the heading of the settings', panel.getByRole('heading', { name: 'Seal' }));
  await console.check('keyboard-settings');
  await tabTo(panel.getByRole('button', { name: 'Close the settings' }));
  await press('Enter');
  await panel.waitFor({ state: 'hidden' });
  await focused('the card', card('Seal'));
});

test('Delete detaches, and Undo brings it back to its place', async () => {
  await press('Alt+ArrowUp');
  await assertOrder('Mark', 'Seal', 'Stamp');
  await press('Delete');
  await said('Seal is detached');
  await focused('the next card', card('Stamp'));
  await assertOrder('Mark', 'Stamp');
  await tabTo(page.getByRole('button', { name: 'Undo' }));
  await press('Enter');
  await said('Seal is attached again');
  await assertOrder('Mark', 'Seal', 'Stamp');
  await focused('the card', card('Seal'));
});

test('Ctrl K finds by name: arrows choose, Enter goes there, Esc gives the focus back', async () => {
  await press('Control+k');
  const field = page.getByRole('textbox', { name: 'Search or paste a request id' });
  await focused('the search', field);
  await console.check('keyboard-search');
  await press('Escape');
  await field.waitFor({ state: 'hidden' });
  await focused('the card', card('Seal'));
  await press('Control+k');
  await focused('the search', field);
  await page.keyboard.type('mobile');
  await page.getByRole('option', { name: 'Mobile shop' }).first().waitFor();
  await press('ArrowDown');
  await press('ArrowUp');
  await press('Enter');
  await page.getByRole('heading', { name: 'Mobile shop', level: 1 }).waitFor();
  console.assertQuiet();
});

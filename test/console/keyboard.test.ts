import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Console, drawn, openBrowser } from '../support/browser.ts';
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
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const RESOURCE = '/projects/orders-api/resources/default-resource';

/** Opens the editor with these policies at Target Request. */
async function begin(...names: readonly string[]): Promise<void> {
  const attachments = names.map((name) => ({ policy: name.toLowerCase(), enabled: true }));
  await system.must('PUT', `${RESOURCE}/endpoints/targetRequest`, { attachments });
  await page.goto(RESOURCE);
  await region().getByRole('button', { name: 'Add policy' }).waitFor();
  for (const name of names) await card(name).waitFor();
}

const region = () => page.getByRole('region', { name: 'Target Request', exact: true });
const card = (name: string) => region().getByRole('button', { name: new RegExp(`^\\d? ?${name}`) });
const hasFocus = (element: Locator) => element.evaluate((node) => node === node.ownerDocument.activeElement);
const focused = (what: string, element: Locator) => eventually(`${what} has the focus`, () => hasFocus(element));
/** Waits until a live region says it. */
const said = (sentence: string) =>
  page.getByRole('status').filter({ hasText: sentence }).first().waitFor({ state: 'attached' });
const press = (key: string) => page.keyboard.press(key);

/** Waits until nothing changes any more because of what was done, and the focus is still there. */
async function keepsFocus(what: string, element: Locator): Promise<void> {
  await focused(what, element);
  await page.waitForLoadState('networkidle');
  await drawn(page);
  assert.ok(await hasFocus(element), `${what} has lost the focus`);
}

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
      ...(['GET', RESOURCE] as const),
    );
    return endpoints.targetRequest.map(({ policy }) => policy).join() === wanted.join();
  });
}

test('Tab reaches Add policy, whose menu, and the list behind Ctrl Enter, add one; it keeps the focus', async () => {
  await begin();
  const add = region().getByRole('button', { name: 'Add policy' });
  await tabTo(add);
  await press('Enter');
  await focused('the first entry', page.getByRole('menuitem', { name: /^Mark/ }));
  await press('ArrowDown');
  await focused('the next entry', page.getByRole('menuitem', { name: /^Stamp/ }));
  await press('ArrowUp');
  await focused('the first entry', page.getByRole('menuitem', { name: /^Mark/ }));
  await press('Enter');
  await said('Mark attached at position 1 of 1 in Target Request');
  await keepsFocus('the card', card('Mark'));
  for (const [index, name] of ['Stamp', 'Seal'].entries()) {
    await tabTo(add);
    await press('Control+Enter');
    const dialog = page.getByRole('dialog', { name: 'Add policy to Target Request' });
    await focused('the search', dialog.getByRole('textbox', { name: 'Search policies' }));
    await page.keyboard.type(name);
    await dialog.getByRole('option', { name }).first().waitFor();
    await press('Enter');
    await said(`${name} attached at position ${index + 2} of ${index + 2} in Target Request`);
    await keepsFocus('the card', card(name));
  }
  await assertOrder('Mark', 'Stamp', 'Seal');
});

test('the list behind “Browse all…” gives the focus back to Add policy', async () => {
  await begin();
  const add = region().getByRole('button', { name: 'Add policy' });
  await add.focus();
  await press('Enter');
  await focused('the first entry', page.getByRole('menuitem', { name: /^Mark/ }));
  await press('ArrowUp');
  await focused('the last entry', page.getByRole('menuitem', { name: 'Browse all…' }));
  await press('Enter');
  await focused('the search', page.getByRole('textbox', { name: 'Search policies' }));
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await keepsFocus('Add policy', add);
});

test('Alt with an arrow moves it, the focus goes with it, and its new place is said', async () => {
  await begin('Mark', 'Stamp', 'Seal');
  await card('Seal').focus();
  await press('Alt+ArrowUp');
  await said('Seal moved to position 2 of 3 in Target Request');
  await focused('the card', card('Seal'));
  await press('Alt+ArrowUp');
  await said('Seal moved to position 1 of 3 in Target Request');
  await assertOrder('Seal', 'Mark', 'Stamp');
  await keepsFocus('the card', card('Seal'));
  await press('Alt+ArrowDown');
  await said('Seal moved to position 2 of 3 in Target Request');
  await assertOrder('Mark', 'Seal', 'Stamp');
  await keepsFocus('the card', card('Seal'));
});

test('the drag handle: Space lifts, arrows move, Space drops, Esc puts it back', async () => {
  await begin('Mark', 'Seal', 'Stamp');
  const handle = region().getByRole('button', { name: 'Drag Seal' });
  await card('Seal').focus();
  await press('Shift+Tab');
  await focused('the handle', handle);
  await press('Space');
  await said('Lifted Seal, position 2 of 3 in Target Request');
  await drawn(page); // it takes no arrow before everything is measured
  await press('ArrowDown');
  await said('Seal moved to position 3 of 3 in Target Request');
  await press('Space');
  await assertOrder('Mark', 'Stamp', 'Seal');
  await keepsFocus('the card that was dropped', card('Seal'));
  await press('Shift+Tab');
  await focused('the handle', handle);
  await press('Space');
  await said('Lifted Seal, position 3 of 3 in Target Request');
  await drawn(page);
  await press('ArrowUp');
  await said('Seal moved to position 2 of 3 in Target Request');
  await press('Escape');
  await said('Seal is back where it was');
  await assertOrder('Mark', 'Stamp', 'Seal');
});

test('Enter opens the settings with the focus in them; closing gives it back', async () => {
  await begin('Mark', 'Stamp', 'Seal');
  await tabTo(card('Seal'));
  await press('Enter');
  const panel = page.getByRole('complementary', { name: 'Settings of Seal' });
  await focused('the heading of the settings', panel.getByRole('heading', { name: 'Seal' }));
  await console.check('keyboard-settings');
  await tabTo(panel.getByRole('button', { name: 'Close the settings' }));
  await press('Enter');
  await panel.waitFor({ state: 'hidden' });
  await keepsFocus('the card', card('Seal'));
});

test('Delete detaches, and Undo brings it back to its place; without a card Add policy has the focus', async () => {
  await begin('Mark', 'Seal', 'Stamp');
  await card('Seal').focus();
  await press('Delete');
  await said('Seal is detached');
  await focused('the next card', card('Stamp'));
  await assertOrder('Mark', 'Stamp');
  await tabTo(page.getByRole('button', { name: 'Undo' }));
  await press('Enter');
  await said('Seal is attached again');
  await assertOrder('Mark', 'Seal', 'Stamp');
  await keepsFocus('the card', card('Seal'));
  await begin('Mark');
  await card('Mark').focus();
  await press('Delete');
  await said('Mark is detached');
  await assertOrder();
  await keepsFocus('Add policy', region().getByRole('button', { name: 'Add policy' }));
});

test('Ctrl K finds by name: arrows choose, Enter goes there, Esc gives the focus back', async () => {
  await begin('Seal');
  await card('Seal').focus();
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

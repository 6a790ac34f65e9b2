import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// Journey 6 in the console, with OpenAPI: a document becomes a project in three steps, a broken one is mended in place, a newer one is a
// reviewed diff, and a very large one leaves the page at hand.

const petstore = readFileSync(join(import.meta.dirname, '../support/documents/petstore.yaml'), 'utf8');
/** Without the responses of one operation. */
const broken = petstore.replace(/( {4}get:\n {6}operationId: getPet\n.*\n) {6}responses:\n.*\n/, '$1');
/** An operation more, one less, one whose scopes are others. */
const newer = petstore
  .replace(/ {2}\/orders:[\s\S]*? {2}\/health:/, '  /health:')
  .replace('      operationId: getPet\n', '      operationId: getPet\n      security: [{ shop: [pets:write] }]\n')
  .replace(
    '  /health:',
    '  /owners:\n    get:\n      operationId: listOwners\n      responses: { "200": { description: Owners. } }\n  /health:',
  );

let system: System;
let browser: Browser;
let console: Console;
let page: Page;

before(async () => {
  system = await startSystem({ workers: 1 });
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: typeof name === 'string' });
const heading = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('heading', { name });

/** Add → Import OpenAPI or WSDL…, as a person goes there. */
async function openImport(): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'API projects' }).click();
  await button('Add').click();
  await page.getByRole('menuitem', { name: 'Import OpenAPI or WSDL…' }).click();
  await heading('Import OpenAPI or WSDL').waitFor();
}

/** Chooses a file where there is a Browse… button. */
async function choose(name: string, text: string, within: Page | Locator = page): Promise<void> {
  const asked = page.waitForEvent('filechooser');
  await button(/^(Browse|Choose another)…$/, within).click();
  await (await asked).setFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(text) });
}

const projects = async () =>
  (await system.must<{ items: { name: string }[] }>('GET', '/projects')).items.map(({ name }) => name);

test('a file is read: what is in it, and what of it is not used', async () => {
  await openImport();
  await choose('petstore.yaml', petstore);
  await heading('Read: 6 operations, 1 server, security: oauth2, apiKey').waitFor();
  await page.getByText('Pet shop, version 1.4.2, OpenAPI 3.1.0').waitFor();
  const unused = page.getByRole('region', { name: 'Not used' });
  for (const part of ['callbacks', 'xml']) await unused.getByText(part, { exact: true }).waitFor();
  await unused.getByText(/Callbacks are calls that the target makes itself/).waitFor();
  await console.check('journey-6-read');
});

test('resources, path, target and security are chosen, each with what the document says', async () => {
  await button('Next').click();
  assert.equal(await page.getByLabel('Display Name').inputValue(), 'Pet shop');
  assert.equal(await page.getByRole('radio', { name: 'All 6 operations' }).isChecked(), true);
  assert.equal(await page.getByLabel(/^Target URL/).inputValue(), 'https://shop.example.com/v1');
  assert.equal(await page.getByRole('radio', { name: 'OAuth 2.0 Access Tokens' }).isChecked(), true);
  await page.getByRole('radio', { name: 'By tag' }).check();
  await button('Next').click();
  await page.getByText('Choose one tag at least.').first().waitFor();
  await page.getByRole('checkbox', { name: 'pets' }).check();
  await console.check('journey-6-choose');
  await page.getByRole('radio', { name: 'All 6 operations' }).check();
  await page.getByLabel('Proxy Context Path').fill('/pets');
  await page.getByLabel(/^Target URL/).fill('echo:');
  await button('Next').click();
});

test('the preview lists what is made; Finish makes it, as a draft', async () => {
  const rows = page.getByRole('table', { name: 'Resources that are made' }).getByRole('row');
  await rows.filter({ hasText: 'removePet' }).getByText('pets:read pets:write').waitFor();
  await rows.filter({ hasText: '/health' }).getByText('None needed').waitFor();
  assert.equal(await rows.count(), 8, 'a heading, DefaultResource and six');
  await console.check('journey-6-preview');
  assert.deepEqual(await projects(), []);
  await button('Finish').click();
  await heading('Pet shop').waitFor();
  assert.deepEqual(await projects(), ['pet-shop']);
  await page
    .getByText(/not deployed/i)
    .first()
    .waitFor();
  await page.getByRole('tab', { name: 'Policies' }).click();
  await page
    .getByRole('link', { name: /^OAuth Verify Access Token/ })
    .first()
    .waitFor();
});

test('a broken file is shown at its line and column, mended in place, and nothing was created meanwhile', async () => {
  await openImport();
  await choose('broken.yaml', broken);
  const alert = page.getByRole('alert');
  await alert.getByText('1 problem. Nothing was created.').waitFor();
  await alert.getByText('line 47, column 5:').waitFor();
  await alert
    .getByText('paths./pets/{pet-id}.get.responses is missing. Every operation needs at least one response.')
    .waitFor();
  const editor = page.getByRole('textbox', { name: 'The document' });
  // The editor stands at that line.
  await editor.getByText('operationId: getPet', { exact: true }).waitFor();
  await console.check('journey-6-broken');
  assert.equal(await button('Next').isDisabled(), true);
  assert.deepEqual(await projects(), ['pet-shop']);
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(petstore);
  await button('Read again').click();
  await heading(/^Read: 6 operations/).waitFor();
  assert.equal(await button('Next').isEnabled(), true);
});

test('a newer file is a diff; a removed resource with policies of one’s own asks what becomes of it', async () => {
  await system.must('POST', '/projects/pet-shop/policies', {
    type: 'set-headers',
    name: 'mark',
    config: { set: [{ name: 'x-mark', value: '1' }] },
  });
  for (const resource of ['list-pets', 'list-orders'])
    await system.run(0, 'policy', 'attach', 'pet-shop/mark', '--at', 'targetRequest', '--resource', resource);
  await system.run(0, 'deploy', 'pet-shop', '--to', 'local');
  await page.goto('/projects/pet-shop/resources');
  await button('More for resources')
    .or(button(/^(More|Acts)/))
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Import a newer file…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a newer file into Pet shop' });
  await choose('newer.yaml', newer, dialog);
  await heading(/1 added, 1 removed, 1 changed, 4 kept/, dialog).waitFor();
  await dialog.getByRole('region', { name: 'Added' }).getByText('listOwners').waitFor();
  await dialog.getByRole('region', { name: 'Changed' }).getByText('~ Scopes pets:read → pets:write').waitFor();
  const removed = dialog.getByRole('region', { name: 'Removed' });
  await removed.getByText(/has 1 policy: /).waitFor();
  const apply = button('Import into the draft', dialog);
  assert.equal(await apply.isDisabled(), true, 'the choice is open');
  await console.check('journey-6-diff');
  const choice = removed.getByRole('radiogroup', { name: 'What happens to listOrders' });
  await choice.getByRole('radio', { name: 'Keep as it is' }).waitFor();
  await choice.getByRole('radio', { name: 'Remove' }).check();
  await apply.click();
  await dialog.waitFor({ state: 'hidden' });
});

test('what was imported anew is a draft until it is deployed', async () => {
  assert.equal((await fetch(`${system.gateway}/pets/orders`)).status, 401, 'still the old version');
  assert.notEqual((await fetch(`${system.gateway}/pets/health`)).status, 404);
  await button('Deploy').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Local' }).check();
  await dialog.getByText('listOwners').first().waitFor();
  await dialog.getByRole('button', { name: 'Deploy to Local' }).click();
  await heading('Live', dialog).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('v2 live in Local').first().waitFor();
  const { items } = await system.must<{ items: { name: string }[] }>('GET', '/projects/pet-shop/resources');
  const names = items.map(({ name }) => name);
  assert.ok(names.includes('list-owners') && !names.includes('list-orders'), names.join());
});

test('called, each operation asks for its scopes, and one that was kept runs its policies', async () => {
  const made = await quickstart(system, 'echo:');
  await system.must('PATCH', '/products/shop', {
    projects: ['pet-shop'],
    scopes: ['pets:read', 'pets:write'].map((scope) => ({ scope })),
  });
  const authorization = `Bearer ${await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret, 'pets:read')}`;
  const call = (path: string) => fetch(`${system.gateway}/pets${path}`, { headers: { authorization } });
  assert.equal((await fetch(`${system.gateway}/pets/owners`)).status, 401);
  assert.equal((await call('/owners')).status, 200);
  assert.equal((await call('/pets/1')).status, 403, 'it asks for pets:write since');
  const kept = (await (await call('/pets')).json()) as { headers: Record<string, string> };
  assert.equal(kept.headers['x-mark'], '1');
});

/** A document with this many operations, two a path. */
function large(operations: number): string {
  const responses = { 200: { description: 'It.' } };
  const paths = Object.fromEntries(
    Array.from({ length: operations / 2 }, (_, i) => [
      `/things/${i}/{id}`,
      Object.fromEntries(
        (['get', 'put'] as const).map((method) => [
          method,
          {
            operationId: `${method}Thing${i}`,
            tags: [`part${i % 40}`],
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            responses,
          },
        ]),
      ),
    ]),
  );
  const info = { title: 'Large', version: '1' };
  return JSON.stringify({ openapi: '3.1.0', info, servers: [{ url: 'http://127.0.0.1:1' }], paths });
}

/** The longest task of the page since it was asked to watch, in ms. */
const WATCH = `window.longest = 0;
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration); })
    .observe({ type: 'longtask' });`;
const longest = () => page.evaluate<number>('window.longest');
/** A task that is known to be long: it says that such are seen, and that all before it were told. */
const LONG_MS = 120;
const takeLong = () =>
  page.evaluate(`setTimeout(() => { const end = performance.now() + ${LONG_MS}; while (performance.now() < end); })`);

test('2 000 operations are imported within 10 s, and no task of the page takes more than 200 ms', async (t) => {
  const document = large(2_000);
  let worst = Number.POSITIVE_INFINITY;
  let took = Number.POSITIVE_INFINITY;
  // Twice at most: on a machine that others keep busy a task waits for a processor in the middle.
  for (let round = 1; round <= 2 && (worst > 200 || took > 10_000); round += 1) {
    await openImport();
    await page.evaluate(WATCH);
    let begin = performance.now();
    await choose('large.json', document);
    await heading(/^Read: 2\D?000 operations/).waitFor();
    await button('Next').click();
    await page.getByRole('radio', { name: /^All 2\D?000 operations/ }).waitFor();
    await page.getByLabel('Display Name').fill(`Large ${round}`);
    await page.getByLabel('Proxy Context Path').fill(`/large${round}`);
    await button('Next').click();
    await page.getByRole('table', { name: 'Resources that are made' }).waitFor();
    await button('Finish').click();
    await heading(`Large ${round}`).waitFor();
    took = performance.now() - begin;
    begin = performance.now();
    await page.getByRole('tab', { name: 'Resources' }).click();
    const resource = page.getByRole('combobox', { name: 'Resource' });
    await resource.fill('putThing777');
    await page.getByRole('option', { name: /putThing777/ }).click();
    await page.getByText('/things/777/{id}').first().waitFor();
    await takeLong();
    worst = await eventually('long tasks are told of', async () => {
      const found = await longest();
      return found >= LONG_MS ? found : undefined;
    });
    t.diagnostic(
      `round ${round}: imported in ${Math.round(took)} ms, resource found in ${Math.round(performance.now() - begin)} ms, longest task ${worst} ms (${LONG_MS} are the test’s own)`,
    );
  }
  assert.ok(took <= 10_000, `${took} ms`);
  assert.ok(worst <= 200, `${worst} ms`);
  await console.check('journey-6-large');
  console.assertQuiet();
});

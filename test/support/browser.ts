import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { System } from './system.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu', // there is none: drawing without one is cheaper than imitating one
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** WCAG 2.2, levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const tagged = (tags: readonly string[]) => JSON.stringify({ type: 'tag', values: tags });
/** Those of them that are about colours. */
const COLOR_RULES = `{ type: 'rule', values: axe.getRules(['cat.color']).filter(({ tags }) => tags.some((tag) => ${JSON.stringify(RULES)}.includes(tag))).map(({ ruleId }) => ruleId) }`;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The first administrator of the systems that browsers look at. */
export const ADMIN = { name: 'admin', password: 'correct horse battery' } as const;

/** A browser on one person's console: what it complains of is kept. */
export interface Console extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Looks at the page in both schemes: no WCAG 2.2 A/AA violation. `mark` names it, and its pictures. */
  check(mark: string): Promise<void>;
  /** Throws when the page reported an error, broke its content security policy, or asked another host. */
  assertQuiet(): void;
}

/** Starts the system's Chromium. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.GATEWRIGHT_TEST_CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error(`There is no Chromium in ${PLACES.join(', ')}.`);
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
}

/** A new person's browser window on a system's console. */
export async function openConsole(
  browser: Browser,
  system: Pick<System, 'console'>,
  viewport = { width: 1440, height: 900 },
): Promise<Console> {
  const context = await browser.newContext({
    ...{ viewport, baseURL: system.console, locale: 'en-GB', timezoneId: 'UTC' },
    reducedMotion: 'reduce',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const origin = new URL(system.console).origin;
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Refusals of the API are part of the tests; the browser reports each as an error of loading.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'blob:') complaints.push(`another host: ${request.url()}`);
  });
  return {
    page,
    context,
    check: (mark) => checkAccessibility(page, mark, consoleScheme),
    assertQuiet: () => assert.deepEqual(complaints, []),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Redeems a system's setup link by hand: the first administrator, signed in. */
export async function setUp(page: Page, system: System, sample = false): Promise<void> {
  await page.goto(system.setup ?? '/setup/none');
  await page.getByLabel('User name').fill(ADMIN.name);
  await page.getByLabel(/^Password( \*)?$/).fill(ADMIN.password);
  await page.getByLabel('Password again').fill(ADMIN.password);
  await page.getByLabel('Add a sample').setChecked(sample);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
}

/** Signs in on the sign-in page. */
export async function signIn(page: Page, person: { readonly name: string; readonly password: string }): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('User name').fill(person.name);
  await page.getByLabel(/^Password( \*)?$/).fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
}

/** Waits until the page has drawn what the last act has begun: two frames. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** The console follows the scheme by script. */
const consoleScheme = (page: Page, scheme: string) =>
  page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: 'attached' });

/** Looks at a page in both schemes: no WCAG 2.2 A/AA violation. `mark` names it, and its pictures. */
export async function checkAccessibility(
  page: Page,
  mark: string,
  whenShown: (page: Page, scheme: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await whenShown(page, colorScheme);
    await takePicture(page, `${mark}-${colorScheme}`);
    if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
    // As text: it runs in the page, whose types are not ours. The schemes differ in nothing but colours.
    const rules = colorScheme === 'light' ? tagged(RULES) : COLOR_RULES;
    const violations = await page.evaluate<Violation[]>(
      `axe.run({ runOnly: ${rules}, resultTypes: ['violations'] }).then((result) => result.violations)`,
    );
    const found = violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
    );
    assert.deepEqual(found, [], `${mark}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Keeps a picture when a folder for them is named (GATEWRIGHT_TEST_PICTURES). */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.GATEWRIGHT_TEST_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

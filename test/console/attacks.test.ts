import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ADMIN, type Console, openBrowser, openConsole } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import {
  HOSTILE_REQUEST,
  type HostileData,
  LONG_NAME,
  openApi,
  plantHostileData,
  wsdl,
} from '../support/hostile-data.ts';
import { fillSystem } from '../support/operations.ts';
import { quickstart } from '../support/quickstart.ts';
import { type System, startSystem } from '../support/system.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Script, markup, templates and addresses in every text that somebody can write (stored) and in every part of an address (reflected):
// no screen makes more of them than text. Which fields there are the API says itself; which screens there are, the router.

const PAYLOAD = `"'><img src=x onerror=window.__pwned=1><script>window.__pwned=1</script>{{7*7}}javascript:window.__pwned=1\u202e`;
const PROJECT = '/projects/orders-api';

/** Every screen, with something hostile on it. */
const SCREENS = [
  ...['/login', '/setup/token', '/password/token', '/', '/projects', '/projects?view=cards', PROJECT, '/projects/long'],
  ...['/projects/evil-openapi', '/projects/evil-wsdl', `${PROJECT}/resources`, `${PROJECT}/resources/default-resource`],
  ...['/projects/evil-openapi/resources', '/projects/evil-wsdl/resources', `${PROJECT}/policies`],
  ...[
    `${PROJECT}/policies/evil`,
    `${PROJECT}/targets`,
    `${PROJECT}/deployments`,
    `${PROJECT}/settings`,
    '/projects/long/settings',
  ],
  ...[
    '/deployments',
    '/server-groups',
    '/server-groups/local',
    '/server-groups/local?tab=variables',
    '/server-groups/edge?tab=settings',
  ],
  ...[
    '/server-groups/local?tab=settings',
    '/products',
    '/products/evil',
    '/products/shop',
    '/products/evil?tab=settings',
  ],
  ...[
    '/clients',
    '/clients/evil',
    '/clients/mobile-shop',
    '/clients/evil?tab=settings',
    '/clients/mobile-shop?tab=settings',
    '/subscriptions',
    '/subscriptions/evil-evil',
  ],
  ...[
    '/subscriptions/mobile-shop-evil',
    '/monitor',
    '/requests',
    `/requests/${HOSTILE_REQUEST}`,
    '/try',
    '/audit',
    '/settings',
  ],
  ...[
    '/settings/users',
    '/settings/users/evil',
    '/settings/users/ben',
    '/settings/identity-providers',
    '/settings/keys',
  ],
  ...['/settings/profile', '/settings/signing-keys', `${PROJECT}/chains`],
  ...['/clients/evil-certificate?tab=settings', '/clients/evil-key?tab=settings'],
  ...['/resource-owners', '/resource-owners/evil', '/resource-owners/directories'],
  ...['/settings/token-stores', '/settings/token-stores/evil-redis', '/settings/token-stores/evil-cassandra'],
];
/** Parameters that screens read, and some that none does. */
const PARAMETERS = [
  ...[
    'q',
    'sort',
    'limit',
    'cursor',
    'kind',
    'state',
    'client',
    'product',
    'project',
    'serverGroup',
    'status',
    'code',
    'gateway',
  ],
  ...[
    'address',
    'minMs',
    'since',
    'until',
    'from',
    'to',
    'range',
    'actor',
    'objectKind',
    'via',
    'active',
    'resource',
    'deployment',
  ],
];
const SHOWN_PARAMETERS = [
  ...[
    'add',
    'tab',
    'view',
    'target',
    'policy',
    'at',
    'field',
    'created',
    'returnTo',
    'problem',
    'method',
    'path',
    'subscription',
    'x',
  ],
];

/** What no screen shows: it was written over, is not kept, or is there for the API. */
const NOT_SHOWN =
  /^(?:policies|policyChains)\.create|^directories\.|^clients\.create \/(?:jwks|certificateName)|^resourceOwners\.(?:create|disable)|^tokenStores\.|^resourceOwners\.revoke(?:Grants|Consent)|^openapi (?!title)|^wsdl |\/fileName$|^secrets\.end|^report (?:host|client|policy|policy fact|problem|version|machine|place)$/;

/** Whether a page shows what it loaded. */
const READY = `Boolean(document.querySelector('main')?.innerText.trim()) && document.querySelector('[aria-busy="true"], .mantine-Loader-root') === null`;

/** What is wrong with a page, and which of the hostile texts it shows as text. Runs in the page. */
const LOOK = `(() => {
  const wrong = [];
  if (window.__pwned !== undefined) wrong.push('it ran');
  const inside = (url) => { try { const at = new URL(url, location.href); return at.origin === location.origin && /^(https?|blob):$/.test(at.protocol); } catch { return false; } };
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) wrong.push(element.tagName + ' ' + name);
      if (/^(href|src|action|formaction|xlink:href|data|srcdoc|poster|background|ping)$/i.test(name) && !inside(value)) wrong.push(element.tagName + ' ' + name + '=' + value);
    }
    if (/^(iframe|object|embed|base|applet|frame)$/i.test(element.tagName)) wrong.push(element.tagName);
    if (element.tagName === 'SCRIPT' && !(element.src.startsWith(location.origin + '/assets/') || element.nonce !== '')) wrong.push('script');
    if (element.tagName === 'IMG' && element.getAttribute('src') === 'x') wrong.push('img');
  }
  const inputs = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);
  const titles = [...document.querySelectorAll('[title], [aria-label]')].map((one) => one.title + ' ' + one.getAttribute('aria-label'));
  const text = [document.body.innerText, document.title, ...inputs, ...titles].join('\\n');
  if (/#?49/.test(text) && /onerror[^]{0,60}(#49|\\D49j)/.test(text)) wrong.push('a template was filled in');
  return { wrong, seen: [...text.matchAll(/m(\\d+)m/g)].map(([, number]) => Number(number)) };
})()`;

/** The screens that the router has. */
const routes = [
  ...readFileSync(join(import.meta.dirname, '../../console/src/router.tsx'), 'utf8').matchAll(
    /(?:screen\(\s*|path: )'(\/[^']*)'/g,
  ),
].map(([, path = '']) => {
  const pattern = path.replaceAll(/\/\{-\$\w+\}/g, '(?:/[^/]+)?').replaceAll(/\$\w+/g, '[^/]+');
  return new RegExp(`^(?:/projects/[^/]+)?${pattern}$`);
});
const isOf = (route: RegExp) => (address: string) => route.test(address.split('?')[0] ?? '');

let system: System;
let upstream: Upstream;
let browser: Browser;
let console: Console;
let data: HostileData;
const shown = new Set<number>();
const happened: string[] = [];

before(async () => {
  upstream = await startUpstream((_, response) => {
    const fields = {
      'content-type': 'text/html',
      'x-evil': PAYLOAD.replace('\u202e', ''),
      refresh: '0; url=https://evil.example/',
    };
    response
      .writeHead(200, { ...fields, link: '<https://evil.example/x.css>; rel=stylesheet', 'set-cookie': 'a=b' })
      .end(PAYLOAD);
  });
  system = await startSystem({ workers: 1 });
  const made = await quickstart(system, upstream.url);
  await fillSystem(system);
  data = await plantHostileData(system);
  for (const path of [`/1/${PAYLOAD}`, '/orders/<img src=x onerror=window.__pwned=1>'])
    await fetch(new URL(encodeURI(path), made.apiUrl), {
      headers: { 'user-agent': PAYLOAD.replace('\u202e', ''), 'x-request-id': '<img/src=x/onerror=alert(1)>' },
    });
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  watch(console.context);
});

after(async () => {
  await console?.[Symbol.asyncDispose]();
  await browser?.close();
  await upstream?.[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

/** Writes down what no hostile text may make a browser do. */
function watch(context: BrowserContext): void {
  const follow = (page: Page) => {
    page.on('dialog', (dialog) => {
      // Leaving a form that was changed asks; that is ours.
      if (dialog.type() !== 'beforeunload') happened.push(`dialog: ${dialog.message()}`);
      void dialog.accept();
    });
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) happened.push(message.text());
    });
    page.on('download', (download) => void happened.push(`download: ${download.url()}`));
    page.on('popup', (popup) => void happened.push(`popup: ${popup.url()}`));
    page.on('request', (request) => {
      const { origin, protocol, pathname } = new URL(request.url());
      if ((origin !== system.console && protocol !== 'blob:') || pathname.endsWith('/x'))
        happened.push(`asked: ${request.url()}`);
    });
  };
  context.on('page', follow);
  for (const page of context.pages()) follow(page);
}

/** Waits until a page shows what it loaded. */
async function settle(page: Page): Promise<void> {
  for (let tries = 0; tries < 60 && !(await page.evaluate(READY).catch(() => false)); tries += 1) await sleep(50);
  await sleep(60);
}

async function look(page: Page, what: string): Promise<void> {
  await settle(page);
  const { wrong, seen } = await page.evaluate<{ wrong: string[]; seen: number[] }>(LOOK);
  assert.deepEqual(wrong, [], what);
  for (const number of seen) shown.add(number);
}

/** As the router goes there by itself: the page stays loaded. */
async function moveTo(page: Page, address: string): Promise<void> {
  await page.evaluate(`history.pushState({}, '', ${JSON.stringify(address)})`);
}

const queryOf = (names: readonly string[]) => names.map((name) => `${name}=${encodeURIComponent(PAYLOAD)}`).join('&');
const withQuery = (address: string, query: string) => `${address}${address.includes('?') ? '&' : '?'}${query}`;

test('addresses that are programs are no addresses, and names hold no markup', () => {
  assert.deepEqual(
    data.refused.filter(({ status }) => status !== 422),
    [],
  );
});

test('every screen shows hostile texts as text', async () => {
  const pages = [console.page, await console.context.newPage()];
  const left = [...SCREENS];
  await Promise.all(
    pages.map(async (page) => {
      for (let address = left.shift(); address !== undefined; address = left.shift()) {
        await page.goto(address);
        await look(page, address);
      }
    }),
  );
  await pages[1]?.close();
  for (const pattern of routes)
    assert.ok(SCREENS.some(isOf(pattern)), `${pattern.source} is a screen that is not looked at`);
});

test('every part of an address is text, whatever the screen does with it', async () => {
  const { page } = console;
  assert.ok(routes.length > 25);
  for (const address of new Set(routes.map((route) => SCREENS.find(isOf(route))?.split('?')[0] ?? '/'))) {
    for (const names of [PARAMETERS, SHOWN_PARAMETERS]) {
      await moveTo(page, withQuery(address, queryOf(names)));
      await look(page, `${address} with ${names[0]} …`);
    }
  }
  const name = encodeURIComponent(PAYLOAD);
  for (const address of [
    `/${name}`,
    `/projects/${name}`,
    `${PROJECT}/policies/${name}`,
    `${PROJECT}/resources/${name}`,
    `/clients/${name}`,
    `/requests/${name}`,
  ]) {
    await page.goto(address);
    await look(page, address);
  }
});

test('dialogs, wizards, search and answers show them as text too', async () => {
  const { page } = console;
  const evil = (what: string) => `m${data.places.length}m${what}${PAYLOAD}`;
  for (const [add, name, text] of [
    ['import', 'evil.json', openApi(evil)],
    ['wsdl', 'evil.wsdl', wsdl(evil)],
    [
      'import',
      `${PAYLOAD.replaceAll('/', '')}.yaml`,
      `openapi: 3.1.0\ninfo: { title: "${'<img src=x onerror=window.__pwned=1>'}" }\n<b>`,
    ],
  ] as const) {
    await page.goto(`/projects?add=${add}`);
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await look(page, `import of ${name}`);
    const next = page.getByRole('button', { name: 'Next', exact: true });
    if ((await next.count()) > 0 && (await next.isEnabled())) await next.click();
    await sleep(300);
    await look(page, `import of ${name}, next`);
  }
  await page.goto('/projects');
  await settle(page);
  await page.keyboard.press('Control+k');
  for (const q of [PAYLOAD, 'evil', 'ben', '<img', HOSTILE_REQUEST]) {
    await page
      .getByRole('combobox', { name: 'Search or paste' })
      .or(page.getByLabel('Search or paste a request id'))
      .first()
      .fill(q);
    await sleep(350);
    await look(page, `search for ${q}`);
  }
  await page.goto(PROJECT);
  await page.getByRole('button', { name: 'Deploy', exact: true }).first().click();
  await page.getByRole('dialog').waitFor();
  await sleep(500);
  await look(page, 'deploy dialog');
  await page.goto('/deployments');
  await page.getByRole('row').nth(1).click();
  await sleep(300);
  await look(page, 'a deployment');
  await page.goto('/audit');
  await settle(page);
  for (const row of [1, 4, 7]) {
    await page.getByRole('row').nth(row).click();
    await look(page, `audit entry ${row}`);
    await page.keyboard.press('Escape');
  }
  for (const provider of [LONG_NAME, 'Harbour ID']) {
    await page.goto('/settings/identity-providers');
    await page.getByRole('button', { name: provider, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await look(page, `identity provider ${provider}`);
  }
});

test('what a target answers in Try it is text: its page, fields and cookies', async () => {
  const { page } = console;
  await page.goto('/try?project=open-api&serverGroup=local');
  await settle(page);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('region', { name: 'Answer' }).getByText('onerror').first().waitFor();
  await look(page, 'an answer');
  assert.ok(!(await console.context.cookies()).some(({ name }) => name === 'a'));
});

test('links out of answers lead nowhere but into the console', async () => {
  const { page } = console;
  const links = [
    'javascript:window.__pwned=1',
    '//evil.example/',
    'https://evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    'data:text/html,x',
  ];
  const items = links.map((link, i) => ({ kind: 'secret-ends', text: `Attention ${i}`, link }));
  for (const part of ['dashboard', 'header'])
    await page.route(`**/api/v1/overview/${part}`, async (route) => {
      const answer = await route.fetch();
      const body = { ...((await answer.json()) as object), attention: items };
      await route.fulfill({ response: answer, json: body });
    });
  await page.route('**/api/v1/search*', (route) =>
    route.fulfill({
      json: {
        items: links.map((link, i) => ({
          kind: 'project',
          title: `Hit ${i}`,
          link,
          id: String(i),
          name: `hit-${i}`,
          detail: '',
        })),
      },
    }),
  );
  const isInside = async (link: string) => {
    await sleep(100);
    assert.equal(new URL(page.url()).origin, system.console, link);
    assert.equal(await page.evaluate('window.__pwned'), undefined, link);
  };
  await page.goto('/');
  for (const [i, link] of links.entries()) {
    await page.locator('main').getByText(`Attention ${i} `).getByRole('link', { name: 'Look' }).click();
    await isInside(link);
    await page.keyboard.press('Control+k');
    await page.getByLabel('Search or paste a request id').first().fill('hit');
    await page.getByText(`Hit ${i}`, { exact: true }).click();
    await isInside(link);
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('after signing in nobody is led elsewhere, whatever the address said', async () => {
  for (const returnTo of [
    '//evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    'https://evil.example',
    'javascript:window.__pwned=1',
  ]) {
    await using other = await openConsole(browser, system);
    watch(other.context);
    await other.page.goto(`/login?returnTo=${encodeURIComponent(returnTo)}`);
    await other.page.getByLabel('User name').fill(ADMIN.name);
    await other.page.getByLabel(/^Password( \*)?$/).fill(ADMIN.password);
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.page
      .getByRole('button', { name: /account of/ })
      .or(other.page.getByRole('heading', { name: 'Sign in' }))
      .first()
      .waitFor();
    await sleep(250);
    assert.equal(new URL(other.page.url()).origin, system.console, returnTo);
    assert.equal(await other.page.evaluate('window.__pwned'), undefined, returnTo);
    other.assertQuiet();
  }
});

test('nothing ran, nothing was asked of another host, and the policy had nothing to stop; the texts were really shown', async () => {
  assert.deepEqual(happened, []);
  console.assertQuiet();
  const missing = data.places.filter((place, number) => !shown.has(number) && !NOT_SHOWN.test(place));
  assert.deepEqual(missing, []);
});

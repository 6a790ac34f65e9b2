import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { ADMIN, type Console, openBrowser, openConsole } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// Journey 2 in the console: somebody has the id of a refused call, and is led to the very field that makes it so.

let system: System;
let made: Quickstart;
let browser: Browser;
let console: Console;
let page: Page;
let token = '';
/** Of the call with the expired token. */
let requestId = '';

before(async () => {
  system = await startSystem();
  made = await quickstart(system, 'echo:');
  await system.must('POST', '/projects', {
    displayName: 'Short',
    kind: 'oauth-token-endpoint',
    contextPath: '/short',
    accessTokenExpiryMs: 2_000,
  });
  await deployAndWait(system, 'short');
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const region = (name: string) => page.getByRole('region', { name, exact: true });
const call = (path: string, init: RequestInit = {}) => fetch(system.gateway + path, init);
const idOf = (answer: Response) => answer.headers.get('x-request-id') ?? '';

test('a token that has expired is refused', async () => {
  token = await getToken(`${system.gateway}/short`, made.consumerKey, made.consumerSecret);
  await sleep(2_200);
  const answer = await call('/orders/1', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token".*The access token expired/);
  requestId = idOf(answer);
});

test('Ctrl K, the id, Enter: within 3 s of the call it says why, what helps and what happened', async () => {
  const begin = performance.now();
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search or paste a request id' }).fill(requestId);
  await page.keyboard.press('Enter');
  await heading('Why 401?').waitFor();
  assert.ok(performance.now() - begin < 3_000);
  await page.getByText(/^Token expired .* before the call\. It was issued to Mobile shop/).waitFor();
  assert.equal(await region('How to fix it').getByRole('listitem').count(), 2);
  const steps = region('What happened').getByRole('listitem');
  await steps.filter({ hasText: 'OAuth Verify Access Token' }).getByText('Stopped here').waitFor();
  await steps.filter({ hasText: 'Target' }).getByText('Not called').waitFor();
  await console.check('journey-2-why');
});

test('the fix leads to the field: the policy is open and its Access Token Expiry Time has the focus', async () => {
  await region('How to fix it').getByRole('link', { name: 'Or raise the expiry of new tokens.' }).click();
  await heading('Short').waitFor();
  const field = page.getByRole('textbox', { name: /^Access Token Expiry Time/ }).first();
  await field.waitFor();
  await eventually('it has the focus', () => field.evaluate((input) => input === input.ownerDocument.activeElement));
  assert.equal(await field.inputValue(), '2000');
  await console.check('journey-2-field');
});

interface Row {
  readonly code: string;
  readonly act: () => Promise<Response>;
  readonly title: string;
  readonly sentence: RegExp;
}

const form = (parameters: Record<string, string>) =>
  call('/token', { method: 'POST', body: new URLSearchParams(parameters) });

const rows: readonly Row[] = [
  { code: 'token_missing', act: () => call('/orders/1'), title: 'Why 401?', sentence: /^No token/ },
  {
    code: 'token_scheme_wrong',
    act: () => call('/orders/1', { headers: { authorization: 'Token x' } }),
    title: 'Why 401?',
    sentence: /said "Token …"/,
  },
  {
    code: 'token_malformed',
    act: () => call('/orders/1', { headers: { authorization: 'Bearer abcdefghijkl' } }),
    title: 'Why 401?',
    sentence: /12 characters/,
  },
  {
    code: 'token_unknown',
    act: () => call('/orders/1', { headers: { authorization: `Bearer ${'a'.repeat(54)}` } }),
    title: 'Why 401?',
    sentence: /^No such token/,
  },
  { code: 'route_unknown', act: () => call('/orderz'), title: 'Why 404?', sentence: /Nearest: \/orders/ },
  { code: 'method_not_allowed', act: () => call('/token'), title: 'Why 405?', sentence: /^GET is not taken here/ },
  {
    code: 'oauth_invalid_client',
    act: () => form({ grant_type: 'client_credentials', client_id: made.consumerKey, client_secret: 'wrong' }),
    title: 'Why 401?',
    sentence: /^Wrong consumer secret/,
  },
  {
    code: 'oauth_grant_off',
    act: () => form({ grant_type: 'password', client_id: made.consumerKey, client_secret: made.consumerSecret }),
    title: 'Why 400?',
    sentence: /"password" is not among/,
  },
  {
    code: 'target_refused',
    act: async () => {
      await system.must('POST', '/projects', {
        displayName: 'Dead',
        kind: 'http',
        contextPath: '/dead',
        targetUrl: 'http://127.0.0.1:1',
      });
      await system.must('PATCH', '/projects/dead/targets/default', { retries: 0 });
      await deployAndWait(system, 'dead');
      return call('/dead/1');
    },
    title: 'Why 502?',
    sentence: /did not take the connection/,
  },
];

for (const { code, act, title, sentence } of rows)
  test(`the page of a request refused with ${code} says so, and what helps`, async () => {
    const id = idOf(await act());
    await page.goto(`/requests/${id}`);
    await heading(title).waitFor();
    await page.getByText(sentence).first().waitFor();
    await page.getByText(new RegExp(`· ${code}$`)).waitFor();
    assert.ok((await region('How to fix it').getByRole('listitem').count()) > 0);
  });

test('an id that nobody has is told of, with how long requests are kept', async () => {
  await page.goto('/requests/req_0123456789ABCDEF');
  await heading('No request req_0123456789ABCDEF').waitFor();
  await page.getByText(/Kept for 7 days/).waitFor();
  await console.check('journey-2-unknown');
});

test('from a status in the Monitor to the list of these requests, whose filter stands in the address', async () => {
  await page.goto('/monitor');
  await region('Status codes').getByRole('link', { name: '401', exact: true }).click();
  await heading('Request log').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('status'), '401');
  const list = page.getByRole('table', { name: 'requests' });
  await list.getByRole('link', { name: 'GET /orders/1' }).first().waitFor();
  await page.reload();
  await list.getByRole('link', { name: 'GET /orders/1' }).first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get('status'), '401');
  assert.equal(await page.getByRole('combobox', { name: 'Status' }).inputValue(), '401');
  const statuses = await list
    .getByRole('cell')
    .getByText(/^\d{3}$/)
    .allInnerTexts();
  assert.ok(statuses.length >= 5);
  assert.deepEqual([...new Set(statuses)], ['401']);
  await console.check('journey-2-log');
});

test('“n like this” is the number that the list has', async () => {
  for (let i = 0; i < 3; i += 1) await call('/orders/1', { headers: { authorization: `Bearer ${token}` } });
  await sleep(2_000);
  await page.goto(`/requests/${requestId}`);
  const like = page.getByRole('link', { name: /like this$/ });
  await like.waitFor();
  const count = Number((await like.textContent())?.split(' ')[0]);
  assert.equal(count, 4);
  await like.click();
  await heading('Request log').waitFor();
  await page.getByText(`${count} of ${count}`, { exact: true }).waitFor();
  assert.equal(await page.getByRole('table', { name: 'requests' }).getByRole('row').count(), 1 + count);
});

test('a shared link works for a Viewer, and for somebody who has to sign in first', async () => {
  await page.goto(`/requests/${requestId}`);
  await page.getByRole('button', { name: 'Share link' }).click();
  const link = await page.evaluate<string>('navigator.clipboard.readText()');
  assert.equal(link, `${system.console}/requests/${requestId}`);
  await using viewer = await openAs(browser, system, 'viewer');
  await viewer.page.goto(link);
  await viewer.page.getByRole('heading', { name: 'Why 401?' }).waitFor();
  viewer.assertQuiet();
  await using stranger = await openConsole(browser, system);
  await stranger.page.goto(link);
  await stranger.page.getByLabel('User name').fill(ADMIN.name);
  await stranger.page.getByLabel(/^Password( \*)?$/).fill(ADMIN.password);
  await stranger.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await stranger.page.getByRole('heading', { name: 'Why 401?' }).waitFor();
  assert.equal(stranger.page.url(), link);
});

test('no token, secret or password stands in a page, an export or the log of the server', async () => {
  await call(`/orders/${token}?access_token=${token}`, { headers: { authorization: `Bearer ${token}` } });
  await sleep(1_500);
  const secrets = [token, made.consumerSecret, ADMIN.password];
  const assertClean = (text: string, where: string) => {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${where} has ${secret.slice(0, 4)}…`);
  };
  for (const path of [`/requests/${requestId}`, '/requests', '/monitor', '/clients/mobile-shop?tab=keys', '/audit']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('main').getByRole('table').or(region('What happened')).first().waitFor();
    assertClean(await page.content(), path);
  }
  await page.goto('/requests');
  for (const format of ['CSV', 'JSON']) {
    await page.getByRole('button', { name: 'Export' }).click();
    const arriving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: format }).click();
    const text = readFileSync(await (await arriving).path(), 'utf8');
    assert.ok(text.includes(requestId), `${format} has the request`);
    assertClean(text, format);
  }
  assertClean(system.log(), 'the log');
  console.assertQuiet();
});

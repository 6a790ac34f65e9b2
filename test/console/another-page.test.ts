import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page, Request } from 'playwright-core';
import { ADMIN, type Console, openBrowser, openConsole, signIn } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { auditHead, fillSystem, listDescribed } from '../support/operations.ts';
import { type OtherPage, startOtherPage } from '../support/other-page.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// An administrator is signed in, and in the same browser a page of somebody else is open, on another port of 127.0.0.1: the same site as
// browsers see it, so that it has the session's cookie on its side. It tries everything.

let system: System;
let browser: Browser;
let console: Console;
let elsewhere: OtherPage;
let page: Page;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  await fillSystem(system);
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  elsewhere = await startOtherPage();
  page = await console.context.newPage();
  await page.goto(elsewhere.origin);
});

after(async () => {
  await console?.[Symbol.asyncDispose]();
  await browser?.close();
  await elsewhere?.[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

/** The cookies of a request; null when the browser does not say, as of some that it sends when nobody waits for them. */
function cookieOf(request: Request): Promise<string | null> {
  const unsaid = sleep(10_000, null, { ref: false });
  return Promise.race([request.headerValue('cookie').catch(() => null), unsaid]);
}

/** Runs what the other page has (test/support/other-page.ts). */
function doThere<T>(act: string, ...args: unknown[]): Promise<T> {
  return page.evaluate<T>(`${act}(...${JSON.stringify(args)})`);
}

/** Everything that an administrator sees in lists. */
async function stateOfAll(): Promise<string> {
  const paths = [
    '/projects',
    '/server-groups',
    '/products',
    '/clients',
    '/subscriptions',
    '/users',
    '/management-keys',
  ];
  paths.push(
    '/resource-owners',
    '/directories',
    '/signing-keys',
    '/identity-providers',
    '/settings',
    '/projects/orders-api/resources',
    '/projects/orders-api/policies',
  );
  const answers = await Promise.all(paths.map((path) => system.must('GET', path)));
  return JSON.stringify(answers).replace(/"last\w+At":\d+,?/g, '');
}

test('no unsafe operation is done for it, in any way that a page has', async () => {
  const operations = (await listDescribed(system)).filter(({ method }) => method !== 'GET');
  assert.ok(operations.length > 70);
  const [head, state] = [await auditHead(system), await stateOfAll()];
  const answers: [request: string, status: number][] = [];
  const sent: Promise<string | null>[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(system.console) && request.method() === 'POST') sent.push(cookieOf(request));
  });
  page.on('response', (answer) => {
    if (answer.url().startsWith(system.console))
      answers.push([`${answer.request().method()} ${answer.url()}`, answer.status()]);
  });
  const read = await doThere<string[]>('attack', system.console, operations);
  assert.deepEqual(read, [], 'no answer can be read');
  assert.ok(sent.length > 500, `${sent.length} requests were sent`);
  const wrong = answers.filter(([, status]) => status < 400 || status >= 500);
  assert.deepEqual(wrong, []);
  const withCookie = (await Promise.all(sent)).filter((cookie) => cookie?.includes('gatewright-session-'));
  assert.ok(withCookie.length > 140, `the browser sent the cookie along, ${withCookie.length} times`);
  assert.equal(await auditHead(system), head);
  assert.equal(await stateOfAll(), state);
});

test('it can read nothing: no answer, export or stream, as script, picture, event source or socket', async () => {
  const paths = (await listDescribed(system)).filter(({ method }) => method === 'GET').map(({ path }) => path);
  const read = await doThere<string[]>('spy', system.console, [...paths, '/', '/login', '/projects']);
  assert.deepEqual(read, []);
});

test('the console cannot be framed (clickjacking), nor held by whoever opened it', async () => {
  for (const path of ['/', '/login', '/projects', '/setup/x', '/settings/users', '/api/v1/session']) {
    assert.equal(await doThere('frame', system.console + path), undefined, path);
    // Its address is empty or about:blank first.
    await eventually(`${path} is refused a frame`, () => page.frames().at(-1)?.url().startsWith('chrome-error:'));
  }
  const opened = await doThere<{ seen: string[]; isLinked: boolean }>('popUp', `${system.console}/projects`);
  assert.deepEqual(opened, { seen: [], isLinked: false });
});

test('the session that it saw the cookie of is as it was: its own page goes on working', async () => {
  await console.page.reload();
  await console.page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
  await console.page.goto('/clients?add=client');
  await console.page.getByRole('dialog').getByLabel(/^Name/).fill('By myself');
  await console.page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await console.page.getByRole('heading', { name: 'By myself' }).waitFor();
  console.assertQuiet();
});

test('a session that it plants is never the one after signing in, and one that is there cannot be replaced', async () => {
  await using other = await openConsole(browser, system);
  const there = await other.context.newPage();
  const name = `gatewright-session-${new URL(system.console).port}`;
  const plant = (path: string) =>
    there.evaluate(`document.cookie = ${JSON.stringify(`${name}=${'A'.repeat(43)}; path=${path}`)}`);
  const held = async () => (await other.context.cookies(system.console)).filter((cookie) => cookie.name === name);
  await there.goto(elsewhere.origin);
  await plant('/');
  assert.equal((await held()).length, 1, 'a browser lets it');
  await signIn(other.page, ADMIN);
  const [mine, ...more] = await held();
  assert.deepEqual([more, mine?.httpOnly, mine?.sameSite], [[], true, 'Strict']);
  assert.notEqual(mine?.value, 'A'.repeat(43));
  assert.equal(await there.evaluate('document.cookie'), '', 'scripts do not see it');
  await plant('/');
  assert.equal((await held())[0]?.value, mine?.value);
  await plant('/api');
  await other.page.goto('/');
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

/** The pages of the authorization end point in Chromium: by keyboard, in both schemes, back to the application; and out of reach of other pages. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type AuthorizationSystem, OWNER, openAuthorization, PASSWORD } from '../support/authorization.ts';
import { checkAccessibility, openBrowser } from '../support/browser.ts';
import type { Registered } from '../support/client-registry.ts';

let system: AuthorizationSystem;
let browser: Browser;
let client: Registered;
/** The application's callback, on another origin. */
const application = createServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html' });
  response.end('<!doctype html><html lang="en"><title>Shop</title><body>Back in the shop</body></html>');
});
let callback: string;

before(async () => {
  await new Promise<void>((resolve) => void application.listen(0, '127.0.0.1', resolve));
  callback = `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`;
  [system, browser] = await Promise.all([openAuthorization(), openBrowser()]);
  client = system.registry.register({ client: { redirectUris: [callback], displayName: 'Mobile shop' } });
});
after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
  application.close();
});

async function newPage(options = {}): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
  });
  return { page, complaints };
}

const requestUrl = (more: Record<string, string> = {}) =>
  `${system.url}?${new URLSearchParams({
    ...{ response_type: 'code', client_id: client.consumerKey, redirect_uri: callback, state: 'xyz', ...more },
  })}`;

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill(OWNER.username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('sign-in and consent by keyboard, without script, lead back to the application; nobody complains', async () => {
  const { page, complaints } = await newPage({ javaScriptEnabled: false });
  await page.goto(requestUrl({ scope: 'orders:read' }));
  await page.getByText('Mobile shop').waitFor();
  await page.keyboard.type(OWNER.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Allow Mobile shop?' }).waitFor();
  await page.getByRole('button', { name: 'Allow' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Back in the shop').waitFor();
  const answer = new URL(page.url()).searchParams;
  assert.match(answer.get('code') ?? '', /^[0-9A-Za-z]{43}$/);
  assert.deepEqual([answer.get('state'), answer.get('iss')], ['xyz', system.issuer]);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('every page has no WCAG 2.2 A or AA violation, in light and in dark', async () => {
  const { page, complaints } = await newPage();
  await page.goto(requestUrl());
  await checkAccessibility(page, 'sign-in-page');
  await page.getByLabel('User name').fill('nobody');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await checkAccessibility(page, 'sign-in-page-wrong');
  await signIn(page);
  await page.getByRole('heading', { name: 'Allow Mobile shop?' }).waitFor();
  await checkAccessibility(page, 'consent-page');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('Back in the shop').waitFor();
  await page.goto(`${system.url}/grants`);
  await checkAccessibility(page, 'grants-page');
  await page.goto(`${system.url}/sign-out`);
  await checkAccessibility(page, 'sign-out-page');
  await page.goto(`${system.url}/device`);
  await checkAccessibility(page, 'device-page');
  await page.goto(`${system.url}?client_id=unknown`);
  await checkAccessibility(page, 'sign-in-error-page');
  await page.goto(requestUrl({ response_mode: 'form_post' }));
  await checkAccessibility(page, 'form-post-page');
  await page.getByRole('button', { name: 'Go on to Mobile shop' }).click();
  await page.getByText('Back in the shop').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

/** Sends a form from a page, as its script would. Text: it runs in the page, whose types are not ours. */
const submitting = (action: string, fields: Readonly<Record<string, string>>) => `{
  const form = Object.assign(document.createElement('form'), { method: 'POST', action: ${JSON.stringify(action)} });
  for (const [name, value] of Object.entries(${JSON.stringify(fields)}))
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  document.body.append(form);
  form.submit();
}`;
const framing = (url: string) => `new Promise((resolve) => {
  const frame = Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(url)}, onload: () => resolve() });
  document.body.append(frame);
})`;

test('a page served through the gateway can neither read, frame nor submit the consent page', async () => {
  client = system.registry.register({ client: { redirectUris: [callback], displayName: 'Other shop' } });
  const { page } = await newPage();
  await page.goto(requestUrl());
  await signIn(page);
  await page.getByRole('heading', { name: 'Allow Other shop?' }).waitFor();
  const interaction = await page.locator('input[name=interaction]').inputValue();
  const consentUrl = `${system.url}/consent?interaction=${interaction}`;
  const evil = await page.context().newPage();
  await evil.goto(`${system.origin}/evil/page`);
  const read = await evil.evaluate(
    (url) =>
      fetch(url, { credentials: 'include' }).then(
        ({ status }) => status,
        () => 'blocked',
      ),
    consentUrl,
  );
  assert.equal(read, 'blocked');
  // At the page's own origin, which it can read, nothing of the sign-in pages is there.
  const own = await evil.evaluate((url) => fetch(url).then(({ status }) => status), new URL(consentUrl).pathname);
  assert.equal(own, 404);
  await evil.evaluate(framing(consentUrl));
  const framed = evil.frames().find((frame) => frame !== evil.mainFrame());
  assert.doesNotMatch((await framed?.content().catch(() => '')) ?? '', /form_token|Other shop/);
  const forged = { interaction, form_token: '0'.repeat(64), decision: 'allow' };
  await evil.evaluate(submitting(`${system.url}/consent`, forged));
  await evil.getByText('no longer good').waitFor();
  const consents = await system.store.listConsents(OWNER.subject, 10);
  assert.equal(
    consents.some(({ clientId }) => clientId === client.clientId),
    false,
  );
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('Back in the shop').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
  await page.context().close();
});

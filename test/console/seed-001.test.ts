import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ADMIN, type Console, openBrowser, openConsole } from '../support/browser.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Journey 1 in the console, and seed 001 sentence by sentence: each quoted sentence stands above what does it, and the seed's own words
// are the accessible names. An empty installation → a client calls a protected API with a token.

const WSDL = `<?xml version="1.0"?>
<definitions name="Stock" targetNamespace="urn:stock" xmlns:tns="urn:stock" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <message name="Ask"><part name="item" type="xsd:string"/></message>
  <message name="Answer"><part name="count" type="xsd:int"/></message>
  <portType name="StockPort"><operation name="count"><input message="tns:Ask"/><output message="tns:Answer"/></operation></portType>
  <binding name="StockBinding" type="tns:StockPort">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="count"><soap:operation soapAction="urn:stock:count"/>
      <input><soap:body use="literal" namespace="urn:stock"/></input><output><soap:body use="literal" namespace="urn:stock"/></output></operation>
  </binding>
  <service name="StockService"><port name="StockPort" binding="tns:StockBinding"><soap:address location="UPSTREAM"/></port></service>
</definitions>`;

let system: System;
let upstream: Upstream;
let browser: Browser;
let console: Console;
let page: Page;
let key = { consumerKey: '', consumerSecret: '' };
let token = '';

before(async () => {
  upstream = await startUpstream();
  system = await startSystem({ env: { GATEWRIGHT_BOOTSTRAP_TOKEN: '' } });
  browser = await openBrowser();
  console = await openConsole(browser, system);
  page = console.page;
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const heading = (name: string | RegExp) => page.getByRole('heading', { name });
const tab = (name: string) => page.getByRole('tab', { name });
const openScreen = (name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
const region = (name: string) => page.getByRole('region', { name, exact: true });

/** Presses Deploy at the upper right, chooses the server group Local, and waits until it is live. */
async function deploy(): Promise<void> {
  await button('Deploy').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Local' }).check();
  await dialog.getByRole('button', { name: 'Deploy to Local' }).click();
  await dialog.getByText('Live', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('v1 live in Local').first().waitFor();
}

test('the one-time link leads to the first administrator, and to a dashboard with the first steps', async () => {
  await page.goto(system.setup ?? '');
  await page.getByLabel('User name').fill(ADMIN.name);
  await page.getByLabel(/^Password( \*)?$/).fill(ADMIN.password);
  await page.getByLabel('Password again').fill(ADMIN.password);
  await page.getByLabel('Add a sample').uncheck();
  await console.check('journey-1-setup');
  await button('Create').click();
  await heading('Dashboard').waitFor();
  await page.getByText('0 of 6').waitFor();
  await console.check('journey-1-dashboard');
});

test('the link works once', async () => {
  const other = await openConsole(browser, system);
  await other.page.goto(system.setup ?? '');
  await other.page.getByText('already set up').waitFor();
  await other[Symbol.asyncDispose]();
});

test('seed 001: In the API Projects screen, click the Add icon and click the OAuth Token End Point option.', async () => {
  await openScreen('API projects');
  await heading('No API projects yet').waitFor();
  await console.check('journey-1-no-projects');
  await button('Add').click();
  for (const kind of ['OAuth Token End Point', 'REST/HTTP', 'WSDL'])
    await page.getByRole('menuitem', { name: kind, exact: true }).waitFor();
  await page.getByRole('menuitem', { name: 'OAuth Token End Point', exact: true }).click();
});

test('seed 001: Provide values as in the table below and click Finish.', async () => {
  await page.getByLabel('Display Name').fill('AccessToken');
  await page.getByLabel('Proxy Context Path').fill('/token');
  await page.getByLabel(/^Access Token Expiry Time/).fill('600000');
  await page.getByText('= 10 min').waitFor();
  await console.check('journey-1-token-end-point');
  await button('Finish').click();
  await heading('AccessToken').waitFor();
});

test('seed 001: After creating the project, double-click the AccessToken project to get into the project.', async () => {
  await openScreen('API projects');
  const row = page.getByRole('row', { name: 'AccessToken' });
  await row.getByText('OAuth Token End Point').waitFor();
  await row.getByText('OAuth Token End Point').dblclick();
  await heading('AccessToken').waitFor();
  await tab('Overview').waitFor();
});

test('seed 001: Go to the Policies section to check the OAUTH Token End Point Policy that is automatically configured.', async () => {
  await tab('Policies').click();
  const rows = page.getByRole('table', { name: 'Policies' }).getByRole('row');
  await rows.nth(1).waitFor();
  assert.equal(await rows.count(), 2, 'a heading and one policy');
  await console.check('journey-1-policies');
  await page.getByRole('link', { name: 'OAuth Token End Point' }).first().click();
  assert.equal(
    await page
      .getByLabel(/^Access Token Expiry Time/)
      .first()
      .inputValue(),
    '600000',
  );
});

test('seed 001: Click the DefaultResource, expand the Policy Configuration tab and see that the policy is attached to the Proxy Request endpoint.', async () => {
  await tab('Resources').click();
  await heading('Policy Configuration').waitFor();
  assert.match(await page.getByRole('combobox', { name: 'Resource' }).inputValue(), /^DefaultResource/);
  await region('Proxy Request').getByText('OAuth Token End Point').first().waitFor();
  for (const empty of ['Target Request', 'Target Response', 'Proxy Response'])
    await region(empty).getByText('No policies yet').waitFor();
  await console.check('journey-1-resource');
});

test('seed 001: To deploy the project, click the Deploy button on the upper-right part of the screen and then choose a Server Group of your choice.', async () => {
  const box = await button('Deploy').boundingBox();
  assert.ok(box !== null && box.x > 720 && box.y < 200, 'at the upper right');
  await deploy();
  const answer = await fetch(`${system.gateway}/token`);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'POST');
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
});

test('seed 001: While creating a new REST/HTTP or WSDL project, choose the "OAuth 2.0 Access Tokens" option in the API customization section for the Secure API with property.', async () => {
  await openScreen('API projects');
  await button('Add').click();
  await page.getByRole('menuitem', { name: 'REST/HTTP', exact: true }).click();
  await page.getByLabel('Display Name').fill('Orders API');
  await page.getByLabel('Proxy Context Path').fill('/orders');
  await button('Next').click();
  await page.getByLabel('Target URL').or(page.getByLabel(/^URL/)).first().fill(upstream.url);
  await button('Next').click();
  await page.getByText('API customization').first().waitFor();
  await page
    .getByRole('radiogroup', { name: 'Secure API with' })
    .getByRole('radio', { name: 'OAuth 2.0 Access Tokens' })
    .check();
  await console.check('journey-1-api-customization');
  await button('Finish').click();
  await heading('Orders API').waitFor();
});

test('seed 001: Go to the Policies section to check that the Verify Token Policy configuration is set.', async () => {
  await tab('Policies').click();
  await page
    .getByRole('table', { name: 'Policies' })
    .getByRole('link', { name: 'OAuth Verify Access Token' })
    .waitFor();
});

test('seed 001: Go to the Resources section to check that the Verify Token Policy is added to the Proxy Request endpoint.', async () => {
  await tab('Resources').click();
  await region('Proxy Request').getByText('OAuth Verify Access Token').first().waitFor();
  await console.check('journey-1-secured-resource');
  await deploy();
});

test('seed 001: the same while creating a new WSDL project', async () => {
  await openScreen('API projects');
  await button('Add').click();
  await page.getByRole('menuitem', { name: 'WSDL', exact: true }).click();
  await page.locator('input[type=file]').setInputFiles({
    name: 'stock.wsdl',
    mimeType: 'text/xml',
    buffer: Buffer.from(WSDL.replace('UPSTREAM', upstream.url)),
  });
  await button('Next').click();
  await page.getByLabel('Proxy Context Path').fill('/stock');
  await page.getByRole('radio', { name: 'OAuth 2.0 Access Tokens' }).check();
  await console.check('journey-1-wsdl');
  await button('Next').click();
  await button('Finish').click();
  await heading(/^Stock/)
    .and(page.getByRole('heading', { level: 1 }))
    .waitFor();
  await tab('Resources').click();
  await region('Proxy Request').getByText('OAuth Verify Access Token').first().waitFor();
  await deploy();
});

test('seed 001: With an already existing project the policy needs to be manually added and attached to the resource.', async () => {
  await openScreen('API projects');
  await button('Add').click();
  await page.getByRole('menuitem', { name: 'REST/HTTP', exact: true }).click();
  await page.getByLabel('Display Name').fill('Plain API');
  await page.getByLabel('Proxy Context Path').fill('/plain');
  await button('Next').click();
  await page.getByLabel('Target URL').or(page.getByLabel(/^URL/)).first().fill(upstream.url);
  await button('Next').click();
  await page.getByRole('radio', { name: 'None' }).check();
  await button('Finish').click();
  await heading('Plain API').waitFor();
});

test('seed 001: Refer to the Adding a Policy section for adding the OAuth Verify Access Token policy … manually selecting the Query option as the access token location.', async () => {
  await tab('Policies').click();
  await button('Add').click();
  await page.getByRole('menuitem', { name: 'OAuth Verify Access Token' }).click();
  const dialog = page.getByRole('dialog');
  const location = dialog.getByRole('group', { name: 'Access token location' });
  await location.getByRole('checkbox', { name: 'Header' }).uncheck();
  await location.getByRole('checkbox', { name: 'Query' }).check();
  await console.check('journey-1-policy-form');
  await dialog.getByRole('button', { name: 'Save to draft' }).click();
  await dialog.waitFor({ state: 'hidden' });
});

test('seed 001: Click the Proxy Request endpoint click the Add icon. Select the OAuth Verify Access Token policy and click OK.', async () => {
  await tab('Resources').click();
  await region('Proxy Request').getByRole('button', { name: 'Add policy' }).click();
  await page.getByRole('menuitem', { name: 'Browse all…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add policy to Proxy Request' });
  await dialog.getByRole('option', { name: 'OAuth Verify Access Token' }).first().click();
  await console.check('journey-1-pick-policy');
  await dialog.getByRole('button', { name: 'OK', exact: true }).click();
  const card = region('Proxy Request').getByRole('listitem').first();
  await card.getByText('OAuth Verify Access Token').first().waitFor();
  await card.getByText('Position 1 of 1 in Proxy Request').waitFor({ state: 'attached' });
  await deploy();
  const refused = await fetch(`${system.gateway}/orders/1`);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer realm="[^"]*"$/);
  assert.match(refused.headers.get('x-request-id') ?? '', /^req_/);
});

test('seed 001: Create a product and add the OAuth-secured API project to it … use Apps - Manage API Products and Client Subscriptions prompt in the Dashboard.', async () => {
  await openScreen('Dashboard');
  const prompt = region('Apps – Manage API Products and Client Subscriptions');
  await prompt.getByRole('link', { name: 'Products' }).click();
  await heading('No products yet').waitFor();
  await button('Add').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Name/).fill('Shop');
  for (const project of ['Orders API', 'Plain API']) {
    await dialog.getByRole('combobox', { name: 'API projects' }).fill(project);
    await page.getByRole('option', { name: project }).click();
  }
  await page.keyboard.press('Escape');
  await console.check('journey-1-product');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await heading('Shop').waitFor();
  await button('Publish').click();
  await page.getByText('Published', { exact: true }).waitFor();
  await console.check('journey-1-product-page');
});

test('seed 001: Then create a Client and Client Subscription.', async () => {
  await openScreen('Dashboard');
  await region('Apps – Manage API Products and Client Subscriptions').getByRole('link', { name: 'Clients' }).click();
  await heading('No clients yet').waitFor();
  await button('Add').first().click();
  await page.getByRole('dialog').getByLabel(/^Name/).fill('Mobile shop');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await heading('Mobile shop').waitFor();
  await openScreen('Dashboard');
  await region('Apps – Manage API Products and Client Subscriptions')
    .getByRole('link', { name: 'Subscriptions' })
    .click();
  await heading('No subscriptions yet').waitFor();
  await button('Add').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Client' }).fill('Mobile');
  await page.getByRole('option', { name: 'Mobile shop' }).click();
  await dialog.getByRole('combobox', { name: 'Product' }).fill('Shop');
  await page.getByRole('option', { name: 'Shop', exact: true }).click();
  await dialog.getByRole('button', { name: 'Subscribe' }).click();
  await heading('mobile-shop-shop').waitFor();
  await page.getByText('Active', { exact: true }).waitFor();
  await console.check('journey-1-subscription');
});

test('seed 001: After creating the Client Subscription with the product, generate Consumer Key and Consumer Secret.', async () => {
  await button('Generate Consumer Key and Secret').click();
  const dialog = page.getByRole('dialog', { name: 'Consumer key and secret' });
  await dialog.waitFor();
  await console.check('journey-1-keys');
  await dialog.getByRole('button', { name: 'Copy both as .env' }).click();
  const env = await page.evaluate<string>('navigator.clipboard.readText()');
  key = {
    consumerKey: /CONSUMER_KEY=(gwk_\w+)/.exec(env)?.[1] ?? '',
    consumerSecret: /CONSUMER_SECRET=(gws_\w+)/.exec(env)?.[1] ?? '',
  };
  assert.match(key.consumerSecret, /^gws_\w{49}$/);
  assert.match((await dialog.textContent()) ?? '', new RegExp(`curl -X POST ${system.gateway}/token`));
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.reload();
  await page.getByText(key.consumerKey).first().waitFor();
  assert.ok(!(await page.content()).includes(key.consumerSecret), 'the secret is gone');
  await page.getByText(`…${key.consumerSecret.slice(-3)}`).waitFor();
  await console.check('journey-1-keys-table');
});

test('the client gets a token in each of the ways that the seeds and the standard have, and calls', async () => {
  const form = { client_id: key.consumerKey, client_secret: key.consumerSecret };
  const basic = `Basic ${Buffer.from(`${key.consumerKey}:${key.consumerSecret}`).toString('base64')}`;
  const ways: readonly (readonly [string, RequestInit])[] = [
    ['/token?grant_type=client_credentials', { body: new URLSearchParams(form) }],
    ['/token', { body: new URLSearchParams({ ...form, grant_type: 'client_credentials' }) }],
    ['/token', { body: new URLSearchParams({ grant_type: 'client_credentials' }), headers: { authorization: basic } }],
  ];
  for (const [path, init] of ways) {
    const answer = await fetch(`${system.gateway}${path}`, { method: 'POST', ...init });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const body = (await answer.json()) as { access_token: string; token_type: string; expires_in: number };
    assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 600]);
    token = body.access_token;
  }
  const answer = await fetch(`${system.gateway}/orders/1`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  assert.ok(!(await answer.text()).includes(token), 'the token does not reach the target');
  assert.equal((await fetch(`${system.gateway}/plain?access_token=${token}`)).status, 200);
});

test('the first steps are all done, and the Monitor shows the calls and who made them within seconds', async () => {
  await openScreen('Dashboard');
  await eventually(
    'the checklist is 6 of 6',
    async () => (await page.getByText('6 of 6').count()) > 0 || undefined,
    15_000,
  );
  await openScreen('Monitor');
  await page.getByRole('region', { name: 'Top clients' }).getByRole('link', { name: 'Mobile shop' }).waitFor();
  await console.check('journey-1-monitor');
  await openScreen('Try it');
  await page.getByRole('combobox', { name: 'API project' }).fill('Orders');
  await page.getByRole('option', { name: 'Orders API' }).click();
  await page.getByRole('combobox', { name: 'Access token' }).click();
  await page.getByRole('option', { name: 'Get one for a subscription' }).click();
  await page.getByRole('combobox', { name: 'Subscription' }).click();
  await page.getByRole('option', { name: /Mobile shop/ }).click();
  await button('Send').click();
  await page.getByRole('region', { name: 'What happened' }).waitFor();
  await page.getByRole('region', { name: 'Answer' }).getByText('200').first().waitFor();
  await console.check('journey-1-try-it');
  console.assertQuiet();
});

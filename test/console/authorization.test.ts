import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { configure, register } from '../support/authorization-server.ts';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { deployAndWait } from '../support/quickstart.ts';
import { openOwnerBrowser } from '../support/resource-owner.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// An administrator adds an authorization end point and a resource owner in the console; the owner signs in and consents; the
// administrator sees what was allowed and takes it back. The sign-in pages have a host of their own, which no published page can reach.

const OWNER = { name: 'anna', displayName: 'Anna Berg', password: 'a calm sea and prosperous voyage' };
/** What somebody publishes at the gateway: a page. */
const PAGE = {
  headers: [{ name: 'Content-Type', value: 'text/html' }],
  body: '<!doctype html><html lang="en"><title>A page</title><body>A page of an API</body></html>',
};

let system: System;
let browser: Browser;
let console: Console;
let page: Page;
/** The owner's own browser window. */
let theirs: BrowserContext;
let client: { readonly id: string; readonly secret: string };
let token = '';

/** The application's callback, on an origin of its own. */
const application = createServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html' });
  response.end('<!doctype html><html lang="en"><title>Shop</title><body>Back in the shop</body></html>');
});
const callback = () => `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`;
/** Where the sign-in pages stand: the same gateway by another name. */
const authorizationUrl = () => system.gateway.replace('127.0.0.1', 'localhost');

before(async () => {
  await new Promise<void>((resolve) => void application.listen(0, '127.0.0.1', resolve));
  [system, browser] = await Promise.all([startSystem({ workers: 1 }), openBrowser()]);
  await system.must('POST', '/projects', {
    ...{ displayName: 'Access token', kind: 'oauth-token-endpoint', contextPath: '/token' },
  });
  await system.must('POST', '/projects', {
    ...{ displayName: 'Orders API', kind: 'http', contextPath: '/orders', targetUrl: 'echo:', secureWith: 'oauth' },
  });
  await system.must('POST', '/projects', {
    ...{ displayName: 'Pages', kind: 'http', contextPath: '/pages', targetUrl: 'echo:' },
  });
  await system.must('POST', '/projects/pages/policies', { type: 'mock-answer', displayName: 'Page', config: PAGE });
  await system.must('PUT', '/projects/pages/resources/default-resource/endpoints/proxyRequest', {
    attachments: [{ policy: 'page', enabled: true }],
  });
  for (const name of ['access-token', 'orders-api', 'pages']) await deployAndWait(system, name);
  const scopes = [{ scope: 'orders:read' }, { scope: 'orders:write' }];
  await system.must('POST', '/products', { displayName: 'Shop', projects: ['orders-api'], scopes });
  client = await register(system, 'shop', { displayName: 'Web shop', redirectUris: [callback()] });
  console = await openAs(browser, system, 'admin');
  page = console.page;
  theirs = await browser.newContext({ locale: 'en-GB' });
});

after(async () => {
  application.close();
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const openScreen = (name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
const press = (name: string, where: Page | ReturnType<Page['getByRole']> = page) =>
  where.getByRole('button', { name, exact: true }).click();

/** Where the application sends people. */
function requestUrl(verifier: string): string {
  return `${authorizationUrl()}/authorize?${new URLSearchParams({
    ...{ response_type: 'code', client_id: client.id, redirect_uri: callback(), state: 'xyz', scope: 'orders:read' },
    ...{ code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' },
  })}`;
}

async function signInAsOwner(at: Page): Promise<void> {
  await at.getByLabel('User name').fill(OWNER.name);
  await at.getByLabel('Password').fill(OWNER.password);
  await at.getByRole('button', { name: 'Sign in' }).click();
}

test('the server group gets a host of its own for the sign-in pages', async () => {
  await openScreen('Server groups');
  await page.getByRole('link', { name: 'Local', exact: true }).click();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByLabel('Public URL').fill(system.gateway);
  await page.getByLabel('Authorization URL').fill(authorizationUrl());
  await press('Save');
  await page.getByText('Saved. Its gateways take it over at once.').waitFor();
});

test('Add → OAuth Authorization End Point → Finish → Deploy', async () => {
  await openScreen('API projects');
  await press('Add');
  await page.getByRole('menuitem', { name: 'OAuth Authorization End Point', exact: true }).click();
  await page.getByRole('combobox', { name: 'Token end point' }).waitFor();
  await eventually('the only token end point is chosen', async () => {
    return (await page.getByRole('combobox', { name: 'Token end point' }).inputValue()) === 'Access token';
  });
  await press('Finish');
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  await press('Deploy');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Local' }).check();
  await press('Deploy to Local', dialog);
  await dialog.getByText('Live', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('v1 live in Local').first().waitFor();
});

test('Resource owners → Add: whoever is added has a page, with nothing allowed yet', async () => {
  await openScreen('Resource owners');
  await page.getByRole('heading', { name: 'No resource owners yet' }).waitFor();
  // By keyboard: the search offers it, and the form begins with its first field.
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search or paste a request id' }).fill('add a resource');
  await page.getByRole('option', { name: 'Add a resource owner' }).waitFor();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a resource owner' });
  await eventually('the first field has the focus', () =>
    page.evaluate<boolean>(`document.activeElement?.getAttribute('data-path') === 'name'`),
  );
  await page.keyboard.type('Anna');
  await page.keyboard.press('Tab');
  await page.keyboard.type(OWNER.displayName);
  await dialog.getByLabel(/^Password( \*)?$/).fill('short');
  await press('Create', dialog);
  await dialog.getByRole('alert').getByText('2 fields need a change.').waitFor();
  await dialog.getByLabel(/^Password( \*)?$/).fill(OWNER.password);
  await dialog.getByLabel('Password again').fill(OWNER.password);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: OWNER.displayName, level: 1 }).waitFor();
  await page.getByRole('heading', { name: 'No client is allowed anything' }).waitFor();
});

test('the owner signs in and allows the client; it gets a token that the API takes', async () => {
  const verifier = randomBytes(32).toString('base64url');
  const window = await theirs.newPage();
  await window.goto(requestUrl(verifier));
  await signInAsOwner(window);
  await window.getByRole('heading', { name: 'Allow Web shop?' }).waitFor();
  await window.getByRole('button', { name: 'Allow' }).click();
  await window.getByText('Back in the shop').waitFor();
  const code = new URL(window.url()).searchParams.get('code') ?? '';
  const body = { grant_type: 'authorization_code', code, redirect_uri: callback(), code_verifier: verifier };
  const answer = await fetch(`${system.gateway}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams(body),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  token = ((await answer.json()) as { access_token: string }).access_token;
  assert.equal(await callApi(), 200);
  await window.close();
});

async function callApi(): Promise<number> {
  return (await fetch(`${system.gateway}/orders`, { headers: { authorization: `Bearer ${token}` } })).status;
}

test('the administrator finds the owner with Ctrl K, sees what is allowed and takes it back: the token is refused', async () => {
  await page.goto('/');
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search or paste a request id' }).fill('anna b');
  await page.getByRole('option', { name: /Anna Berg/ }).waitFor();
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /Web shop/ });
  await row.getByText('orders:read').waitFor();
  await console.check('resource-owner-consents');
  await press('Revoke what Web shop is allowed', row);
  await console.check('resource-owner-revoke-consent');
  await press('Revoke consent', page.getByRole('dialog'));
  await page.getByRole('heading', { name: 'No client is allowed anything' }).waitFor();
  await eventually('the token is refused', async () => (await callApi()) === 401);
});

test('a page published through the gateway can neither read, frame, hold nor submit the consent page', async () => {
  const window = await theirs.newPage();
  await window.goto(requestUrl('v'.repeat(43)));
  await window.getByRole('heading', { name: 'Allow Web shop?' }).waitFor();
  const interaction = await window.locator('input[name=interaction]').inputValue();
  const consent = `${authorizationUrl()}/authorize/consent?interaction=${interaction}`;
  const evil = await theirs.newPage();
  await evil.goto(`${system.gateway}/pages/one`);
  await evil.getByText('A page of an API').waitFor();
  // As text: it runs in the page, whose types are not ours.
  const tried = (code: string) => evil.evaluate<unknown>(`(async () => { ${code} })()`);
  const url = JSON.stringify(consent);
  assert.equal(
    await tried(`return fetch(${url}, { credentials: 'include' }).then(() => 'read', () => 'blocked')`),
    'blocked',
  );
  // At its own origin nothing of the sign-in pages is there.
  assert.equal(await tried(`return (await fetch('/authorize/consent?interaction=${interaction}')).status`), 404);
  const framed = await tried(`const frame = Object.assign(document.createElement('iframe'), { src: ${url} });
    await new Promise((done) => { frame.onload = done; document.body.append(frame); });
    try { return frame.contentDocument.body.textContent } catch { return 'blocked' }`);
  assert.ok(framed === 'blocked' || framed === null, String(framed));
  await eventually('the frame is refused', () => evil.frames().at(-1)?.url().startsWith('chrome-error:'));
  const held = await tried(`const opened = open(${url}); await new Promise((done) => setTimeout(done, 1000));
    try { return opened?.document?.forms?.length ? 'held' : 'nothing' } catch { return 'blocked' }`);
  assert.notEqual(held, 'held');
  await tried(`const form = Object.assign(document.createElement('form'), { method: 'POST', action: ${url} });
    for (const [name, value] of Object.entries({ interaction: '${interaction}', form_token: '0'.repeat(64), decision: 'allow' }))
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    document.body.append(form); setTimeout(() => form.submit())`);
  await evil.getByText('no longer good').waitFor();
  const { items } = await system.must<{ items: unknown[] }>('GET', `/resource-owners/${OWNER.name}/consents`);
  assert.deepEqual(items, []);
  // The owner's own page goes on working.
  await window.getByRole('button', { name: 'Deny' }).click();
  await window.getByText('Back in the shop').waitFor();
  assert.equal(new URL(window.url()).searchParams.get('error'), 'access_denied');
  await Promise.all([window.close(), evil.close()]);
});

test('after too many wrong passwords the owner has to wait; Unlock lets them try again', async () => {
  const guesser = openOwnerBrowser();
  let form = await guesser.open(requestUrl('v'.repeat(43)));
  for (let tries = 0; tries < 5; tries += 1)
    form = await guesser.submit(form, { username: OWNER.name, password: `wrong password ${tries}` });
  await openScreen('Resource owners');
  await page.reload();
  const row = page.getByRole('row', { name: new RegExp(OWNER.name) });
  await row.getByText('Has to wait').waitFor();
  await row.getByRole('link', { name: OWNER.name, exact: true }).click();
  await page.getByText(/Has to wait until .*, after too many wrong passwords/).waitFor();
  await press('Unlock');
  await page.getByText('Enabled', { exact: true }).waitFor();
});

test('another password, disabling and enabling again; a Viewer is shown nobody', async () => {
  await openScreen('Resource owners');
  await page.getByRole('link', { name: OWNER.name, exact: true }).click();
  await press('Set password…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^New password( \*)?$/).fill('another calm sea and voyage');
  await dialog.getByLabel('New password again').fill('another calm sea and voyage');
  await press('Set password', dialog);
  await page.getByText('The password is set.').waitFor();
  await press('Disable…');
  await press('Disable resource owner', dialog);
  await page.getByText('Disabled', { exact: true }).waitFor();
  await press('Enable');
  await page.getByText('Enabled', { exact: true }).waitFor();
  await using viewer = await openAs(browser, system, 'viewer');
  for (const [path, title] of [
    ['/resource-owners', 'Resource owners are not shown to you'],
    ['/resource-owners/directories', 'Directories are not shown to you'],
    ['/settings/signing-keys', 'Signing keys are not shown to you'],
  ] as const) {
    await viewer.page.goto(path);
    await viewer.page.getByRole('heading', { name: title }).waitFor();
  }
  viewer.assertQuiet();
});

test('Directories → Add: an LDAP server and a provider, each with the fields it needs; what the API refuses stands at its field', async () => {
  await page.goto('/resource-owners/directories');
  await press('Add');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: false }).first().fill('Corp');
  await dialog.getByRole('textbox', { name: 'Server' }).fill('ldap://ldap.example.com');
  await dialog.getByRole('checkbox', { name: 'StartTLS' }).uncheck();
  await dialog.getByLabel('People are searched for in').fill('ou=people,dc=example,dc=com');
  await press('Create', dialog);
  await dialog.getByText('Passwords would cross the network readable').first().waitFor();
  await console.check('directory-ldap');
  await dialog.getByRole('checkbox', { name: 'StartTLS' }).check();
  await press('Create', dialog);
  await page.getByRole('row', { name: /Corp.*LDAP.*ldap:\/\/ldap\.example\.com/ }).waitFor();
  await press('Acts on Corp');
  await page.getByRole('menuitem', { name: 'Check…' }).click();
  await dialog.getByLabel('User name').fill('anna');
  await press('Check', dialog);
  await dialog.getByText(/It cannot be used: /).waitFor();
  await console.check('directory-check');
  await press('Cancel', dialog);
  await press('Add');
  await dialog.getByLabel('Name', { exact: false }).first().fill('Harbour ID');
  await dialog.getByRole('radio', { name: 'An OpenID Connect provider' }).check();
  await dialog.getByRole('textbox', { name: 'Issuer' }).fill('https://login.example.com');
  await dialog.getByLabel('Client id').fill('gatewright');
  await dialog.getByLabel('Client secret').fill('kept secret');
  await console.check('directory-oidc');
  await press('Create', dialog);
  await page.getByRole('row', { name: /Harbour ID.*OpenID Connect/ }).waitFor();
  await press('Harbour ID');
  await dialog.getByRole('checkbox', { name: 'Active' }).uncheck();
  await press('Save', dialog);
  await page.getByRole('row', { name: /Harbour ID.*Disabled/ }).waitFor();
});

test('Signing keys: a rotation publishes the next key of one algorithm', async () => {
  await page.goto('/settings/signing-keys');
  const rows = page.getByRole('row', { name: /^ES256/ });
  await rows.getByRole('button', { name: /^Acts on ES256/ }).click();
  await page.getByRole('menuitem', { name: 'Rotate ES256…' }).click();
  await console.check('signing-keys-rotate');
  await press('Rotate ES256', page.getByRole('dialog'));
  await page.getByRole('row', { name: /^ES256.*Next.*Signs from/ }).waitFor();
  await page.getByRole('row', { name: /^ES256.*Signs.*Rotates/ }).waitFor();
});

test('choosing a profile sets the policy; what is changed from it is listed, on the project too, and leads to its field', async () => {
  await configure(system, 'access-token', 'oauth-token-endpoint', { grantTypes: ['client_credentials', 'password'] });
  await page.goto('/projects/access-token/policies/oauth-token-endpoint');
  await page.getByText('BCP', { exact: true }).click();
  await page.getByText('Everything is as the profile BCP (RFC 9700) has it.').waitFor();
  await page.getByRole('button', { name: /^Advanced/ }).click();
  await page.getByRole('switch', { name: 'In query string' }).click();
  await page.getByText('1 deviation from the profile BCP (RFC 9700)').waitFor();
  await page.getByRole('button', { name: 'Find client credentials: In query string' }).click();
  await eventually('the field has the focus', () =>
    page.evaluate<boolean>(`document.activeElement?.closest('[data-pointer="/clientCredentialsIn/query"]') !== null`),
  );
  await console.check('profile-note');
  await press('Save to draft');
  await page.getByText('Saved to draft').waitFor();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByText('OAuth Token End Point: 1 deviation from the profile BCP (RFC 9700)').waitFor();
  await console.check('profile-warning');
  await press('Set as the profile has it…');
  await page.getByRole('dialog').getByText('clientCredentialsIn.query: on → off').waitFor();
  await console.check('profile-set');
  await press('Set as the profile has it', page.getByRole('dialog'));
  await page.getByText('OAuth Token End Point is as the profile BCP (RFC 9700) has it, in the draft.').waitFor();
  await eventually('the warning is gone', async () => (await page.getByText('1 deviation from').count()) === 0);
  await page.goto('/projects/sign-in');
  await page.getByText(/1 deviation from the profile BCP/).waitFor();
  await page.getByRole('link', { name: 'requirePkce' }).click();
  await press('Set as the profile has it');
  await page.getByText('Everything is as the profile BCP (RFC 9700) has it.').waitFor();
  await press('Discard');
  console.assertQuiet();
});

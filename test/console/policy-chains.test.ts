import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// Policy chains in the console: made, put in order, and said where their policies are listed.

let system: System;
let browser: Browser;
let page: Page;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
  const attributes = [{ name: 'tenant', value: 'north' }];
  for (const [displayName, type, config] of [
    ['Tenant', 'assign-variables', { attributes }],
    ['Answer', 'mock-answer', {}],
  ])
    await system.must('POST', '/projects/orders-api/policies', { displayName, type, config });
  browser = await openBrowser();
  ({ page } = await openAs(browser, system, 'admin'));
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });

const chain = async () => {
  const { status, body } = await system.api<{ policies: object[] }>(
    'GET',
    '/projects/orders-api/policy-chains/prepare',
  );
  return status === 200 ? body.policies : undefined;
};

async function add(policy: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Add a policy' }).click();
  await page.getByRole('option', { name: policy, exact: true }).click();
}

test('a chain is made of policies, in an order that is changed', async () => {
  await page.goto(`${system.console}/projects/orders-api`);
  await page.getByRole('tab', { name: 'Policy chains' }).click();
  await page.getByText('No policy chains yet').waitFor();
  await button('Add policy chain').click();
  await page.getByLabel('Display name').fill('Prepare');
  await add('Answer');
  await add('Tenant');
  await button('Move Tenant up').click();
  await page.getByRole('switch', { name: 'Answer is on' }).press('Space');
  await button('Save to draft').click();
  const saved = await eventually('the chain', chain);
  assert.deepEqual(saved, [
    { policy: 'tenant', enabled: true },
    { policy: 'answer', enabled: false },
  ]);
  await page.getByText('Tenant → Answer (off)').waitFor();
});

test('it is opened, changed and read again', async () => {
  await page.getByRole('link', { name: 'Prepare' }).click();
  await button('Take Answer out').click();
  await button('Save to draft').click();
  await eventually('changed', async () => ((await chain())?.length === 1 ? true : undefined));
  await page.getByRole('tab', { name: 'Policies', exact: true }).click();
  await page.getByRole('link', { name: 'Policy chain Prepare' }).click();
  await page.getByRole('dialog').getByText('1. Tenant').waitFor();
  await button('Cancel').click();
});

test('the Add menu of policies has the new types', async () => {
  await page.goto(`${system.console}/projects/orders-api/policies`);
  await button('Add').click();
  for (const name of ['Assign Variables', 'Service Callout', 'Script', 'Call Policy Chain'])
    await page.getByRole('menuitem', { name }).waitFor();
  await page.getByRole('menuitem', { name: 'Service Callout' }).click();
  await page.getByLabel('URL').waitFor();
});

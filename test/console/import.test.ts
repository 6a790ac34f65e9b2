import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Console, openBrowser } from '../support/browser.ts';
import { openAs } from '../support/console-people.ts';
import { type System, startSystem } from '../support/system.ts';

// Journey 6 in the console: an OpenAPI document becomes a project, is mended where it is broken, and a newer one is a reviewed diff.

/** Nine kinds of things with two operations each, and two operations more: 20. */
const KINDS = ['pet', 'owner', 'order', 'visit', 'vet', 'shelter', 'toy', 'food', 'photo'] as const;

/** A document in YAML as people write them; `extra` is put among the paths. */
function petstore(kinds: readonly string[] = KINDS, extra = ''): string {
  return `openapi: 3.1.0
info:
  title: Petstore
  version: 2.4.0
servers:
  - url: https://pets.example.com/v2
    description: Public
paths:
${kinds.map(pathsOf).join('')}  /health:
    get:
      operationId: getHealth
      security: []
      responses: { "200": { description: It runs. } }
  /watch:
    post:
      operationId: watch
      tags: [pets]
      responses: { "202": { description: It is watched. } }
      callbacks:
        moved:
          "{$request.body#/url}":
            post:
              responses: { "200": { description: Taken. } }
${extra}components:
  schemas:
    Pet:
      type: object
      xml: { name: pet }
      properties:
        name: { type: string, xml: { attribute: true } }
  securitySchemes:
    shop:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://pets.example.com/token
          scopes: { "pets:read": Looks, "pets:write": Changes }
security:
  - shop: [pets:read]
`;
}

const capital = (word: string) => `${word[0]?.toUpperCase()}${word.slice(1)}`;

function pathsOf(kind: string): string {
  return `  /${kind}s:
    get:
      operationId: list${capital(kind)}s
      tags: [${kind}s]
      responses: { "200": { description: All. } }
    post:
      operationId: add${capital(kind)}
      tags: [${kind}s]
      security: [{ shop: [pets:write] }]
      responses: { "201": { description: Added. } }
`;
}

let system: System;
let browser: Browser;
let console: Console;
let page: Page;

before(async () => {
  system = await startSystem();
  browser = await openBrowser();
  console = await openAs(browser, system, 'admin');
  page = console.page;
});

after(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const choose = (name: string, text: string) =>
  page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(text) });

test('the first step says what was read, and what of it is not used', async () => {
  await page.goto('/projects');
  await button('Add').first().click();
  await page.getByRole('menuitem', { name: 'Import OpenAPI or WSDL…' }).click();
  await choose('petstore.yaml', petstore());
  await page.getByRole('heading', { name: 'Read: 20 operations, 1 server, security: oauth2' }).waitFor();
  const unused = page.getByRole('region', { name: 'Not used' });
  for (const part of ['callbacks', 'xml']) await unused.getByText(part, { exact: true }).waitFor();
  await console.check('journey-6-read');
  assert.deepEqual((await system.must<{ items: unknown[] }>('GET', '/projects')).items, []);
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';

// Journey 6: an OpenAPI document and a WSDL become projects that run; a newer document is a reviewed diff; a broken one creates nothing.

const document = (name: string) => readFileSync(join(import.meta.dirname, '../support/documents', name), 'utf8');
const petstore = document('petstore.yaml');
const ENVELOPE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetOrder xmlns="urn:example:orders">1</GetOrder></s:Body></s:Envelope>';

let system: System;
let folder: string;
let service: http.Server;
let seen: string[];
let key: { readonly consumerKey: string; readonly consumerSecret: string };

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-import-'));
  system = await startSystem({ workers: 1 });
  seen = [];
  service = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.soapaction ?? ''}`);
    request.resume().on('end', () => response.setHeader('content-type', 'text/xml').end(ENVELOPE));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'petstore.yaml'), petstore);
  writeFileSync(join(folder, 'orders.wsdl'), document('orders.wsdl').replace('http://orders.example.com', address()));
});

after(async () => {
  service?.close();
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const address = () => `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
const file = (name: string) => join(folder, name);

/** A token of the client made below, with these scopes. */
async function token(scope: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: key.consumerKey,
    client_secret: key.consumerSecret,
    ...(scope === '' ? {} : { scope }),
  });
  const answer = await fetch(`${system.gateway}/token`, { method: 'POST', body });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}

const call = (path: string, bearer?: string, init: RequestInit = {}) =>
  fetch(system.gateway + path, {
    ...init,
    headers: { ...init.headers, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
  });

test('petstore 3.1 is imported, deployed and called: each operation asks for its scopes', async () => {
  const dry = await system.run(2, 'import', file('petstore.yaml'), '--path', '/pets', '--target', 'echo:', '--dry-run');
  assert.match(dry.stderr, /^Read: 6 operations, 1 server, security: oauth2, apiKey\n/);
  assert.match(dry.stderr, /Not used: callbacks \(line \d+\)\. Callbacks are calls that the target makes itself/);
  assert.match(dry.stdout, /\+ DELETE \/pets\/\{pet_id\} {2}removePet {2}pets:read pets:write/);
  assert.deepEqual((await system.must<{ items: unknown[] }>('GET', '/projects')).items, []);
  const made = await system.run(0, 'import', file('petstore.yaml'), '--path', '/pets', '--target', 'echo:');
  assert.match(made.stdout, /Not live until deployed: gatewright deploy pet-shop\nImported as Pet shop at \/pets\./);
  await system.must('POST', '/projects', {
    displayName: 'AccessToken',
    kind: 'oauth-token-endpoint',
    contextPath: '/token',
  });
  for (const project of ['access-token', 'pet-shop']) await system.run(0, 'deploy', project, '--to', 'local');
  await system.must('POST', '/products', {
    displayName: 'Shop',
    projects: ['pet-shop'],
    scopes: ['pets:read', 'pets:write', 'orders:read'].map((scope) => ({ scope })),
  });
  await system.must('POST', '/clients', { displayName: 'Till', kind: 'server' });
  const { name } = await system.must<{ name: string }>('POST', '/subscriptions', { client: 'till', product: 'shop' });
  key = await system.must('POST', `/subscriptions/${name}/keys`);
  const read = await token('pets:read');
  assert.equal((await call('/pets/health')).status, 200, 'the document says that it needs no token');
  assert.equal((await call('/pets/pets')).status, 401);
  assert.equal((await call('/pets/pets', read)).status, 200);
  const lacking = await call('/pets/pets/7', read, { method: 'DELETE' });
  assert.equal(lacking.status, 403);
  assert.match(lacking.headers.get('www-authenticate') ?? '', /insufficient_scope.*scope="pets:read pets:write"/);
  assert.equal((await call('/pets/pets/7', await token('pets:read pets:write'), { method: 'DELETE' })).status, 200);
  assert.equal((await call('/pets/orders', read)).status, 403);
  assert.equal((await call('/pets/orders', await token('orders:read'))).status, 200);
  assert.equal((await call('/pets/pets', read, { method: 'PATCH' })).status, 405);
});

test('a newer document is shown as a diff, asks about what would be lost, and changes the draft only', async () => {
  assert.match(
    (await system.run(0, 'import', file('petstore.yaml'), '--into', 'pet-shop', '--dry-run')).stdout,
    /Nothing to change\./,
  );
  await system.must('POST', '/projects/pet-shop/policies', {
    type: 'set-headers',
    name: 'mark',
    config: { set: [{ name: 'x-mark', value: '1' }] },
  });
  for (const resource of ['list-pets', 'list-orders'])
    await system.run(0, 'policy', 'attach', 'pet-shop/mark', '--at', 'targetRequest', '--resource', resource);
  const newer = petstore
    .replace(/ {2}\/orders:[\s\S]*? {2}\/health:/, '  /health:')
    .replace('      operationId: getPet\n', '      operationId: getPet\n      security: [{ shop: [pets:write] }]\n')
    .replace(
      '  /health:',
      '  /owners:\n    get:\n      operationId: listOwners\n      responses: { "200": { description: Owners. } }\n  /health:',
    );
  writeFileSync(file('newer.yaml'), newer);
  const dry = await system.run(2, 'import', file('newer.yaml'), '--into', 'pet-shop', '--dry-run');
  assert.match(dry.stdout, /\+ GET {2}\/owners {2}listOwners/);
  assert.match(dry.stdout, /- GET {2}\/orders {2}listOrders {2}has 1 policy: /);
  assert.match(dry.stdout, /~ GET {2}\/pets\/\{pet_id\} {2}getPet\n {6}Scopes pets:read → pets:write/);
  assert.match(dry.stdout, /1 added, 1 removed, 1 changed, 4 kept/);
  const undecided = await system.run(4, 'import', file('newer.yaml'), '--into', 'pet-shop');
  assert.match(undecided.stderr, /--keep list-orders/);
  await system.run(0, 'import', file('newer.yaml'), '--into', 'pet-shop', '--removed', 'remove');
  assert.equal((await call('/pets/orders', await token('orders:read'))).status, 200, 'not live yet');
  await system.run(0, 'deploy', 'pet-shop', '--to', 'local');
  const read = await token('pets:read');
  assert.equal((await call('/pets/owners', read)).status, 200);
  assert.equal((await call('/pets/pets/1', read)).status, 403);
  const echo = (await (await call('/pets/pets', read)).json()) as { headers: Record<string, string> };
  assert.equal(echo.headers['x-mark'], '1', 'the policy of a kept operation stays');
});

test('a broken file is told of by line and column, and nothing is created', async () => {
  writeFileSync(
    file('broken.yaml'),
    petstore.replace(/( {4}get:\n {6}operationId: getPet\n.*\n) {6}responses:\n.*\n/, '$1'),
  );
  const refused = await system.run(4, 'import', file('broken.yaml'), '--name', 'Broken');
  assert.match(
    refused.stderr,
    /line 47, column 5: paths\.\/pets\/\{pet-id\}\.get\.responses is missing\. Every operation needs at least one response\./,
  );
  writeFileSync(file('broken.zip'), Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 0xff, 0xfe]));
  assert.match((await system.run(4, 'import', file('broken.zip'))).stderr, /is an archive \(zip or the like\)/);
  assert.equal((await system.api('GET', '/projects/broken')).status, 404);
});

test('what a URL leads to on this machine is not fetched, whoever asks', async () => {
  for (const url of [
    address(),
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:9000/',
    'http://localhost:1/',
  ]) {
    for (const path of ['/imports/openapi/preview', '/imports/wsdl/preview', '/projects/pet-shop/import/preview']) {
      const answer = await system.api('POST', path, { url });
      assert.equal(answer.status, 403, `${path} ${url}`);
    }
  }
  assert.deepEqual(seen, []);
});

test('a WSDL becomes a SOAP API: refusals are faults, calls with a token pass', async () => {
  const made = await system.run(
    0,
    'import',
    file('orders.wsdl'),
    '--name',
    'SOAP orders',
    '--path',
    '/soap/orders',
    '--secure-with',
    'oauth',
  );
  assert.match(made.stderr, /Read: 1 service, 2 ports, 1 operation/);
  assert.match(made.stderr, /orders\.wsdl line 12 imports types\.xsd, which is not in the upload\./);
  await system.must('PATCH', '/products/shop', { projects: ['pet-shop', 'soap-orders'] });
  await system.run(0, 'deploy', 'soap-orders', '--to', 'local');
  const soap = {
    method: 'POST',
    body: ENVELOPE,
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:example:orders/GetOrder"' },
  };
  const refused = await call('/soap/orders', undefined, soap);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('content-type') ?? '', /^text\/xml/);
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer realm="SOAP orders"$/);
  const fault = await refused.text();
  const requestId = refused.headers.get('x-request-id') ?? '';
  assert.match(
    fault,
    new RegExp(
      `<faultcode>s:Client</faultcode><faultstring>[^<]+</faultstring><detail>.*<g:requestId>${requestId}</g:requestId>`,
    ),
  );
  const soap12 = { ...soap, headers: { 'content-type': 'application/soap+xml' } };
  const refused12 = await call('/soap/orders', 'x'.repeat(54), soap12);
  assert.match(refused12.headers.get('content-type') ?? '', /^application\/soap\+xml/);
  assert.match(await refused12.text(), /<s:Value>s:Sender<\/s:Value><s:Subcode><s:Value>g:invalid_token</);
  const why = await system.run(0, 'why', requestId);
  assert.match(why.stdout, /token_missing/);
  const passed = await call('/soap/orders', await token(''), soap);
  assert.deepEqual([passed.status, await passed.text()], [200, ENVELOPE]);
  assert.deepEqual(seen, ['POST /services/Orders "urn:example:orders/GetOrder"'], 'to the very address of the port');
});

test('the console’s way, the API’s and a file’s end in the same state', async () => {
  await system.run(0, 'export', '--dir', file('one'));
  await using other = await startSystem({ workers: 1 });
  await other.run(0, 'apply', file('one'));
  await other.run(0, 'export', '--dir', file('two'));
  const files = (name: string) => system.run(0, 'apply', file(name), '--dry-run').then(({ stdout }) => stdout);
  assert.match(await files('two'), /Nothing to change\./);
  for (const name of [
    'projects/soap-orders/service.wsdl',
    'projects/soap-orders/project.yaml',
    'projects/pet-shop/resources/list-pets.yaml',
    'schemas/policy.json',
  ])
    assert.equal(readFileSync(join(file('two'), name), 'utf8'), readFileSync(join(file('one'), name), 'utf8'), name);
  assert.match(
    readFileSync(join(file('one'), 'projects/soap-orders/project.yaml'), 'utf8'),
    /^# yaml-language-server: \$schema=\.\.\/\.\.\/schemas\/project\.json\n/,
  );
  assert.equal(
    (await other.must<{ text: string }>('GET', '/projects/soap-orders/import')).text,
    readFileSync(file('orders.wsdl'), 'utf8'),
  );
});

test('a folder of somebody else reads and writes nothing outside of itself', async () => {
  mkdirSync(file('hostile/clients'), { recursive: true });
  symlinkSync('/etc/hostname', file('hostile/clients/a.yaml'));
  const read = await system.run(4, 'apply', file('hostile'), '--dry-run');
  assert.match(read.stderr, /clients\/a\.yaml:1: it is a link that leads out of the folder/);
  mkdirSync(file('hostile-out'));
  mkdirSync(file('hostile2'));
  symlinkSync(file('hostile-out'), file('hostile2/clients'));
  const written = await system.run(4, 'export', '--dir', file('hostile2'));
  assert.match(written.stderr, /leads out of the folder/);
  writeFileSync(file('hostile-out/x'), '');
});

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { type System, startSystem } from '../support/system.ts';

// Everything as files: out of one system, into another one, and out again the same.

const PARTNERS = { issuer: 'https://login.example.com', clientId: 'gatewright', clientSecret: 'partners-secret-1' };

let system: System;
let other: System;
let made: Quickstart;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-as-code-'));
  [system, other] = await Promise.all([startSystem({ workers: 1 }), startSystem({ workers: 1 })]);
  made = await quickstart(system, 'echo:');
  const run = (...args: string[]) => system.run(0, ...args);
  await run('group', 'create', 'Production', 'publicUrl=https://api.example.com', 'errorDetail=verbose');
  await run('resource', 'create', 'orders-api', 'displayName=Health', 'path=/health', 'methods=GET', 'public=true');
  await run('target', 'create', 'orders-api', 'displayName=Second', 'urls=http://127.0.0.1:8081,http://127.0.0.1:8082');
  await run(
    'policy',
    'create',
    'orders-api',
    'type=set-headers',
    'displayName=Mark',
    'set=[{"name":"x-shop","value":"1"}]',
  );
  await run('policy', 'attach', 'orders-api/mark', '--at', 'targetRequest', '--resource', 'project');
  await run('policy', 'attach', 'orders-api/mark', '--at', 'targetResponse', '--resource', 'health', '--off');
  await run('directory', 'create', 'Partners', 'kind=oidc', `oidc=${JSON.stringify(PARTNERS)}`);
  await run('product', 'set', 'shop', 'scopes=orders:read,orders:write');
  await run('client', 'create', 'Till 7', 'description=at "7": Ümlaut # no comment');
  await run('subscription', 'create', '--client', 'till-7', '--product', 'shop', 'scopes=orders:read');
});

after(async () => {
  await system[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Every file below a folder with its text. */
function filesIn(name: string): Record<string, string> {
  const top = join(folder, name);
  const paths = readdirSync(top, { recursive: true, encoding: 'utf8' }).filter((one) =>
    statSync(join(top, one)).isFile(),
  );
  return Object.fromEntries(paths.sort().map((one) => [one, readFileSync(join(top, one), 'utf8')]));
}

test('an export is the same twice, whole, and without any secret', async () => {
  await system.run(0, 'export', '--dir', join(folder, 'a'));
  await system.run(0, 'export', '--dir', join(folder, 'again'));
  const files = filesIn('a');
  assert.deepEqual(filesIn('again'), files);
  for (const name of [
    'projects/orders-api/project.yaml',
    'projects/orders-api/resources/health.yaml',
    'projects/orders-api/policies/mark.yaml',
    'projects/orders-api/targets/second.yaml',
    'server-groups/production.yaml',
    'directories/local.yaml',
    'directories/partners.yaml',
    'products/shop.yaml',
    'clients/till-7.yaml',
  ])
    assert.ok(name in files, `${name} of ${Object.keys(files).join(' ')}`);
  const all = JSON.stringify(files);
  assert.ok(!all.includes(made.consumerSecret) && !all.includes(PARTNERS.clientSecret) && !/gw[sm]_/.test(all));
});

test('applied to an empty system it makes all of that, and its export is the same byte for byte', async () => {
  const dry = await other.run(2, 'apply', join(folder, 'a'), '--dry-run');
  assert.match(dry.stdout, /Project “Orders API” at \/orders is new/);
  assert.match(dry.stdout, /Nothing was changed: --dry-run\. \d+ changes would be made\./);
  assert.deepEqual((await other.must<{ items: unknown[] }>('GET', '/projects')).items, []);
  const applied = await other.run(0, 'apply', join(folder, 'a'));
  assert.match(applied.stdout, /Not live until deployed: gatewright deploy orders-api/);
  await other.run(0, 'export', '--dir', join(folder, 'b'));
  assert.deepEqual(filesIn('b'), filesIn('a'));
  assert.match((await other.run(0, 'apply', join(folder, 'a'))).stdout, /Nothing to change\./);
  assert.match((await other.run(0, 'apply', join(folder, 'a'), '--dry-run')).stdout, /Nothing to change\./);
  for (const project of ['access-token', 'orders-api']) await other.run(0, 'deploy', project, '--to', 'local');
  assert.equal((await fetch(`${other.gateway}/orders/health`)).status, 200);
  assert.equal((await fetch(`${other.gateway}/orders/1`)).status, 401);
});

test('a changed file changes what it says and nothing else; comments stay through the next export', async () => {
  const file = join(folder, 'a/projects/orders-api/resources/health.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, `# Asked by the load balancer\n${text.replace('path: /health', 'path: /healthz # was /health')}`);
  const dry = await other.run(2, 'apply', join(folder, 'a'), '--dry-run', '--json');
  const { changes } = JSON.parse(dry.stdout) as { changes: { sentence: string }[] };
  assert.deepEqual(
    changes.map(({ sentence }) => sentence),
    ['Resource “Health”: path /health → /healthz'],
  );
  await other.run(0, 'apply', join(folder, 'a'));
  await other.run(0, 'resource', 'set', 'orders-api/health', 'methods=GET,HEAD');
  await other.run(0, 'export', '--dir', join(folder, 'a'));
  const after = readFileSync(file, 'utf8');
  assert.match(after, /^# Asked by the load balancer\n/);
  assert.match(after, /path: \/healthz # was \/health\n/);
  assert.match(after, /HEAD/);
});

test('--prune takes away what the folder does not have, after asking', async () => {
  rmSync(join(folder, 'b/clients/till-7.yaml'));
  rmSync(join(folder, 'b/subscriptions'), { recursive: true });
  const kept = await other.run(2, 'apply', join(folder, 'b'), '--dry-run');
  assert.doesNotMatch(kept.stdout, /Till/);
  assert.match((await other.run(64, 'apply', join(folder, 'b'), '--prune')).stderr, /will be deleted\. Add --yes/);
  await other.run(0, 'apply', join(folder, 'b'), '--prune', '--yes');
  assert.equal((await other.api('GET', '/clients/till-7')).status, 404);
  assert.equal((await other.api('GET', '/clients/mobile-shop')).status, 200);
});

test('--prune takes a directory away, but none in which somebody is, and no file gives its secret', async () => {
  const file = join(folder, 'b/directories/partners.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^oidc:$/m, 'oidc:\n  clientSecret: partners-secret-1'));
  assert.match((await other.run(4, 'apply', join(folder, 'b'))).stderr, /partners\.yaml:\d+.*clientSecret/s);
  writeFileSync(file, text);
  const { hasCredentials } = await other.must<{ hasCredentials: boolean }>('GET', '/directories/partners');
  assert.equal(hasCredentials, false);
  await other.run(0, 'directory', 'create', 'Guests');
  await other.must('POST', '/resource-owners', { directory: 'guests', name: 'maria' });
  rmSync(file);
  const pruned = await other.run(0, 'apply', join(folder, 'b'), '--prune', '--yes');
  assert.match(pruned.stderr, /directory guests stays: there are resource owners in it/);
  assert.equal((await other.api('GET', '/directories/partners')).status, 404);
  for (const name of ['guests', 'local']) assert.equal((await other.api('GET', `/directories/${name}`)).status, 200);
});

test('a file that cannot be read, or says what cannot be, is named with its line', async () => {
  const file = join(folder, 'b/products/shop.yaml');
  const text = readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n').length;
  const wrong: [string, RegExp][] = [
    [`${text}scopes: [a\n`, new RegExp(`products/shop\\.yaml:${lines + 1}`)],
    [`${text}colour: red\n`, new RegExp(`products/shop\\.yaml:${lines + 1}.*colour`, 's')],
    [text.replace(/^displayName: .*$/m, 'displayName: 7'), /products\/shop\.yaml:3.*displayName/s],
    [text.replace(/- orders-api/, '- nothing-api'), /products\/shop\.yaml:\d+.*nothing-api/s],
  ];
  for (const [content, said] of wrong) {
    writeFileSync(file, content);
    const result = await other.cli(['apply', join(folder, 'b')]);
    assert.ok(result.code === 64 || result.code === 4, `${result.code} ${result.stderr}`);
    assert.match(result.stderr, said);
  }
  writeFileSync(file, text);
  appendFileSync(
    join(folder, 'b/projects/orders-api/policies/oauth-verify-access-token.yaml'),
    '  tokenInn: [query]\n',
  );
  const result = await other.cli(['apply', join(folder, 'b')]);
  assert.match(result.stderr, /oauth-verify-access-token\.yaml:\d+.*tokenInn/s);
  assert.match((await other.run(64, 'apply', join(folder, 'nowhere'))).stderr, /nowhere/);
});

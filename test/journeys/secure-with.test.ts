import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { quickstart } from '../support/quickstart.ts';
import { type System, startSystem } from '../support/system.ts';

// Decision 16: Secure API with belongs to the project, whatever is added to it later and however.

let system: System;

before(async () => {
  system = await startSystem({ workers: 1 });
  await quickstart(system, 'echo:');
});

after(() => system[Symbol.asyncDispose]());

const deploy = (exit = 0) => system.run(exit, 'deploy', 'orders-api', '--to', 'local');

/** Statuses of calls without a token. */
async function call(path: string, ...methods: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const method of methods) statuses.push((await fetch(`${system.gateway}/orders${path}`, { method })).status);
  return statuses;
}

test('a resource that is added later is protected, by every method it has', async () => {
  await system.run(0, 'resource', 'create', 'orders-api', 'displayName=Items', 'path=/items/{id}', 'methods=GET,PUT');
  const { endpoints } = await system.must<{ endpoints: { proxyRequest: { policy: string }[] } }>(
    'GET',
    '/projects/orders-api/resources/items',
  );
  assert.deepEqual(
    endpoints.proxyRequest.map(({ policy }) => policy),
    ['oauth-verify-access-token'],
  );
  const diff = await system.run(2, 'diff', 'orders-api', '--to', 'local');
  assert.match(diff.stdout, /Resource “Items” GET, ?PUT \/items\/\{id\} is new/);
  assert.match(diff.stdout, /Proxy Request of Items: “OAuth Verify Access Token” attached at position 1/);
  await deploy();
  assert.deepEqual(await call('/items/1', 'GET', 'HEAD', 'PUT', 'DELETE'), [401, 401, 401, 405]);
});

test('a resource that lost its policy keeps the project from being deployed, and what runs goes on', async () => {
  await system.run(0, 'policy', 'detach', 'orders-api/oauth-verify-access-token', '--resource', 'items');
  const refused = await deploy(4);
  assert.match(refused.stderr, /✖ secured .*Items/);
  assert.match(refused.stderr, /gatewright policy attach orders-api\/oauth-verify-access-token .*--resource items/);
  assert.match(refused.stderr, /gatewright resource set orders-api\/items public=true/);
  assert.match(refused.stderr, /code deploy_refused · exit 4/);
  const dry = await system.run(4, 'deploy', 'orders-api', '--to', 'local', '--dry-run');
  assert.match(dry.stdout, /Nothing was deployed: --dry-run\. It would be refused\./);
  assert.deepEqual(await call('/items/1', 'GET'), [401]);
});

test('one that is attached but turned off does not count', async () => {
  await system.run(0, 'policy', 'attach', 'orders-api/oauth-verify-access-token', '--resource', 'items', '--off');
  assert.match((await deploy(4)).stderr, /code deploy_refused/);
});

test('public: true opens it, and only it; said in the diff', async () => {
  await system.run(0, 'policy', 'detach', 'orders-api/oauth-verify-access-token', '--resource', 'items');
  await system.run(0, 'resource', 'set', 'orders-api/items', 'public=true');
  assert.match((await system.run(2, 'diff', 'orders-api', '--to', 'local')).stdout, /“Items”.*public/i);
  await deploy();
  assert.deepEqual(await call('/items/1', 'GET', 'PUT'), [200, 200]);
  assert.deepEqual(await call('/other', 'GET'), [401]);
});

test('securing a project that was open covers all that it has', async () => {
  await system.run(0, 'resource', 'create', 'open-api', 'displayName=Deep', 'path=/a/*', 'methods=GET');
  await system.run(0, 'project', 'set', 'open-api', 'secureWith=oauth');
  await system.run(0, 'deploy', 'open-api', '--to', 'local');
  for (const path of ['/open', '/open/1', '/open/a/b/c'])
    assert.equal((await fetch(system.gateway + path)).status, 401, path);
});

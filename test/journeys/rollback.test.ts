import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startLoneGateway } from '../support/lone-gateway.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Journey 3: a bad deployment is taken back, by the command line.

let system: System;
let upstream: Upstream;
let made: Quickstart;
let token: string;

before(async () => {
  upstream = await startUpstream();
  system = await startSystem();
  made = await quickstart(system, upstream.url);
  token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
});

after(async () => {
  await system[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

async function call(path = '/1'): Promise<number> {
  const answer = await fetch(made.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

interface Deployed {
  version: number;
  state: string;
  kind: string;
  note?: string;
  reason?: string;
  createdBy: string;
}

const deployments = async () =>
  (await system.must<{ items: Deployed[] }>('GET', '/deployments?project=orders-api')).items;

test('a bad deployment is live, and diff said what it would change', async () => {
  await system.run(0, 'target', 'set', 'orders-api/default', 'urls=http://127.0.0.1:1');
  const diff = await system.run(2, 'diff', 'orders-api', '--to', 'local');
  assert.match(diff.stdout, new RegExp(`Target “Default”.*${upstream.url}.* → .*http://127.0.0.1:1`));
  assert.match(diff.stdout, /1 difference\./);
  const dry = await system.run(2, 'deploy', 'orders-api', '--to', 'local', '--dry-run');
  assert.match(dry.stdout, /Nothing was deployed/);
  assert.equal(await call(), 200);
  const deployed = await system.run(0, 'deploy', 'orders-api', '--to', 'local', '--note', 'faster target');
  assert.match(deployed.stdout, /Undo with: gatewright rollback orders-api --on local --to v1\nLive\./);
  assert.equal(await call(), 502);
  await system.run(0, 'diff', 'orders-api', '--to', 'local');
});

test('a dry run says what rolling back would change, and changes nothing', async () => {
  const before = await deployments();
  const dry = await system.run(2, 'rollback', 'orders-api', '--on', 'local', '--dry-run');
  assert.match(dry.stdout, /Target “Default”.*http:\/\/127.0.0.1:1.* → /);
  assert.match(dry.stdout, /Nothing was rolled back: --dry-run\./);
  assert.deepEqual(await deployments(), before);
  assert.equal(await call(), 502);
});

test('rolled back, the older version answers, the draft stays as it was, and the list says who and why', async () => {
  const result = await system.run(0, 'rollback', 'orders-api', '--on', 'local', '--reason', 'dead target');
  assert.match(result.stderr, /Not rolled back: consumer keys, subscriptions and the draft/);
  assert.match(result.stdout, /Undo with: gatewright deploy orders-api --to local --version v2\nLive: v1 in Local\./);
  for (let i = 0; i < 20; i += 1) assert.equal(await call(), 200);
  const target = await system.run(0, 'target', 'get', 'orders-api/default', '--json');
  assert.deepEqual((JSON.parse(target.stdout) as { urls: { url: string }[] }).urls[0]?.url, 'http://127.0.0.1:1');
  await system.run(2, 'diff', 'orders-api', '--to', 'local');
  const [now, bad, first] = await deployments();
  assert.deepEqual([now?.version, now?.kind, now?.state], [1, 'rollback', 'live']);
  assert.deepEqual([bad?.version, bad?.state], [2, 'rolled-back']);
  assert.deepEqual([first?.version, first?.state], [1, 'replaced']);
  assert.match(JSON.stringify(now), /dead target/);
  const audit = await system.must<{ items: { sentence: string }[] }>('GET', '/audit?limit=5');
  assert.ok(
    audit.items.some(({ sentence }) =>
      /^Orders API was rolled back on Local from v2 to v1 \(dead target\)/.test(sentence),
    ),
    JSON.stringify(audit.items),
  );
});

test('undo of the rollback, then back to a version by its number; one that does not exist or runs is refused', async () => {
  await system.run(0, 'deploy', 'orders-api', '--to', 'local', '--version', 'v2');
  assert.equal(await call(), 502);
  await system.run(0, 'target', 'set', 'orders-api/default', `urls=${upstream.url}/new`);
  await system.run(0, 'deploy', 'orders-api', '--to', 'local');
  assert.equal(await call('/x'), 200);
  assert.equal(upstream.seen.at(-1)?.url, '/new/x');
  const back = await system.run(0, 'rollback', 'orders-api', '--on', 'local', '--to', 'v1');
  assert.match(back.stdout, /Live: v1 in Local/);
  await call('/x');
  assert.equal(upstream.seen.at(-1)?.url, '/x');
  assert.match((await system.run(3, 'rollback', 'orders-api', '--on', 'local', '--to', 'v9')).stderr, /no version v9/);
  assert.match(
    (await system.run(4, 'rollback', 'orders-api', '--on', 'local', '--to', 'v1')).stderr,
    /v1 already runs in Local/,
  );
});

test('while a gateway is away it is said that it will follow, with exit 5, and it does', async () => {
  const env = { GATEWRIGHT_NAME: 'two', GATEWRIGHT_GATEWAY_PORT: '0' };
  const second = await startLoneGateway(system.dataDir, env);
  await eventually('both run', async () => {
    const { gateways } = await system.must<{ gateways: { state: string }[] }>('GET', '/status');
    return gateways.filter(({ state }) => state === 'ready').length === 2 ? true : undefined;
  });
  await second.stop('SIGKILL');
  await eventually('it is lost', async () => {
    const { gateways } = await system.must<{ gateways: { state: string }[] }>('GET', '/status');
    return gateways.some(({ state }) => state === 'lost') ? true : undefined;
  });
  const result = await system.run(5, 'rollback', 'orders-api', '--on', 'local', '--to', 'v3', '--reason', 'try');
  assert.match(result.stderr, /two {2}not reached; it will take v3 when it returns/);
  assert.match(result.stdout, /Partly live: 1 of 2 gateways/);
  await using again = await startLoneGateway(system.dataDir, env);
  await eventually('it took v3', async () => {
    await fetch(`${again.address}/orders/late`, { headers: { authorization: `Bearer ${token}` } });
    return upstream.seen.at(-1)?.url === '/new/late' ? true : undefined;
  });
});

test('undeployed, its path is answered 404 with route_unknown; deployed again it is there', async () => {
  assert.match((await system.run(64, 'undeploy', 'orders-api', '--on', 'local')).stderr, /Add --yes/);
  const off = await system.run(0, 'undeploy', 'orders-api', '--on', 'local', '--yes'); // `two` has drained: nobody waits for it
  assert.match(off.stdout, /Undo with: gatewright deploy orders-api --to local --version v3\nOff\./);
  const answer = await fetch(`${made.apiUrl}/1`);
  assert.equal(answer.status, 404);
  const why = await eventually('explained', async () => {
    const one = await system.api<{ code: string }>('GET', `/requests/${answer.headers.get('x-request-id')}/why`);
    return one.status === 200 ? one.body : undefined;
  });
  assert.equal(why.code, 'route_unknown');
  assert.equal((await deployments())[0]?.state, 'undeployed');
  await system.run(0, 'deploy', 'orders-api', '--to', 'local', '--version', 'v3');
  assert.equal(await call(), 200);
});

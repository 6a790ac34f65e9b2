import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type LoneGateway, startLoneGateway } from '../support/lone-gateway.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { environment, eventually, GATEWRIGHT, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// Two server groups, each with a gateway of its own on one machine and one data directory.

let system: System;
let edge: LoneGateway;
let made: Quickstart;

before(async () => {
  system = await startSystem({ workers: 1 });
  made = await quickstart(system, 'echo:');
  await system.run(0, 'group', 'create', 'Edge');
  edge = await startLoneGateway(system.dataDir, { GATEWRIGHT_NAME: 'edge-1', GATEWRIGHT_SERVER_GROUP: 'edge' });
});

after(async () => {
  await edge[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

async function call(
  origin: string,
  path: string,
  token?: string,
): Promise<{ status: number; id: string; code?: string }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(origin + path, { headers });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, id: answer.headers.get('x-request-id') ?? '', ...(code !== undefined && { code }) };
}

const status = async (origin: string, path: string, token?: string) => (await call(origin, path, token)).status;

test('both gateways are known, each in its group', async () => {
  const { stdout } = await system.run(0, 'gateway', 'list');
  assert.match(stdout, /^edge-1\tedge\tready\t/m);
  assert.match(stdout, /^local-1\tlocal\tready\t/m);
  assert.notEqual(edge.address, system.gateway);
});

test('a deployment is on the gateways of its group, and on no other', async () => {
  assert.equal(await status(edge.address, '/open/1'), 404);
  const deployed = await system.run(0, 'deploy', 'open-api', '--to', 'edge');
  assert.match(deployed.stderr, /✔ edge-1 {2}on v1/);
  assert.doesNotMatch(deployed.stderr, /local-1/);
  assert.ok(deployed.stdout.includes(`Live. ${edge.address}/open`), deployed.stdout);
  assert.equal(await status(edge.address, '/open/1'), 200);
  await system.run(0, 'project', 'set', 'open-api', 'contextPath=/wide');
  await system.run(0, 'deploy', 'open-api', '--to', 'edge');
  assert.deepEqual([await status(edge.address, '/wide'), await status(edge.address, '/open')], [200, 404]);
  assert.deepEqual([await status(system.gateway, '/wide'), await status(system.gateway, '/open')], [404, 200]);
  await eventually('what is for another group is no lag', async () => {
    const { items } = await system.must<{ items: { lag: number }[] }>('GET', '/gateways');
    return items.every(({ lag }) => lag === 0) || undefined;
  });
  await system.run(0, 'undeploy', 'open-api', '--on', 'edge', '--yes');
  assert.deepEqual([await status(edge.address, '/wide'), await status(system.gateway, '/open')], [404, 200]);
});

test('a token is good in the group that issued it, and refused elsewhere with token_issuer', async () => {
  for (const project of ['access-token', 'orders-api']) await system.run(0, 'deploy', project, '--to', 'edge');
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const own = await getToken(`${edge.address}/token`, made.consumerKey, made.consumerSecret);
  assert.deepEqual(
    [await status(system.gateway, '/orders/1', token), await status(edge.address, '/orders/1', own)],
    [200, 200],
  );
  assert.equal(await status(system.gateway, '/orders/1', own), 401);
  const refused = await call(edge.address, '/orders/1', token);
  assert.deepEqual([refused.status, refused.code], [401, 'invalid_token']);
  const why = await eventually('explained', async () => {
    const { code, stdout } = await system.cli(['why', refused.id]);
    return code === 0 ? stdout : undefined;
  });
  assert.match(why, /The token was issued in server group local and used in edge\./);
  assert.match(why, /token_issuer/);
  assert.match(why, /Gateway +edge-1 in edge/);
});

test('with several groups the command line asks which, and does not guess', async () => {
  const unclear = await system.run(64, 'deploy', 'orders-api');
  assert.match(unclear.stderr, /--to.*(edge, local|local, edge)/s);
  assert.match((await system.run(4, 'group', 'delete', 'edge', '--yes')).stderr, /undeploy access-token --on edge/);
});

test('a gateway whose group does not exist says so, and is not ready', async () => {
  const lost = await emptyGateway({ GATEWRIGHT_NAME: 'lost', GATEWRIGHT_SERVER_GROUP: 'nowhere' }, system.dataDir);
  try {
    await eventually('it says why', () => /There is no server group nowhere/.test(lost.log()) || undefined);
    const answer = await call(lost.address(), '/open');
    assert.deepEqual([answer.status, answer.code], [503, 'not_ready']);
  } finally {
    await lost.stop();
  }
});

/** A gateway that has nothing to serve: it is not ready, but listens. */
async function emptyGateway(env: NodeJS.ProcessEnv, dataDir: string) {
  const child = spawn(GATEWRIGHT, ['gateway'], {
    env: environment(dataDir, { env, workers: 1 }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const address = () => /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
  await eventually('it listens', () =>
    fetch(address()).then(
      () => true,
      () => undefined,
    ),
  );
  return {
    address,
    log: () => log,
    stop: () =>
      new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

test('a gateway that never saw a manager is not ready, and says so', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-alone-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const alone = await emptyGateway({}, dataDir);
  try {
    const answer = await call(alone.address(), '/open');
    assert.deepEqual([answer.status, answer.code], [503, 'not_ready']);
    const admin = /"admin":"([^"]+)"/.exec(alone.log())?.[1] ?? '';
    const readiness = await fetch(`${admin}/readyz`);
    assert.equal(readiness.status, 503);
    assert.match(await readiness.text(), /nothing was fetched from the manager yet/);
    assert.equal((await fetch(`${admin}/healthz`)).status, 200);
  } finally {
    await alone.stop();
  }
});

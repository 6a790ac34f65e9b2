import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startLoad } from '../support/load.ts';
import { type LoneGateway, startLoneGateway } from '../support/lone-gateway.ts';
import { settled } from '../support/quickstart.ts';
import { environment, eventually, runCommand, type System, startSystem } from '../support/system.ts';

// A gateway that joins from a folder of its own, by the command line from beginning to end.

const SECRET = 'a-secret-that-nobody-sees';
const selector = (text: string) => `\u0024{${text}}`;

let system: System;
let folder: string;
let edge: LoneGateway;
let managerUrl: string;
const gatewayDir = () => join(folder, 'edge-1');

async function startEdge(args: readonly string[] = []): Promise<LoneGateway> {
  const store = `sqlite:${join(system.dataDir, 'tokens.db')}`;
  return startLoneGateway(gatewayDir(), { GATEWRIGHT_TOKEN_STORE_URL: store }, args);
}

const gatewright = (dataDir: string, args: readonly string[], input?: string) =>
  runCommand(['gateway', ...args], { env: environment(join(folder, dataDir)), input });

async function newToken(): Promise<string> {
  const file = join(folder, 'token');
  await system.run(0, 'group', 'join-token', 'edge', '--out', file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  return readFileSync(file, 'utf8').trim();
}

async function readiness(gateway: LoneGateway) {
  const answer = await fetch(`${gateway.admin}/readyz`);
  const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; detail: string }[] };
  return { status: answer.status, bad: checks.filter(({ ok }) => !ok).map(({ name }) => name), checks };
}

const textOf = async (url: string) => (await fetch(url)).text();

/** Every file below a folder, as text. */
function filesBelow(place: string): string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-joined-'));
  system = await startSystem({ workers: 1 });
  await system.run(0, 'group', 'create', 'Edge');
  const made = JSON.parse((await system.run(0, 'group', 'join-token', 'edge', '--json')).stdout);
  managerUrl = made.managerUrl;
  writeFileSync(join(folder, 'first'), made.token);
  edge = await startEdge(['--join', managerUrl, '--token-file', join(folder, 'first'), '--name', 'edge-1']);
});

after(async () => {
  await edge[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('it is listed with its group, and comes back without a token, by the name it had', async () => {
  const isReady = async () =>
    /^edge-1\tedge\tready\t/m.test((await system.run(0, 'gateway', 'list')).stdout) || undefined;
  await eventually('it is ready', isReady);
  const first = edge.address;
  await edge.stop();
  edge = await startEdge();
  assert.equal(edge.address, first);
  await eventually('it is ready again', isReady);
  for (const file of ['membership.json', 'letters.key'])
    assert.equal(statSync(join(gatewayDir(), 'gateway-edge-1', file)).mode & 0o777, 0o600);
});

test('variables and secrets reach settings on the gateway, and change there without a failed request', async () => {
  await system.run(0, 'group', 'set-variable', 'edge', 'region=eu-1');
  const set = await system.cli(['group', 'set-secret', 'edge', 'backend-key', '--secret', '-'], {
    input: `${SECRET}\n`,
  });
  assert.equal(set.code, 0, set.stderr);
  assert.match((await system.run(0, 'group', 'variables', 'edge')).stdout, /backend-key\t\(secret\)\t\$\{secrets/);
  assert.match(
    (await system.run(64, 'group', 'set-secret', 'edge', 'x', '--secret', SECRET)).stderr,
    /lists processes/,
  );
  await system.must('POST', '/projects', {
    displayName: 'Hello',
    kind: 'http',
    contextPath: '/hello',
    targetUrl: 'echo:',
  });
  await system.must('POST', '/projects/hello/policies', {
    type: 'mock-answer',
    config: { body: `${selector('variables.region')} ${selector('secrets.backend-key')}` },
  });
  await system.run(0, 'policy', 'attach', 'hello/mock-answer');
  const refused = await system.run(4, 'deploy', 'hello', '--to', 'local');
  assert.match(refused.stderr, /Policy Mock Answer uses \$\{variables\.region\}, and Local has no such variable/);
  await settled(system, await system.must('POST', '/deployments', { project: 'hello', serverGroup: 'edge' }));
  const url = `${edge.address}/hello`;
  assert.equal(await textOf(url), `eu-1 ${SECRET}`);
  const load = startLoad({ url, connections: 4, wantedStatus: 200, limitMs: 30_000 });
  for (const region of ['us-1', 'us-2', 'us-3']) {
    await system.run(0, 'group', 'set-variable', 'edge', `region=${region}`);
    await eventually(region, async () => (await textOf(url)).startsWith(region) || undefined, 2_000);
  }
  const counts = await load.stop();
  assert.deepEqual(counts.failures, []);
  assert.match(
    (await system.run(4, 'group', 'unset', 'edge', 'region', '--yes')).stderr,
    /Hello, deployed on Edge, uses/,
  );
});

test('a secret is in clear in no file, log, list, audit trail or export', async () => {
  const shown = await Promise.all([
    system.run(0, 'group', 'variables', 'edge', '--json'),
    system.run(0, 'group', 'get', 'edge', '--json'),
    system.run(0, 'diff', 'hello', '--to', 'edge').catch(() => system.cli(['diff', 'hello', '--to', 'edge'])),
    system.run(0, 'export', '--dir', join(folder, 'export')),
    system.must('GET', '/audit').then((body) => ({ stdout: JSON.stringify(body), stderr: '' })),
    system.must('GET', '/requests').then((body) => ({ stdout: JSON.stringify(body), stderr: '' })),
  ]);
  for (const { stdout, stderr } of shown) assert.ok(!(stdout + stderr).includes(SECRET));
  assert.ok(!(system.log() + edge.log()).includes(SECRET));
  for (const place of [system.dataDir, folder]) for (const text of filesBelow(place)) assert.ok(!text.includes(SECRET));
});

test('drained it is not ready, and takes calls again when undrained', async () => {
  await system.run(0, 'gateway', 'drain', 'edge-1');
  await eventually('it drains', async () => (await readiness(edge)).status === 503 || undefined);
  await eventually('it takes nothing', () =>
    fetch(`${edge.address}/hello`).then(
      () => undefined,
      () => true,
    ),
  );
  assert.match((await system.run(0, 'gateway', 'list')).stdout, /^edge-1\tedge\tdraining\t/m);
  await system.run(0, 'gateway', 'undrain', 'edge-1');
  await eventually('it is ready', async () => (await readiness(edge)).status === 200 || undefined);
  assert.equal(await textOf(`${edge.address}/hello`), `us-3 ${SECRET}`);
});

test('what keeps a gateway from joining is said, each with its exit code', async () => {
  const used = await gatewright(
    'other',
    ['--join', managerUrl, '--token', '-'],
    readFileSync(join(folder, 'first'), 'utf8'),
  );
  assert.equal(used.code, 6);
  assert.match(used.stderr, /used already/);
  const token = await newToken();
  const elsewhere = await gatewright('other', ['--join', 'https://127.0.0.1:1', '--token', token]);
  assert.equal(elsewhere.code, 7);
  assert.match(elsewhere.stderr, /seen by everybody who lists processes/);
  const stranger = await gatewright('other', ['--join', managerUrl, '--token', '-'], `${token.slice(0, -5)}AAAAA`);
  assert.equal(stranger.code, 6);
  assert.match(stranger.stderr, /not the manager that made this token/);
  assert.equal((await gatewright('other', ['--join', managerUrl])).code, 64);
  const taken = await gatewright('other', ['--join', managerUrl, '--token', '-', '--name', 'edge-1'], token);
  assert.equal(taken.code, 4);
  assert.match(taken.stderr, /has a gateway edge-1/);
});

test('removed it says so, serves nothing more, and comes back only with a new token', async () => {
  await system.run(0, 'gateway', 'remove', 'edge-1', '--yes');
  const state = await eventually('it says so', async () => {
    const found = await readiness(edge);
    return found.bad.includes('membership') ? found : undefined;
  });
  assert.match(JSON.stringify(state.checks), /removed from its server group/);
  await eventually('it serves nothing', () =>
    fetch(`${edge.address}/hello`).then(
      () => undefined,
      () => true,
    ),
  );
  assert.doesNotMatch((await system.run(0, 'gateway', 'list')).stdout, /^edge-1/m);
  await edge.stop();
  const again = await gatewright('edge-1', []);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /edge-1 was removed from edge\. Join again/);
  writeFileSync(join(folder, 'next'), await newToken());
  edge = await startEdge(['--join', managerUrl, '--token-file', join(folder, 'next')]);
  await eventually('it serves', async () => (await textOf(`${edge.address}/hello`)).includes(SECRET) || undefined);
});

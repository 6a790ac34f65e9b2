import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { environment, runCommand, type System, startSystem } from '../support/system.ts';

// What keeps a start from being one: settings, ports, and a second one on the same data directory. And the admin listeners of one that goes well.

let system: System;
let folder: string;
let ports: { gateway: number; manager: number };

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-start-'));
  ports = { gateway: await freePort(), manager: await freePort() };
  const env = {
    GATEWRIGHT_ADMIN_PORT: String(ports.gateway),
    GATEWRIGHT_ADMIN_MANAGER_PORT: String(ports.manager),
    GATEWRIGHT_BOOTSTRAP_TOKEN: '',
  };
  system = await startSystem({ env, workers: 1 });
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function freePort(): Promise<number> {
  const { server, port } = await listening();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A command that runs something, on a data directory of its own unless told otherwise. */
const start = (command: string[], env: NodeJS.ProcessEnv = {}, dataDir = join(folder, 'data')) =>
  runCommand(command, { env: environment(dataDir, { env, workers: 1 }) });

test('every error of the configuration is told at once, each with its place, and ends with exit 64', async () => {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, 'gateway:\n  prot: 8000\nworkers: many\ntokenStore:\n  url: ftp:x\n');
  const env = {
    GATEWRIGHT_MANAGER_PORT: 'ninety',
    GATEWRIGHT_BOOTSTRAP_TOKEN: 'short',
    GATEWRIGHT_GATWAY_PORT: '1',
    GATEWRIGHT_WORKERS: undefined,
  };
  for (const command of ['start', 'gateway', 'manager']) {
    const result = await start([command, '--config', file], env);
    assert.equal(result.code, 64);
    for (const wanted of [
      /gateway\.prot is not a setting\. Did you mean gateway\.port\?/,
      /workers .*expected number/,
      /GATEWRIGHT_MANAGER_PORT must be a whole number, it is "ninety"/,
      /GATEWRIGHT_GATWAY_PORT is not a setting\. Did you mean GATEWRIGHT_GATEWAY_PORT\?/,
    ])
      assert.match(result.stderr, wanted);
    assert.match(result.stderr, /code configuration_invalid · exit 64/);
  }
  const json = await start(['start', '--json'], { GATEWRIGHT_BOOTSTRAP_TOKEN: 'short' });
  assert.equal(json.code, 64);
  const { code, errors } = JSON.parse(json.stderr) as { code: string; errors: string[] };
  assert.deepEqual([code, errors.length], ['configuration_invalid', 1]);
  assert.match(errors[0] ?? '', /at least 32 characters/);
});

test('--print-config shows what holds, with the secret masked, and starts nothing', async () => {
  const token = 'a-secret-of-at-least-thirty-two-characters';
  const tokenFile = join(folder, 'bootstrap');
  writeFileSync(tokenFile, `${token}\n`);
  const env = { GATEWRIGHT_BOOTSTRAP_TOKEN: undefined, GATEWRIGHT_BOOTSTRAP_TOKEN_FILE: tokenFile };
  const { code, stdout, stderr } = await start(['start', '--print-config', '--gateway-port', '8123'], env);
  assert.equal(code, 0, stderr);
  const shown = JSON.parse(stdout) as { bootstrapToken: string; gateway: { port: number }; limits: object };
  assert.deepEqual([shown.bootstrapToken, shown.gateway.port], ['***', 8123]);
  assert.ok(!(stdout + stderr).includes(token));
});

describe('a start that must fail', { concurrency: true }, () => {
  test('a second start on the data directory is refused, and the first one does not feel it', async () => {
    const { setup } = system;
    const began = performance.now();
    const [second, gateway] = await Promise.all([
      start(['start'], {}, system.dataDir),
      start(['gateway', '--json'], {}, system.dataDir),
    ]);
    assert.equal(second.code, 1);
    // Whichever of its two processes is refused first says so.
    assert.match(
      second.stderr,
      /✖ Gatewright could not start: (?:Gatewright|A gateway named \S+) runs on the data directory .* already/,
    );
    assert.deepEqual(JSON.parse(gateway.stderr.trim()), {
      code: 'start_failed',
      exit: 1,
      title: `The gateway could not start: A gateway named local-1 runs on the data directory ${system.dataDir} already. Stop it, or give this one another name (GATEWRIGHT_NAME).`,
    });
    assert.ok(performance.now() - began < 15_000);
    assert.match((await system.run(0, 'status')).stdout, /^local-1\tlocal\tready\t/m);
    await system.run(0, 'setup', setup ?? '', '--out', join(folder, 'admin.token'));
  });

  test('a port that is in use is named, with the setting that chooses another', async () => {
    const { server, port } = await listening();
    try {
      const cases: [string, string, NodeJS.ProcessEnv][] = [
        ['manager', 'GATEWRIGHT_MANAGER_PORT', {}],
        ['manager', 'GATEWRIGHT_ADMIN_MANAGER_PORT', {}],
        ['gateway', 'GATEWRIGHT_GATEWAY_PORT', { GATEWRIGHT_NAME: 'other' }],
        ['gateway', 'GATEWRIGHT_ADMIN_PORT', { GATEWRIGHT_NAME: 'another' }],
      ];
      const results = await Promise.all(
        cases.map(([command, variable, env], i) =>
          start([command], { ...env, [variable]: String(port) }, join(folder, `ports-${i}`)),
        ),
      );
      for (const [i, [command, variable]] of cases.entries()) {
        assert.equal(results[i]?.code, 1, variable);
        assert.match(
          results[i]?.stderr ?? '',
          new RegExp(
            `✖ The ${command} could not start: .*port ${port} on 127.0.0.1 is in use.*\\(${variable}\\), or 0 for any`,
          ),
        );
        assert.doesNotMatch(results[i]?.stderr ?? '', / {4}at /, 'no stack');
      }
    } finally {
      server.close();
    }
  });
});

test('the admin listeners of gateway and manager: alive, ready, metrics, and nothing else', async () => {
  const get = async (port: number, path: string, init?: RequestInit) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
  await fetch(`${system.gateway}/nothing`);
  for (const port of [ports.gateway, ports.manager]) {
    assert.deepEqual(await get(port, '/healthz').then(({ status, text }) => [status, text]), [200, 'ok\n']);
    const ready = await get(port, '/readyz');
    assert.equal(ready.status, 200);
    assert.equal((JSON.parse(ready.text) as { state: string }).state, 'ready');
    const metrics = await get(port, '/metrics');
    assert.equal(metrics.status, 200);
    assert.match(metrics.type, /^(text\/plain|application\/openmetrics-text)/);
    assert.match(metrics.text, /^# HELP gatewright_/m);
    assert.equal((await get(port, '/else')).status, 404);
    assert.equal((await get(port, '/readyz', { method: 'POST' })).status, 405);
  }
  const { text } = await get(ports.gateway, '/metrics');
  assert.match(text, /^gatewright_request_duration_ms_count\{project=""\} [1-9]/m);
  const names = (JSON.parse((await get(ports.gateway, '/readyz')).text) as { checks: { name: string }[] }).checks;
  assert.deepEqual(
    names.map(({ name }) => name),
    ['deployments', 'replica', 'membership', 'drain', 'revocations', 'clock'],
  );
});

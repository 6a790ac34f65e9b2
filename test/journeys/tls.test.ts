import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { certificateA, certificateB, certificateLocal, type TestCertificate } from '../support/certificate.ts';
import type { Quickstart } from '../support/quickstart.ts';
import { environment, eventually, runCommand, type System, startSystem } from '../support/system.ts';

// TLS on both listeners (decision 29).

let folder: string;
let system: System;
let made: Quickstart;

const fileOf = (name: string) => join(folder, name);

function write(name: string, { cert, key }: TestCertificate): void {
  writeFileSync(fileOf(`${name}.pem`), cert);
  writeFileSync(fileOf(`${name}.key`), key);
}

/** The settings of one listener: a certificate and a further one by name. */
function tls(area: 'MANAGER' | 'GATEWAY'): NodeJS.ProcessEnv {
  const named = [{ certFile: fileOf('named.pem'), keyFile: fileOf('named.key') }];
  return {
    [`GATEWRIGHT_${area}_CERT_FILE`]: fileOf('default.pem'),
    [`GATEWRIGHT_${area}_KEY_FILE`]: fileOf('default.key'),
    [`GATEWRIGHT_${area}_CERTIFICATES`]: JSON.stringify(named),
  };
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-tls-'));
  write('default', certificateLocal);
  write('named', certificateB);
  const env = { ...tls('MANAGER'), ...tls('GATEWAY'), GATEWRIGHT_MANAGER_HOSTS: 'a.example.test,b.example.test' };
  system = await startSystem({ env, workers: 2 });
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** The name in the certificate that a listener shows to a client that asks for `servername`. */
function shownTo(origin: string, servername: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), servername, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('both listeners say https; the command line and a call work when the certificate is trusted, and say why when not', async () => {
  assert.match(system.console, /^https:\/\/127\.0\.0\.1:/);
  assert.match(system.gateway, /^https:\/\/127\.0\.0\.1:/);
  const untrusted = await system.cli(['quickstart', '--json']);
  assert.equal(untrusted.code, 7, untrusted.stderr);
  assert.match(untrusted.stderr, /certificate.*NODE_EXTRA_CA_CERTS/s);
  const env = { NODE_EXTRA_CA_CERTS: fileOf('default.pem') };
  const trusted = await system.cli(['quickstart', '--json', '--new-secret'], { env });
  assert.equal(trusted.code, 0, trusted.stderr);
  made = JSON.parse(trusted.stdout) as Quickstart;
  assert.ok(made.tokenUrl.startsWith(system.gateway));
  const remote = {
    ...env,
    GATEWRIGHT_SERVER: system.console,
    GATEWRIGHT_TOKEN: 'bootstrap-token-of-the-tests-0123456789abcdef',
  };
  const status = await system.cli(['status'], { env: remote });
  assert.match(status.stdout, /Gateways 1\/1/, status.stderr);
  assert.equal((await system.cli(['status'], { env: { ...remote, NODE_EXTRA_CA_CERTS: '' } })).code, 7);
});

test('the target sees that the call came by TLS; plain HTTP is not answered on a port of TLS', async () => {
  const dispatcher = new Agent({ connect: { ca: certificateLocal.cert } });
  const answer = await request(`${system.gateway}/open/1`, { dispatcher });
  const { headers } = (await answer.body.json()) as { headers: Record<string, string> };
  assert.equal(headers['x-forwarded-proto'], 'https');
  for (const origin of [system.gateway, system.console])
    await assert.rejects(fetch(origin.replace('https:', 'http:')), `${origin} by http`);
  await dispatcher.close();
});

test('a further certificate is chosen by the name that is asked for', async () => {
  for (const origin of [system.gateway, system.console]) {
    assert.equal(await shownTo(origin, 'b.example.test'), 'b.example.test');
    assert.equal(await shownTo(origin, 'other.example.test'), 'localhost');
  }
});

test('changed files are taken without a restart; half of a change keeps what was', async () => {
  const log = system.log().length;
  writeFileSync(fileOf('default.pem'), certificateA.cert);
  await eventually('the misfit is noticed by both', () => {
    const noticed = system
      .log()
      .slice(log)
      .match(/The new certificates cannot be used|the new ones do not work/g);
    return (noticed?.length ?? 0) >= 3 || undefined;
  });
  for (const origin of [system.gateway, system.console]) assert.equal(await shownTo(origin, ''), 'localhost');
  writeFileSync(fileOf('default.key'), certificateA.key);
  for (const origin of [system.gateway, system.console])
    await eventually('every new connection sees the new one', async () => {
      const names = await Promise.all([1, 2, 3, 4, 5, 6].map(() => shownTo(origin, 'other.example.test')));
      return names.every((name) => name === 'a.example.test') || undefined;
    });
  assert.equal(await shownTo(system.gateway, 'b.example.test'), 'b.example.test');
});

test('a manager is not served without TLS to other machines, unless told so; a certificate that does not work is named', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-tls-plain-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const start = (env: NodeJS.ProcessEnv) =>
    runCommand(['manager', '--json'], { env: environment(dataDir, { env, workers: 1 }) });
  const plain = await start({ GATEWRIGHT_MANAGER_HOST: '0.0.0.0' });
  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /would listen on 0\.0\.0\.0 without TLS.*GATEWRIGHT_MANAGER_ALLOW_PLAIN_HTTP=true/);
  writeFileSync(fileOf('misfit.key'), certificateB.key);
  const misfit = await start({ ...tls('MANAGER'), GATEWRIGHT_MANAGER_KEY_FILE: fileOf('misfit.key') });
  assert.match(misfit.stderr, /The certificate .*default\.pem with the key .*misfit\.key cannot be used/);
  const half = await start({ GATEWRIGHT_MANAGER_CERT_FILE: fileOf('default.pem') });
  assert.equal(half.code, 64);
  assert.match(half.stderr, /manager\.certFile and manager\.keyFile go together/);
  const gateway = await runCommand(['gateway'], {
    env: environment(dataDir, {
      env: { ...tls('GATEWAY'), GATEWRIGHT_GATEWAY_KEY_FILE: fileOf('misfit.key') },
      workers: 1,
    }),
  });
  assert.equal(gateway.code, 1);
  assert.match(gateway.stderr, /default\.pem/);
});

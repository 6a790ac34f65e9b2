import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { certificateA, certificateB, type TestCertificate } from '#test/support/certificate';
import { makeDataDir, startTestManager } from '#test/support/running-manager';

function writePair(dir: string, name: string, { cert, key }: TestCertificate) {
  const files = { certFile: path.join(dir, `${name}.crt`), keyFile: path.join(dir, `${name}.key`) };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
  return files;
}

/** The name in the certificate that a server shows to somebody who asks for a name. */
function shownName(address: string, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: Number(new URL(address).port), host: '127.0.0.1', servername, rejectUnauthorized: false };
    const socket = tls.connect(options, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('it serves TLS, chooses by the name that is asked for, and takes a new certificate without a restart', async (t) => {
  const dir = makeDataDir(t);
  const files = writePair(dir, 'main', certificateA);
  const further = writePair(dir, 'further', certificateB);
  const options = { tls: { ...files, certificates: [further] } };
  const { address } = await startTestManager(t, { options });
  assert.match(address, /^https:/);
  assert.equal(await shownName(address, certificateA.name), certificateA.name);
  assert.equal(await shownName(address, certificateB.name), certificateB.name);
  writePair(dir, 'main', certificateB);
  while ((await shownName(address, 'other.example.test')) !== certificateB.name)
    await new Promise((resolve) => setTimeout(resolve, 100));
});

test('a key of another certificate is refused at start', async (t) => {
  const dir = makeDataDir(t);
  const files = writePair(dir, 'main', { ...certificateA, key: certificateB.key });
  await assert.rejects(startTestManager(t, { options: { tls: { ...files, certificates: [] } } }), /cannot be used/);
});

test('an address that the network reaches wants TLS, or to be told that plain HTTP is meant', async (t) => {
  await assert.rejects(startTestManager(t, { options: { host: '0.0.0.0' } }), /without TLS/);
  const manager = await startTestManager(t, { options: { host: '0.0.0.0', allowPlainHttp: true } });
  assert.ok(manager.manager.ready());
});

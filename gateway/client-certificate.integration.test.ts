import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '#core/clock';
import { Refusal } from '#core/errors';
import { noLogger } from '#core/logger';
import { certificateA, certificateB } from '#test/support/certificate';
import {
  createAuthority,
  createSelfSigned,
  type MadeCertificate,
  type TestAuthority,
} from '#test/support/client-certificate';
import { makeDataDir } from '#test/support/running-manager';
import { type CertificateReader, createCertificateReader } from './client-certificate.ts';
import type { HttpCall } from './http/engine.ts';
import { createNodeFront } from './http/node-front.ts';
import { compileTrustedProxies } from './trusted-proxies.ts';

let authority: TestAuthority;
let mine: MadeCertificate;
let self: MadeCertificate;
before(async () => {
  authority = await createAuthority();
  mine = await authority.issue({ name: 'CN=mine' });
  self = await createSelfSigned();
});

/** A TLS listener that answers what it made of the client's certificate. */
async function listen(t: TestContext, { hasAuthorities = true, trustedProxies = [] as string[] } = {}) {
  const dir = makeDataDir(t);
  const write = (name: string, text: string) => {
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };
  const pair = ({ name, cert, key }: { name: string; cert: string; key: string }) => ({
    certFile: write(`${name}.crt`, cert),
    keyFile: write(`${name}.key`, key),
  });
  const options = {
    ...{ host: '127.0.0.1', port: 0, headerLimitBytes: 16_384, headTimeoutMs: 5000, bodyTimeoutMs: 5000 },
    ...{ keepAliveTimeoutMs: 1000, maxConnections: 100, connectionsPerAddress: 0, ...pair(certificateA) },
    ...{ certificates: [pair(certificateB)], clientCertificates: true, clientCertificateField: 'Client-Cert' },
    clientCaFile: hasAuthorities ? write('ca.pem', authority.cert) : '',
  };
  const reader = createCertificateReader(options, {
    proxies: compileTrustedProxies(trustedProxies),
    clock: systemClock,
    logger: noLogger,
  });
  assert.ok(reader);
  const receive = (call: HttpCall) => call.send(200, [], JSON.stringify(seen(reader, call)));
  const refuseUnreadable = () => ({ status: 400, headers: [], body: '' });
  const front = createNodeFront(options, { receive, refuseUnreadable }, noLogger);
  t.after(async () => {
    reader.close();
    await front.close();
  });
  const { port } = await front.listen();
  const ask = (shown: MadeCertificate | undefined, more: Asking = {}) => call(port, shown, more);
  return Object.assign(ask, { write });
}

interface Asking {
  readonly host?: string;
  readonly servername?: string;
  readonly field?: string;
  readonly agent?: Agent;
}

/** Asks until what is seen is this; authorities are read again within seconds. */
async function until(ask: () => Promise<unknown>, wanted: unknown): Promise<void> {
  for (let tries = 0; tries < 100 && !isDeepStrictEqual(await ask(), wanted); tries += 1) await sleep(100);
  assert.deepEqual(await ask(), wanted);
}

function seen(reader: CertificateReader, call: HttpCall): unknown {
  const host = call.rawHeaders[call.rawHeaders.findIndex((name) => name.toLowerCase() === 'host') + 1] ?? '';
  try {
    const found = reader.read(call, host.split(':')[0] ?? '');
    return found === undefined ? 'none' : [found.thumbprint, found.isTrusted];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  }
}

function call(
  port: number,
  shown: MadeCertificate | undefined,
  { host = certificateB.name, servername = host, field, agent }: Asking,
): Promise<unknown> {
  const headers = { Host: host, ...(field !== undefined && { 'Client-Cert': field }) };
  const identity = shown === undefined ? {} : { cert: shown.cert, key: shown.key };
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', servername, headers, agent: agent ?? false, rejectUnauthorized: false };
    const sent = request({ ...options, ...identity }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a certificate is seen whoever issued it, and trusted when an authority of ours did, under every name', async (t) => {
  const ask = await listen(t);
  for (const host of [certificateA.name, certificateB.name]) {
    assert.deepEqual(await ask(mine, { host }), [mine.shown().thumbprint, true]);
    assert.deepEqual(await ask(self, { host }), [self.shown().thumbprint, false]);
    assert.equal(await ask(undefined, { host }), 'none');
  }
  const over = await authority.issue({ endsAt: Date.now() - 1000 });
  assert.deepEqual(await ask(over), [over.shown().thumbprint, false]);
});

test('without authorities of ours nobody is trusted, not those of the web either', async (t) => {
  const ask = await listen(t, { hasAuthorities: false });
  assert.deepEqual(await ask(mine), [mine.shown().thumbprint, false]);
});

test('who shows a certificate speaks to the host that its connection is for (421)', async (t) => {
  const ask = await listen(t);
  const other = { host: certificateA.name, servername: certificateB.name };
  assert.equal(await ask(mine, other), 'host_misdirected');
  assert.equal(await ask(undefined, other), 'none');
});

test('a header field counts from trusted proxies only, and then in place of their own certificate', async (t) => {
  const field = `:${mine.x5c}:`;
  const foreign = await listen(t);
  assert.equal(await foreign(undefined, { field }), 'none');
  assert.deepEqual(await foreign(self, { field }), [self.shown().thumbprint, false]);
  const trusted = await listen(t, { trustedProxies: ['127.0.0.1'] });
  assert.deepEqual(await trusted(self, { field }), [mine.shown().thumbprint, true]);
  assert.deepEqual(await trusted(undefined, { field: encodeURIComponent(self.cert) }), [
    self.shown().thumbprint,
    false,
  ]);
  assert.equal(await trusted(self), 'none', 'the proxy is not its client');
  assert.equal(await trusted(undefined, { field: ':bm9uc2Vuc2U=:' }), 'request_invalid');
});

test('authorities are read again when their file changes: for new connections under every name, open ones and resumed ones', async (t) => {
  const ask = await listen(t);
  const other = await createAuthority('CN=Other authority');
  const theirs = await other.issue({ name: 'CN=theirs' });
  const trusted = (one: MadeCertificate, isTrusted: boolean) => [one.shown().thumbprint, isTrusted];
  const agents = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ maxCachedSessions: 10 })] as const;
  t.after(() => agents[0].destroy());
  const [open, resuming] = agents.map((agent) => () => ask(mine, { agent })) as [Ask, Ask];
  for (let i = 0; i < 3; i += 1) for (const one of [open, resuming]) assert.deepEqual(await one(), trusted(mine, true));
  assert.deepEqual(await ask(theirs), trusted(theirs, false));

  ask.write('ca.pem', authority.cert + other.cert);
  await until(() => ask(theirs), trusted(theirs, true));
  for (const one of [open, resuming]) assert.deepEqual(await one(), trusted(mine, true), 'who was trusted stays so');

  ask.write('ca.pem', other.cert);
  await until(() => ask(mine), trusted(mine, false));
  for (const host of [certificateA.name, certificateB.name]) {
    assert.deepEqual(await ask(mine, { host }), trusted(mine, false));
    assert.deepEqual(await ask(theirs, { host }), trusted(theirs, true));
  }
  for (const one of [open, resuming]) assert.deepEqual(await one(), trusted(mine, false));

  ask.write('ca.pem', 'no certificate');
  await sleep(2500);
  assert.deepEqual(await ask(theirs), trusted(theirs, true), 'what cannot be read leaves the old ones');
});

test('authorities are read again for certificates that a proxy passes on', async (t) => {
  const ask = await listen(t, { trustedProxies: ['127.0.0.1'] });
  const field = `:${mine.x5c}:`;
  assert.deepEqual(await ask(undefined, { field }), [mine.shown().thumbprint, true]);
  ask.write('ca.pem', (await createAuthority('CN=Other authority')).cert);
  await until(() => ask(undefined, { field }), [mine.shown().thumbprint, false]);
});

type Ask = () => Promise<unknown>;

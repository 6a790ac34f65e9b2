import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Agent, request } from 'undici';
import { certificateLocal } from '../support/certificate.ts';
import { createAuthority, type MadeCertificate } from '../support/client-certificate.ts';
import type { Quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// A client that proves itself by its certificate, from its registration to a call with a bound token; and what others may ask about it.

let folder: string;
let system: System;
let made: Quickstart;
let mine: MadeCertificate;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-mtls-'));
  const authority = await createAuthority();
  mine = await authority.issue({ alternativeNames: [{ type: 'dns', value: 'edge.example.com' }] });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const certFile = write('server.pem', certificateLocal.cert);
  const env = {
    GATEWRIGHT_GATEWAY_CERT_FILE: certFile,
    GATEWRIGHT_GATEWAY_KEY_FILE: write('server.key', certificateLocal.key),
    GATEWRIGHT_GATEWAY_CLIENT_CERTIFICATES: 'true',
    GATEWRIGHT_GATEWAY_CLIENT_CA_FILE: write('clients.pem', authority.cert),
  };
  system = await startSystem({ env, workers: 1 });
  const story = await system.cli(['quickstart', '--json'], { env: { NODE_EXTRA_CA_CERTS: certFile } });
  assert.equal(story.code, 0, story.stderr);
  made = JSON.parse(story.stdout) as Quickstart;
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Sends a form, or a GET with a token, with or without the client's certificate. */
async function send(
  url: string,
  how: { certificate?: MadeCertificate; form?: Record<string, string>; token?: string },
) {
  const { certificate, form, token } = how;
  const identity = certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key };
  const dispatcher = new Agent({ connect: { ca: certificateLocal.cert, ...identity } });
  try {
    const answer = await request(url.replace('127.0.0.1', 'localhost'), {
      dispatcher,
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    });
    const text = await answer.body.text();
    const reply: Reply = { status: answer.statusCode, json: text.startsWith('{') ? JSON.parse(text) : {} };
    return reply;
  } finally {
    await dispatcher.close();
  }
}

test('registered by the command line, in by its certificate, its token good on its connections only', async () => {
  const name = '{"field":"san_dns","value":"edge.example.com"}';
  const settings = ['authMethod=tls_client_auth', `certificateName=${name}`, 'certificateBound=true'];
  await system.run(0, 'client', 'create', 'Edge', ...settings);
  await system.run(0, 'subscription', 'create', '--client', 'edge', '--product', 'shop');
  const keys = await system.run(0, 'subscription', 'keys', 'edge-shop', '--generate', '--show');
  assert.doesNotMatch(keys.stdout, /gws_/);
  const client_id = /gwk_\w+/.exec(keys.stdout)?.[0] ?? '';
  const form = { grant_type: 'client_credentials', client_id };
  const granted = await eventually('the gateway knows the client', async () => {
    const reply = await send(made.tokenUrl, { certificate: mine, form });
    return reply.status === 200 ? reply : undefined;
  });
  const token = String(granted.json.access_token);
  assert.equal((await send(made.tokenUrl, { form })).status, 401);

  assert.equal((await send(`${made.apiUrl}/1`, { certificate: mine, token })).status, 200);
  assert.equal((await send(`${made.apiUrl}/1`, { token })).status, 401);

  const caller = { client_id: made.consumerKey, client_secret: made.consumerSecret, token };
  const told = await send(`${made.tokenUrl}/introspect`, { form: caller });
  assert.deepEqual(
    [told.json.active, told.json.client_id, told.json.cnf],
    [true, client_id, { 'x5t#S256': mine.shown().thumbprint }],
  );
  assert.equal((await send(`${made.tokenUrl}/revoke`, { form: caller })).status, 200);
  assert.equal((await send(`${made.apiUrl}/1`, { certificate: mine, token })).status, 200, 'not its own: left alone');
  const own = { client_id, token };
  assert.equal((await send(`${made.tokenUrl}/revoke`, { certificate: mine, form: own })).status, 200);
  const isRefused = async () =>
    (await send(`${made.apiUrl}/1`, { certificate: mine, token })).status === 401 || undefined;
  await eventually('the revoked token is refused', isRefused);
  assert.deepEqual((await send(`${made.tokenUrl}/introspect`, { form: caller })).json, { active: false });
});

test('metadata say that certificates are taken', async () => {
  const url = new URL(made.tokenUrl);
  const metadata = await send(`${url.origin}/.well-known/oauth-authorization-server${url.pathname}`, {});
  assert.equal(metadata.status, 200);
  assert.equal(metadata.json.tls_client_certificate_bound_access_tokens, true);
  assert.ok(String(metadata.json.token_endpoint_auth_methods_supported).includes('tls_client_auth'));
  assert.ok(String(metadata.json.introspection_endpoint).endsWith('/introspect'));
  assert.ok(String(metadata.json.revocation_endpoint).endsWith('/revoke'));
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { Agent, fetch as fetchWithAgent } from 'undici';
import { type AuthorizationServer, createAuthorizationServer, register } from '../support/authorization-server.ts';
import { openBrowser } from '../support/browser.ts';
import { loopbackCertificate } from '../support/loopback-certificate.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { oauth4webapi } from './npm/oauth4webapi.ts';
import { openidClient } from './npm/openid-client.ts';
import { type ClientProgram, PROGRAMS, startProgram } from './programs.ts';

// OAuth clients that others wrote, in four languages, against the whole program: they find it by its metadata, prove themselves in three ways,
// send people to its pages in a real browser, and see what a standard promises them. Over HTTP, and over HTTPS.

const SCOPE = 'orders:read profile';

/** What each library can do beside client credentials, codes and refresh tokens. */
const LIBRARIES: readonly { readonly name: string; readonly can: readonly string[] }[] = [
  { name: 'openid-client', can: ['private_key_jwt', 'pushed', 'introspect', 'revoke', 'device', 'token_exchange'] },
  { name: 'oauth4webapi', can: ['private_key_jwt', 'pushed', 'introspect', 'revoke', 'device', 'token_exchange'] },
  { name: 'authlib', can: ['private_key_jwt', 'introspect', 'revoke', 'device', 'token_exchange'] },
  { name: 'requests-oauthlib', can: [] },
  { name: 'golang-oauth2', can: ['device'] },
  { name: 'nimbus', can: ['private_key_jwt', 'pushed', 'introspect', 'revoke', 'device', 'token_exchange'] },
];

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyId = 'test-key';
const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'ES256', use: 'sig' };

let browser: Browser;
let callback: Server;
let redirectUri: string;

before(async () => {
  browser = await openBrowser();
  callback = createServer((_, answer) => answer.end('Back at the client.'));
  await new Promise<void>((resolve) => callback.listen(0, '127.0.0.1', () => resolve()));
  redirectUri = `http://127.0.0.1:${(callback.address() as AddressInfo).port}/callback`;
});

after(async () => {
  await browser?.close();
  callback?.close();
});

for (const scheme of ['http', 'https'] as const) {
  let system: System;
  let server: AuthorizationServer;
  let keyClientId: string;
  let ca = '';
  let fetchWith: typeof fetch = fetch;

  test(`${scheme}: the authorization server is set up`, async () => {
    if (scheme === 'https') {
      const certificate = await loopbackCertificate();
      ca = certificate.certFile;
      const dispatcher = new Agent({ connect: { ca: certificate.cert } });
      fetchWith = ((url: string, init: object) => fetchWithAgent(url, { ...init, dispatcher })) as typeof fetch;
      system = await startSystem({
        env: {
          GATEWRIGHT_GATEWAY_CERT_FILE: certificate.certFile,
          GATEWRIGHT_GATEWAY_KEY_FILE: certificate.keyFile,
          NODE_EXTRA_CA_CERTS: certificate.certFile,
        },
      });
    } else system = await startSystem();
    server = await createAuthorizationServer(system, {
      token: { devicePollMs: 1000 },
      client: { redirectUris: [redirectUri] },
    });
    assert.ok(server.issuer.startsWith(`${scheme}://`), server.issuer);
    const byKey = { displayName: 'By key', authMethod: 'private_key_jwt', jwks: { keys: [publicJwk] } };
    keyClientId = (await register(system, 'shop', byKey)).id;
  });

  for (const { name, can: all } of LIBRARIES) {
    // What TLS does not change is not done twice.
    const can = scheme === 'http' ? all : all.filter((one) => one === 'private_key_jwt');
    const start = (): Promise<ClientProgram> | ClientProgram => {
      if (name === 'openid-client') return openidClient(fetchWith);
      if (name === 'oauth4webapi') return oauth4webapi(fetchWith);
      return startProgram(PROGRAMS.find((one) => one === name) ?? 'authlib');
    };
    const settings = (more: object = {}) => ({
      ...{ issuer: server.issuer, clientId: server.client.id, clientSecret: server.client.secret },
      ...{ redirectUri, scope: SCOPE, ca, method: 'client_secret_basic' },
      ...{ algorithm: 'ES256', keyId, privateJwk: JSON.stringify(pair.privateKey.export({ format: 'jwk' })) },
      privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ...more,
    });

    test(`${scheme}: ${name} finds the issuer and gets tokens for itself`, async () => {
      for (const method of ['client_secret_basic', 'client_secret_post']) {
        await using client = await start();
        const metadata = await client.must('open', settings({ method }));
        assert.equal(metadata.token_endpoint ?? metadata.Token ?? server.issuer, server.issuer);
        const answer = await client.must('client_credentials', { method });
        assert.equal(String(answer.token_type).toLowerCase(), 'bearer');
        assert.equal((await callApi(answer.access_token)).status, 200, method);
      }
      if (!can.includes('private_key_jwt')) return;
      await using client = await start();
      const method = 'private_key_jwt';
      await client.must('open', settings({ clientId: keyClientId, method }));
      const answer = await client.must('client_credentials', { method });
      assert.equal((await callApi(answer.access_token)).status, 200, method);
    });

    test(`${scheme}: ${name} sends somebody to sign in, gets a code's tokens, refreshes, and is refused a used one`, async () => {
      await using client = await start();
      await client.must('open', settings());
      const { url } = await client.must('authorize');
      const back = await signIn(String(url));
      const tokens = await client.must('exchange', { callback: back });
      assert.equal((await callApi(tokens.access_token)).status, 200);
      const next = await client.must('refresh', { refreshToken: tokens.refresh_token });
      assert.notEqual(next.refresh_token, tokens.refresh_token);
      assert.equal((await callApi(next.access_token)).status, 200);
      const again = await client.ask('refresh', { refreshToken: tokens.refresh_token });
      assert.ok(!again.ok && /invalid_grant|InvalidGrant/.test(again.error + again.detail), JSON.stringify(again));
      // Other workers hear of it within the revocation bound.
      await eventually(
        'reuse kills all that came of it',
        async () => (await callApi(next.access_token)).status === 401,
      );
    });

    if (can.includes('pushed'))
      test(`${scheme}: ${name} pushes its request`, async () => {
        await using client = await start();
        await client.must('open', settings());
        const { url } = await client.must('authorize_pushed');
        assert.match(String(url), /request_uri=/);
        const tokens = await client.must('exchange', { callback: await signIn(String(url)) });
        assert.equal((await callApi(tokens.access_token)).status, 200);
      });

    if (can.includes('introspect'))
      test(`${scheme}: ${name} asks about a token and revokes it`, async () => {
        await using client = await start();
        await client.must('open', settings());
        const { access_token: token } = await client.must('client_credentials', { method: 'client_secret_basic' });
        assert.equal((await client.must('introspect', { token })).active, true);
        assert.equal((await client.must('revoke', { token, hint: 'access_token' })).status, 200);
        assert.equal((await client.must('introspect', { token })).active, false);
        await eventually('the API refuses it', async () => (await callApi(token)).status === 401);
      });

    if (can.includes('device'))
      test(`${scheme}: ${name} is a device`, async () => {
        await using client = await start();
        // golang.org/x/oauth2 asks for device codes as public clients do: it never proves itself there.
        const isPublic = name === 'golang-oauth2';
        await client.must('open', settings(isPublic ? { clientId: server.publicClient.id, clientSecret: '' } : {}));
        const device = await client.must('device');
        await approveDevice(String(device.verification_uri_complete));
        const tokens = await client.must('device_token', { deviceCode: device.device_code });
        assert.equal((await callApi(tokens.access_token)).status, 200);
      });

    if (can.includes('token_exchange'))
      test(`${scheme}: ${name} exchanges a token for one with fewer scopes`, async () => {
        await using client = await start();
        await client.must('open', settings());
        const { access_token: subjectToken } = await client.must('client_credentials', {
          method: 'client_secret_basic',
        });
        const answer = await client.must('token_exchange', { subjectToken, scope: 'profile' });
        const { access_token: token } = answer;
        assert.equal((await client.must('introspect', { token })).scope, 'profile');
      });
  }

  test(`${scheme}: the authorization server ends`, async () => {
    await system[Symbol.asyncDispose]();
  });

  const callApi = (token: unknown) =>
    fetchWith(`${server.api}/1`, { headers: { authorization: `Bearer ${String(token)}` } });

  /** A person follows the link in a browser of their own, signs in, allows, and comes back to the client. */
  async function signIn(url: string): Promise<string> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.getByLabel('Name').fill(server.owner.name);
      await page.getByLabel('Password').fill(server.owner.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const allow = page.getByRole('button', { name: 'Allow' });
      await Promise.race([allow.waitFor(), page.waitForURL(`${redirectUri}**`)]);
      if (await allow.isVisible()) await allow.click();
      await page.waitForURL(`${redirectUri}**`);
      return page.url();
    } finally {
      await context.close();
    }
  }

  async function approveDevice(url: string): Promise<void> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.getByLabel('Name').fill(server.owner.name);
      await page.getByLabel('Password').fill(server.owner.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.getByText('Your device is connected').waitFor();
    } finally {
      await context.close();
    }
  }
}

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createTestBrowser, openAuthorization } from '../support/authorization.ts';
import { APP, createCodeFlow } from '../support/code-flow.ts';
import { basic } from '../support/oauth.ts';

// What nobody should send to an authorization server, over HTTP. None of it gives a 500, and each error is one of OAuth.

/** Those that read a form of a client. */
const FORM_ENDPOINTS = ['', '/introspect', '/revoke', '/par', '/device'];
const ENDPOINTS = [...FORM_ENDPOINTS, '/tokeninfo', '/jwks'];
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const authorization = await openAuthorization();
after(() => authorization[Symbol.asyncDispose]());
authorization.configure({
  token: {
    tokenInformation: true,
    grantTypes: [
      ...['client_credentials', 'authorization_code', 'refresh_token', 'password'],
      ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ],
  },
});
const flow = createCodeFlow(authorization);
const { client } = flow;
const [, header] = basic(client.consumerKey, client.secret);

async function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
) {
  const init = { method: 'POST', body, headers: { ...FORM, ...headers } };
  const answer = await fetch(authorization.issuer + path, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** A refusal of OAuth, or an answer; never a fault of ours. */
function checkAnswer({ status, text }: { readonly status: number; readonly text: string }, what: string): void {
  assert.ok(status < 500, `${status} for ${what}: ${text}`);
  if (status !== 400 && status !== 401) return;
  const { error, error_description: description } = JSON.parse(text) as Record<string, unknown>;
  assert.match(String(error), /^[a-z_]+$/, what);
  assert.match(String(description), /^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/, what);
}

test('whatever form is posted to whatever end point, the answer is one of OAuth', async () => {
  const names = fc.constantFrom(
    ...['grant_type', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'scope', 'resource', 'client_id'],
    ...['client_secret', 'client_assertion', 'client_assertion_type', 'assertion', 'username', 'password', 'token'],
    ...['token_type_hint', 'device_code', 'subject_token', 'subject_token_type', 'audience', 'request_uri', 'state'],
    ...['response_type', 'code_challenge', 'code_challenge_method', 'requested_token_type', '__proto__', 'constructor'],
  );
  const values = fc.oneof(
    fc.constantFrom(
      ...['authorization_code', 'refresh_token', 'client_credentials', 'password', 'code', 'S256', 'e30.e30.e30', 'é'],
      ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange', '\0'],
      ...['urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      ...['urn:ietf:params:oauth:token-type:access_token', client.consumerKey, client.secret, APP, '\ud800', 'null'],
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const encoded = fc
    .array(fc.tuple(names, values), { maxLength: 14 })
    .map((pairs) => new URLSearchParams(pairs).toString());
  const raw = fc
    .array(fc.tuple(names, fc.string({ unit: fc.constantFrom('%', '2', 'F', '&', '=', '+', 'a', ';', '\0', '\n') })))
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
  const bytes = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ENDPOINTS),
      fc.oneof({ arbitrary: encoded, weight: 4 }, raw, bytes),
      fc.boolean(),
      async (path, body, isAuthenticated) => {
        const sent = typeof body === 'string' ? body : Buffer.from(body);
        const answer = await send(path, sent, isAuthenticated ? { Authorization: header } : {});
        checkAnswer(answer, `${path} ${body}`);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a parameter that is sent twice, malformed, too long, or one of too many is refused at each end point', async () => {
  const many = Array.from({ length: 100 }, (_, i) => `p${i}=1`).join('&');
  const twice = ['token=a&token=b', 'grant_type=a&grant_type=a', 'client_id=a&client_id=b', 'scope=a&scope=b'];
  for (const path of FORM_ENDPOINTS) {
    for (const body of [...twice, many, 'token=%', '%FF=a', 'token=%C3%28']) {
      const answer = await send(path, body, { Authorization: header });
      checkAnswer(answer, `${path} ${body}`);
      assert.equal(answer.status, 400, `${path} ${body}: ${answer.text}`);
    }
    for (const name of ['grant_type', 'scope', 'token', 'code', 'redirect_uri', 'resource', 'state']) {
      const answer = await send(path, `${name}=${'x'.repeat(60_000)}`, { Authorization: header });
      checkAnswer(answer, `${path} ${name}`);
    }
    assert.equal((await send(path, `token=${'x'.repeat(70_000)}`, { Authorization: header })).status, 413, path);
  }
});

test('other media types, encodings and credentials that cannot be read are refused at each end point', async () => {
  for (const path of FORM_ENDPOINTS) {
    for (const headers of [
      { 'Content-Type': 'application/json' },
      { 'Content-Type': 'multipart/form-data; boundary=x' },
      { 'Content-Encoding': 'gzip' },
    ]) {
      const answer = await send(path, '{"token":"a"}', { Authorization: header, ...headers });
      assert.equal(answer.status, 400, path);
      checkAnswer(answer, path);
    }
    for (const value of [
      'Basic',
      'Basic =',
      'Basic Og==',
      'Basic /////w==',
      'Digest a=b',
      'Bearer',
      `Basic ${'A'.repeat(6000)}`,
    ]) {
      const answer = await send(path, 'grant_type=client_credentials&token=a', { Authorization: value });
      assert.ok(answer.status === 400 || answer.status === 401, `${path} ${value}: ${answer.status}`);
      checkAnswer(answer, `${path} ${value}`);
    }
  }
});

test('whatever is sent in an authorization request, nobody is led but to a page of ours or to what is registered', async () => {
  const pieces = fc.constantFrom(
    ...['https://', 'http://', '//', '\\\\', 'app.example.com', 'evil.example.com', '@', ':', '443', '/', 'callback'],
    ...['..', '%2e', '%2f', '%00', '#', '?', 'javascript:', 'data:', '\t', ' ', '\r\n', '127.0.0.1', '[::1]', 'APP'],
  );
  const uri = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
    pieces.map((one) => APP + one),
  );
  await fc.assert(
    fc.asyncProperty(uri, fc.constantFrom('code', 'x'), async (given, type) => {
      const more = { redirect_uri: given, response_type: type };
      const { status, location } = await createTestBrowser().get(flow.requestUrl(client, more));
      if (given === APP || given === '') assert.equal(status, 303, given);
      else assert.deepEqual([status, location], [400, undefined], given);
    }),
    { numRuns: 300 },
  );
});

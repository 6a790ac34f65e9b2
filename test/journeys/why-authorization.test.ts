import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { ReasonCode } from '#core/reasons/catalogue';
import { type AuthorizationServer, createAuthorizationServer, REDIRECT_URI } from '../support/authorization-server.ts';
import { openOwnerBrowser } from '../support/resource-owner.ts';
import { eventually, type System, startSystem } from '../support/system.ts';

// Whatever the authorization server refuses can be looked up by its request id: the cause, and what would help. The caller sees the error of
// the standard only.

const VERIFIER = 'a-verifier-of-the-tests-that-is-long-enough-0123';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

let system: System;
let server: AuthorizationServer;

before(async () => {
  system = await startSystem();
  server = await createAuthorizationServer(system, { token: { devicePollMs: 1000 } });
});

after(async () => {
  await system?.[Symbol.asyncDispose]();
});

type Form = Readonly<Record<string, string>>;
interface Answer {
  readonly status: number;
  readonly id: string;
  readonly body: Readonly<Record<string, string>>;
}

async function post(path: string, form: Form, client = server.client): Promise<Answer> {
  const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
  const init = { method: 'POST', headers: { authorization: basic }, body: new URLSearchParams(form) };
  return answerOf(await fetch(server.issuer + path, init));
}

async function answerOf(answer: Response): Promise<Answer> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  return {
    status: answer.status,
    id: answer.headers.get('x-request-id') ?? '',
    body: isJson ? (JSON.parse(text) as Answer['body']) : {},
  };
}

const callApi = async (token: string | undefined) =>
  answerOf(await fetch(`${server.api}/1`, { headers: { authorization: `Bearer ${token}` } }));

async function newCode(): Promise<string> {
  const query = {
    ...{ response_type: 'code', client_id: server.client.id, redirect_uri: REDIRECT_URI, scope: 'orders:read' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
  };
  const url = `${server.authorizationEndpoint}?${new URLSearchParams(query)}`;
  return (await openOwnerBrowser().authorize(url, server.owner)).searchParams.get('code') ?? '';
}

const redeem = (code: string, more: Form = {}, client = server.client) =>
  post(
    '',
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER, ...more },
    client,
  );

/** Gives a device code and has somebody decide. */
async function decideDevice(decision: 'Allow' | 'Deny'): Promise<string> {
  const { body } = await post('/device', { scope: 'profile' });
  const browser = openOwnerBrowser();
  let page = await browser.open(body.verification_uri_complete ?? '');
  page = await browser.submit(page, { username: server.owner.name, password: server.owner.password });
  page = await browser.submit(page, {}, 'Continue');
  page = await browser.submit(page, {}, decision);
  assert.equal(page.status, 200);
  return body.device_code ?? '';
}

/** What the caller sees, and what the operator does. */
async function assertExplained(
  answer: Answer,
  wanted: { readonly status: number; readonly error: string; readonly code: ReasonCode; readonly sentence: RegExp },
): Promise<void> {
  assert.deepEqual([answer.status, answer.body.error ?? answer.body.code], [wanted.status, wanted.error]);
  const why = await eventually('explained', async () => {
    const found = await system.api<{ code: string; sentence: string; fixes: unknown[] }>(
      ...(['GET', `/requests/${answer.id}/why`] as const),
    );
    return found.status === 200 ? found.body : undefined;
  });
  assert.equal(why.code, wanted.code);
  assert.match(why.sentence, wanted.sentence);
  assert.ok(!/undefined|unknown/.test(why.sentence), why.sentence);
  assert.ok(why.fixes.length > 0);
}

const invalidGrant = { status: 400, error: 'invalid_grant', code: 'oauth_grant' } as const;

test('a code that was never one, that comes again, with another verifier or redirect URI, from another client', async () => {
  await assertExplained(await redeem('x'.repeat(43)), { ...invalidGrant, sentence: /was not issued here/ });
  const code = await newCode();
  assert.equal((await redeem(code)).status, 200);
  await assertExplained(await redeem(code), { ...invalidGrant, sentence: /had been used before: everything/ });
  const wrong = await redeem(await newCode(), { code_verifier: 'y'.repeat(43) });
  await assertExplained(wrong, { ...invalidGrant, sentence: /does not fit its code challenge/ });
  const elsewhere = await redeem(await newCode(), { redirect_uri: 'https://client.example/other' });
  await assertExplained(elsewhere, { ...invalidGrant, sentence: /redirect_uri/ });
  const stolen = await redeem(await newCode(), {}, server.otherClient);
  await assertExplained(stolen, { ...invalidGrant, sentence: /Other shop sent a code .* issued to another client/ });
});

test('a refresh token that was rotated away ends all that came of it', async () => {
  const { body } = await redeem(await newCode());
  const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' };
  assert.equal((await post('', refresh)).status, 200);
  await assertExplained(await post('', refresh), {
    ...invalidGrant,
    sentence: /refresh token .* had been used before/,
  });
});

test('a device: nobody decided yet, it asks too often, somebody refused, its code was used', async () => {
  const { body } = await post('/device', { scope: 'profile' });
  const poll = { grant_type: DEVICE, device_code: body.device_code ?? '' };
  const pending = { status: 400, error: 'authorization_pending', code: 'oauth_device_pending' } as const;
  await assertExplained(await post('', poll), { ...pending, sentence: /Web shop waits for somebody/ });
  const hasty = { status: 400, error: 'slow_down', code: 'oauth_slow_down' } as const;
  await assertExplained(await post('', poll), { ...hasty, sentence: /must wait 6 s from now on/ });
  const denied = { status: 400, error: 'access_denied', code: 'oauth_access_denied' } as const;
  const refused = { grant_type: DEVICE, device_code: await decideDevice('Deny') };
  await assertExplained(await post('', refused), { ...denied, sentence: /refused what Web shop asked for/ });
  const allowed = { grant_type: DEVICE, device_code: await decideDevice('Allow') };
  assert.equal((await post('', allowed)).status, 200);
  await assertExplained(await post('', allowed), { ...invalidGrant, sentence: /device code .* was used before/ });
});

test('an exchange of a token that is none, of another product, for an API outside of the product', async () => {
  const own = await post('', { grant_type: 'client_credentials' });
  const exchange = {
    grant_type: EXCHANGE,
    subject_token_type: ACCESS_TOKEN,
    subject_token: own.body.access_token ?? '',
  };
  const wanted = { status: 400, error: 'invalid_request', code: 'oauth_exchange' } as const;
  const made = await post('', { ...exchange, subject_token: 'a'.repeat(54) });
  await assertExplained(made, { ...wanted, sentence: /was not issued here/ });
  const foreign = await post('', exchange, server.foreignClient);
  await assertExplained(foreign, { ...wanted, sentence: /neither its own nor meant for its product/ });
  const target = { status: 400, error: 'invalid_target', code: 'oauth_target' } as const;
  const outside = await post('', { ...exchange, audience: 'sign-in' });
  await assertExplained(outside, { ...target, sentence: /asked for a token for sign-in/ });
});

test('a token for another audience, and one whose owner was disabled', async () => {
  const elsewhere = await post('', { grant_type: 'client_credentials', resource: 'https://elsewhere.example/api' });
  const audience = { status: 401, error: 'invalid_token', code: 'token_audience' } as const;
  await assertExplained(await callApi(elsewhere.body.access_token), { ...audience, sentence: /elsewhere\.example/ });
  const { body } = await redeem(await newCode());
  assert.equal((await callApi(body.access_token)).status, 200);
  await system.must('POST', `/resource-owners/${server.owner.subject}/disable`, { reason: 'left' });
  const refused = await eventually('the gateway knows', async () => {
    const answer = await callApi(body.access_token);
    return answer.status === 401 ? answer : undefined;
  });
  const disabled = { status: 401, error: 'invalid_token', code: 'token_owner_disabled' } as const;
  await assertExplained(refused, { ...disabled, sentence: /disabled/ });
  await system.must('POST', `/resource-owners/${server.owner.subject}/enable`, {});
});

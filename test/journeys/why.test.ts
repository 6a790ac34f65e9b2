import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AUTHORIZATION_REASONS } from '#core/reasons/authorization';
import { REASONS, type ReasonCode } from '#core/reasons/catalogue';
import { POLICY_REASONS } from '#core/reasons/policy';
import { addPolicy } from '../support/add-policy.ts';
import { deployAndWait, type Quickstart, quickstart, settled } from '../support/quickstart.ts';
import { sendRaw } from '../support/raw-http.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Journey 2: every cause of refusal that can be brought about from outside gives its own status, header, body, reason code and sentence.

let system: System;
let upstream: Upstream;
let made: Quickstart;
let garbage: Server;
let plainTcp: Server;

before(async () => {
  upstream = await startUpstream((seen, response) => {
    if (seen.url.startsWith('/slow')) setTimeout(() => response.end('late'), 3_000).unref();
    else response.end('ok');
  });
  garbage = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('this is not HTTP\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  plainTcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('plain text\r\n');
  }).listen(0, '127.0.0.1');
  system = await startSystem({
    env: {
      GATEWRIGHT_GATEWAY_BODY_TIMEOUT_MS: '1500',
      GATEWRIGHT_GATEWAY_BODY_LIMIT_BYTES: '100000',
      GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '40',
      GATEWRIGHT_LIMITS_LIVE_TOKENS: '100',
      GATEWRIGHT_LIMITS_FAILED_AUTH_PER_MINUTE: '5',
    },
    workers: 1,
  });
  made = await quickstart(system, upstream.url);
});

after(async () => {
  await system[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  garbage.close();
  plainTcp.close();
});

interface Keys {
  client: string;
  subscription: string;
  consumerKey: string;
  consumerSecret: string;
}

let clients = 0;

/** A client of its own with a subscription and keys, so that rows do not meet. */
async function newClient(product = 'shop'): Promise<Keys> {
  clients += 1;
  const client = await system.must<{ name: string }>('POST', '/clients', { displayName: `Why client ${clients}` });
  const subscription = await system.must<{ name: string }>('POST', '/subscriptions', { client: client.name, product });
  const key = await system.must<{ consumerKey: string; consumerSecret: string }>(
    'POST',
    `/subscriptions/${subscription.name}/keys`,
    {},
  );
  const keys = {
    client: client.name,
    subscription: subscription.name,
    consumerKey: key.consumerKey,
    consumerSecret: key.consumerSecret,
  };
  await eventually('the gateway knows the key', () =>
    getToken(made.tokenUrl, keys.consumerKey, keys.consumerSecret).catch(() => undefined),
  );
  return keys;
}

const tokenOf = (keys: Keys, scope?: string) => getToken(made.tokenUrl, keys.consumerKey, keys.consumerSecret, scope);
const call = (url: string, token?: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
const form = (parameters: Record<string, string>) =>
  fetch(made.tokenUrl, { method: 'POST', body: new URLSearchParams(parameters) });
const credentials = (keys: Keys) => ({ client_id: keys.consumerKey, client_secret: keys.consumerSecret });

/** Calls until the answer has the status (a change reaches the gateway within a second), and gives that answer. */
async function until(status: number, act: () => Promise<Response>): Promise<Response> {
  return eventually(
    `status ${status}`,
    async () => {
      const answer = await act();
      if (answer.status === status) return answer;
      await answer.arrayBuffer();
      return undefined;
    },
    5_000,
  );
}

/** An http project without security in front of a target. */
async function projectAt(name: string, targetUrl: string, target: Record<string, unknown> = {}): Promise<string> {
  await system.must('POST', '/projects', { displayName: name, kind: 'http', contextPath: `/${name}`, targetUrl });
  await system.must('PATCH', `/projects/${name}/targets/default`, { retries: 0, ...target });
  await deployAndWait(system, name);
  return `${system.gateway}/${name}`;
}

interface Row {
  readonly code: ReasonCode;
  /** What brings it about. */
  readonly name: string;
  act(): Promise<Response | { status: number; id: string; text: string; authenticate?: string }>;
  readonly status: number;
  /** `code` of the problem body, or `error` of the token end point's. */
  readonly body: string;
  readonly authenticate?: RegExp;
  readonly sentence: RegExp;
}

async function raw(origin: string, bytes: string) {
  const answer = await sendRaw(origin, Buffer.from(bytes, 'latin1'));
  return { status: answer.status, id: /x-request-id: (req_\w+)/i.exec(answer.head)?.[1] ?? '', text: answer.body };
}

const rows: Row[] = [
  {
    code: 'token_missing',
    name: 'no token',
    act: () => call(`${made.apiUrl}/1`),
    status: 401,
    body: 'token_missing',
    authenticate: /^Bearer realm="[^"]+"$/,
    sentence: /No token/,
  },
  {
    code: 'token_missing',
    name: 'a token in the query, where the policy does not look',
    act: async () => call(`${made.apiUrl}/1?access_token=${await tokenOf(await newClient())}`),
    status: 401,
    body: 'token_missing',
    authenticate: /^Bearer realm="[^"]+"$/,
    sentence: /it was in the query/,
  },
  {
    code: 'token_scheme_wrong',
    name: 'another scheme',
    act: () => fetch(`${made.apiUrl}/1`, { headers: { authorization: 'Token x' } }),
    status: 401,
    body: 'token_missing',
    authenticate: /^Bearer realm="[^"]+"$/,
    sentence: /said "Token …"/,
  },
  {
    code: 'token_twice',
    name: 'the token twice in the query',
    act: async () => {
      const token = await tokenOf(await newClient());
      return fetch(`${system.gateway}/plain/1?access_token=${token}&access_token=${token}`);
    },
    status: 400,
    body: 'invalid_request',
    authenticate: /error="invalid_request"/,
    sentence: /more than/,
  },
  {
    code: 'token_malformed',
    name: 'a token cut off',
    act: async () => call(`${made.apiUrl}/1`, (await tokenOf(await newClient())).slice(0, 12)),
    status: 401,
    body: 'invalid_token',
    authenticate: /error="invalid_token"/,
    sentence: /12 characters/,
  },
  {
    code: 'token_unknown',
    name: 'an invented token',
    act: () => call(`${made.apiUrl}/1`, 'a'.repeat(54)),
    status: 401,
    body: 'invalid_token',
    authenticate: /error="invalid_token"/,
    sentence: /No such token/,
  },
  {
    code: 'token_expired',
    name: 'an expired token',
    act: async () => {
      const keys = await newClient();
      const token = await getToken(`${system.gateway}/short`, keys.consumerKey, keys.consumerSecret);
      await sleep(2_200);
      return call(`${made.apiUrl}/1`, token);
    },
    status: 401,
    body: 'token_expired',
    authenticate: /error="invalid_token".*error_description="The access token expired/,
    sentence: /Token expired .* before the call/,
  },
  {
    code: 'token_revoked',
    name: 'a token revoked with all of its client',
    act: async () => {
      const keys = await newClient();
      const token = await tokenOf(keys);
      await system.must('POST', `/clients/${keys.client}/revoke-tokens`, { reason: 'leaked' });
      return until(401, () => call(`${made.apiUrl}/1`, token));
    },
    status: 401,
    body: 'invalid_token',
    authenticate: /error="invalid_token"/,
    sentence: /revoked by .*leaked/,
  },
  {
    code: 'scope_missing',
    name: 'a scope too few',
    act: async () =>
      call(`${system.gateway}/scoped/1`, await tokenOf(await newClient('scoped-product'), 'orders:read')),
    status: 403,
    body: 'insufficient_scope',
    authenticate: /error="insufficient_scope".*scope="orders:write"/,
    sentence: /has orders:read, this call needs orders:write/,
  },
  {
    code: 'client_disabled',
    name: 'a disabled client',
    act: async () => {
      const keys = await newClient();
      const token = await tokenOf(keys);
      await system.must('POST', `/clients/${keys.client}/disable`, { reason: 'unpaid' });
      return until(401, () => call(`${made.apiUrl}/1`, token));
    },
    status: 401,
    body: 'invalid_token',
    authenticate: /error="invalid_token"/,
    sentence: /was disabled by .*unpaid/,
  },
  {
    code: 'subscription_missing',
    name: 'a product without the project',
    act: async () => call(`${system.gateway}/scoped/1`, await tokenOf(await newClient())),
    status: 403,
    body: 'not_subscribed',
    sentence: /does not contain/,
  },
  {
    code: 'subscription_suspended',
    name: 'a suspended subscription',
    act: async () => {
      const keys = await newClient();
      const token = await tokenOf(keys);
      await system.must('POST', `/subscriptions/${keys.subscription}/suspend`, {});
      return until(403, () => call(`${made.apiUrl}/1`, token));
    },
    status: 403,
    body: 'subscription_inactive',
    sentence: /was suspended by/,
  },
  {
    code: 'subscription_pending',
    name: 'a subscription that starts later',
    act: async () => {
      const keys = await newClient();
      const token = await tokenOf(keys);
      await system.must('PATCH', `/subscriptions/${keys.subscription}`, { startsAt: Date.now() + 86_400_000 });
      return until(403, () => call(`${made.apiUrl}/1`, token));
    },
    status: 403,
    body: 'subscription_inactive',
    sentence: /starts at/,
  },
  {
    code: 'subscription_ended',
    name: 'an ended subscription',
    act: async () => {
      const keys = await newClient();
      const token = await tokenOf(keys);
      await system.must('PATCH', `/subscriptions/${keys.subscription}`, { endsAt: Date.now() + 300 });
      return until(403, () => call(`${made.apiUrl}/1`, token));
    },
    status: 403,
    body: 'subscription_inactive',
    sentence: /ended at/,
  },
  {
    code: 'oauth_invalid_client',
    name: 'an unknown key',
    act: () => form({ grant_type: 'client_credentials', client_id: 'gwk_0123456789abcdef', client_secret: 'x' }),
    status: 401,
    body: 'invalid_client',
    sentence: /no consumer key gwk_0123456789abcdef/,
  },
  {
    code: 'oauth_invalid_client',
    name: 'a wrong secret',
    act: async () =>
      form({
        grant_type: 'client_credentials',
        client_id: (await newClient()).consumerKey,
        client_secret: made.consumerSecret,
      }),
    status: 401,
    body: 'invalid_client',
    sentence: /Wrong consumer secret/,
  },
  {
    code: 'oauth_invalid_client',
    name: 'the old secret',
    act: async () => {
      const keys = await newClient();
      await system.must('POST', `/subscriptions/${keys.subscription}/keys/rotate`, { keepOldMs: 0 });
      return until(401, () => form({ grant_type: 'client_credentials', ...credentials(keys) }));
    },
    status: 401,
    body: 'invalid_client',
    sentence: /used the old secret .* which ended at/,
  },
  {
    code: 'oauth_invalid_client',
    name: 'a disabled client at the token end point',
    act: async () => {
      const keys = await newClient();
      await system.must('POST', `/clients/${keys.client}/disable`, {});
      return until(401, () => form({ grant_type: 'client_credentials', ...credentials(keys) }));
    },
    status: 401,
    body: 'invalid_client',
    sentence: /was disabled by/,
  },
  {
    code: 'oauth_grant_off',
    name: 'another grant type',
    act: async () => form({ grant_type: 'password', ...credentials(await newClient()) }),
    status: 400,
    body: 'unsupported_grant_type',
    sentence: /"password" is not among/,
  },
  {
    code: 'oauth_scope',
    name: 'a scope that is not registered',
    act: async () =>
      form({ grant_type: 'client_credentials', scope: 'nothing', ...credentials(await newClient('scoped-product')) }),
    status: 400,
    body: 'invalid_scope',
    sentence: /asked for nothing/,
  },
  {
    code: 'oauth_request',
    name: 'no grant type',
    act: async () => form(credentials(await newClient())),
    status: 400,
    body: 'invalid_request',
    sentence: /grant_type is missing/,
  },
  {
    code: 'client_auth_limited',
    name: 'too many failed tries',
    act: async () => {
      const keys = await newClient();
      return until(429, () =>
        form({ grant_type: 'client_credentials', client_id: keys.consumerKey, client_secret: made.consumerSecret }),
      );
    },
    status: 429,
    body: 'invalid_client',
    sentence: /More than 5 failed/,
  },
  {
    code: 'issue_limited',
    name: 'too many tokens in a second',
    act: async () => {
      const keys = await newClient();
      return until(429, async () => {
        const answers = await Promise.all(
          Array.from({ length: 60 }, () => form({ grant_type: 'client_credentials', ...credentials(keys) })),
        );
        const limited = answers.find((answer) => answer.status === 429);
        await Promise.all(answers.filter((answer) => answer !== limited).map((answer) => answer.arrayBuffer()));
        return limited ?? new Response(null, { status: 200 });
      });
    },
    status: 429,
    body: 'temporarily_unavailable',
    sentence: /more than 40 tokens in a second/,
  },
  {
    code: 'live_tokens_limited',
    name: 'too many live tokens',
    act: async () => {
      const keys = await newClient();
      for (let i = 0; i < 120; i += 1) {
        const answer = await form({ grant_type: 'client_credentials', ...credentials(keys) });
        if (answer.status === 429 && i > 50 && (await answer.clone().text()).includes('live')) return answer;
        await answer.arrayBuffer();
        await sleep(30);
      }
      return form({ grant_type: 'client_credentials', ...credentials(keys) });
    },
    status: 429,
    body: 'temporarily_unavailable',
    sentence: /100 tokens that have not expired/,
  },
  {
    code: 'route_unknown',
    name: 'nothing deployed there',
    act: () => fetch(`${system.gateway}/orderz/1`),
    status: 404,
    body: 'not_found',
    sentence: /Nothing is deployed at \/orderz\/1 .*Nearest: \/orders/,
  },
  {
    code: 'method_not_allowed',
    name: 'GET of the token end point',
    act: () => fetch(made.tokenUrl),
    status: 405,
    body: 'method_not_allowed',
    sentence: /GET is not taken here.*POST/,
  },
  {
    code: 'path_ambiguous',
    name: 'an encoded dot segment',
    act: () => raw(system.gateway, 'GET /orders/%2e%2e/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    status: 400,
    body: 'path_ambiguous',
    sentence: /dot-segment/,
  },
  {
    code: 'request_invalid',
    name: 'two Authorization fields',
    act: () =>
      raw(
        system.gateway,
        'GET /orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nConnection: close\r\n\r\n',
      ),
    status: 400,
    body: 'request_invalid',
    sentence: /authorization_twice/,
  },
  {
    code: 'try_ticket_invalid',
    name: 'a ticket that the manager did not sign',
    act: () => fetch(`${made.plainUrl}/1`, { headers: { 'gatewright-try-ticket': 'made-up' } }),
    status: 403,
    body: 'try_ticket_invalid',
    sentence: /not signed by the manager/,
  },
  {
    code: 'header_too_large',
    name: '40 KiB of header',
    act: () =>
      raw(
        system.gateway,
        `GET /orders/1 HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(40_000)}\r\nConnection: close\r\n\r\n`,
      ),
    status: 431,
    body: 'header_too_large',
    sentence: /larger than/,
  },
  {
    code: 'quota_exceeded',
    name: 'a quota of nothing',
    act: async () => {
      const url = await projectAt('counted', upstream.url);
      await addPolicy(system, 'counted', 'quota', 'allow=0', 'timeUnit=day');
      return call(`${url}/1`);
    },
    status: 429,
    body: 'quota_exceeded',
    sentence: /Policy quota allows 0 in 1 d; this caller has 0 left and this call counts 1/,
  },
  {
    code: 'spike_arrested',
    name: 'two calls where one an hour may come',
    act: async () => {
      const url = await projectAt('smooth', upstream.url);
      await addPolicy(system, 'smooth', 'spike-arrest', 'rate=1', 'per=hour');
      await (await call(`${url}/1`)).arrayBuffer();
      return call(`${url}/1`);
    },
    status: 429,
    body: 'spike_arrested',
    sentence: /lets 1 in an hour through.*more came from all callers/,
  },
  {
    code: 'body_too_large',
    name: 'a body over the limit',
    act: () => fetch(`${made.plainUrl}/1`, { method: 'POST', body: 'x'.repeat(150_000) }),
    status: 413,
    body: 'body_too_large',
    sentence: /larger than 100000 bytes/,
  },
  {
    code: 'request_timeout',
    name: 'a body that does not come',
    act: () =>
      raw(
        system.gateway,
        `POST ${new URL(made.tokenUrl).pathname} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nx=1`,
      ),
    status: 408,
    body: 'request_timeout',
    sentence: /not complete after/,
  },
  {
    code: 'upgrade_refused',
    name: 'an upgrade',
    act: () =>
      raw(system.gateway, 'GET /orders/1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    status: 501,
    body: 'upgrade_refused',
    sentence: /websocket/,
  },
  {
    code: 'target_refused',
    name: 'a dead port',
    act: async () => fetch(`${await projectAt('dead', 'http://127.0.0.1:1')}/1`),
    status: 502,
    body: 'bad_gateway',
    sentence: /did not take the connection/,
  },
  {
    code: 'target_name',
    name: 'a name that does not exist',
    act: async () => fetch(`${await projectAt('noname', 'http://name.invalid')}/1`),
    status: 502,
    body: 'bad_gateway',
    sentence: /name of target .* could not be found/,
  },
  {
    code: 'target_tls',
    name: 'no TLS behind https',
    act: async () => fetch(`${await projectAt('notls', `https://127.0.0.1:${portOf(plainTcp)}`)}/1`),
    status: 502,
    body: 'bad_gateway',
    sentence: /TLS with target/,
  },
  {
    code: 'target_timeout',
    name: 'a slow answer',
    act: async () => fetch(`${await projectAt('slow', upstream.url, { timeoutMs: 300 })}/slow`),
    status: 504,
    body: 'gateway_timeout',
    sentence: /did not answer within 300 ms/,
  },
  {
    code: 'target_bad_answer',
    name: 'an answer that is not HTTP',
    act: async () => fetch(`${await projectAt('garbage', `http://127.0.0.1:${portOf(garbage)}`)}/1`),
    status: 502,
    body: 'bad_gateway',
    sentence: /gave no valid answer/,
  },
];

/** Causes that another test brings about, or that only a fault of the machine or a defect does. */
const ELSEWHERE: readonly ReasonCode[] = [
  'token_issuer',
  'body_invalid',
  'misdirected',
  'gateway_busy',
  'not_ready',
  'revocation_state_stale',
  'store_unavailable',
  'storage_low',
  'policy_error',
  'internal_error',
  'client_gone',
  // test/journeys/quota.test.ts
  'counters_unavailable',
  // test/journeys/why-authorization.test.ts
  'oauth_grant',
  'oauth_device_pending',
  'oauth_slow_down',
  'oauth_access_denied',
  'oauth_exchange',
  'oauth_target',
  'token_audience',
  'token_owner_disabled',
  // test/journeys/client-certificates.test.ts
  'token_certificate',
  'host_misdirected',
  // auth/grants/*.test.ts, auth/endpoints/*.test.ts, auth/*verifier.test.ts
  'oauth_device_expired',
  'oauth_directory',
  'oauth_scope_policy',
  'oauth_token_information',
  'token_foreign',
  'token_inactive',
  'introspection_unavailable',
  'key_set_unavailable',
];

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('what the rows need is deployed', async () => {
  await system.must('POST', '/projects', {
    displayName: 'Short',
    kind: 'oauth-token-endpoint',
    contextPath: '/short',
    accessTokenExpiryMs: 2_000,
  });
  await deployAndWait(system, 'short');
  await system.must('POST', '/projects', {
    displayName: 'Scoped',
    kind: 'http',
    contextPath: '/scoped',
    targetUrl: upstream.url,
    secureWith: 'oauth',
    scopes: ['orders:write'],
  });
  await deployAndWait(system, 'scoped');
  await system.must('POST', '/products', {
    displayName: 'Scoped product',
    projects: ['scoped'],
    scopes: [{ scope: 'orders:read' }, { scope: 'orders:write' }],
  });
});

for (const row of rows) {
  test(`${row.code}: ${row.name}`, async () => {
    const answer = await row.act();
    const id = answer instanceof Response ? (answer.headers.get('x-request-id') ?? '') : answer.id;
    const text = answer instanceof Response ? await answer.text() : answer.text;
    assert.equal(answer.status, row.status, text);
    assert.match(id, /^req_[0-9A-HJKMNP-TV-Z]{16}$/);
    const body = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as {
      code?: string;
      error?: string;
      requestId?: string;
    };
    assert.equal(body.code ?? body.error, row.body, text);
    if (body.code !== undefined) assert.equal(body.requestId, id);
    if (answer instanceof Response && row.authenticate !== undefined)
      assert.match(answer.headers.get('www-authenticate') ?? '', row.authenticate);
    const why = await eventually(
      'explained within 3 s',
      async () => {
        const found = await system.api<{
          code: string;
          sentence: string;
          fixes: unknown[];
          policy?: string;
          facts: unknown[];
        }>('GET', `/requests/${id}/why`);
        return found.status === 200 ? found.body : undefined;
      },
      3_000,
    );
    assert.equal(why.code, row.code);
    assert.match(why.sentence, row.sentence);
    assert.ok(!/undefined|unknown time/.test(why.sentence), why.sentence);
    assert.ok(why.fixes.length > 0);
    const printed = await system.cli(['why', id]);
    assert.equal(printed.code, 0, printed.stderr);
    assert.ok(printed.stdout.includes(why.sentence.slice(0, 30)), printed.stdout);
  });
}

test('every reason code has a row, or a reason why not', () => {
  const covered = new Set<string>([
    ...rows.map((row) => row.code),
    ...ELSEWHERE,
    ...Object.keys(POLICY_REASONS), // test/journeys/policy-chains.test.ts, policies/*/policy.test.ts
    ...Object.keys(AUTHORIZATION_REASONS), // auth/authorization/recorded.integration.test.ts
  ]);
  assert.deepEqual(
    Object.keys(REASONS).filter((code) => !covered.has(code)),
    [],
  );
});

test('verbose error detail shows the fine code to the caller, standard hides it', async () => {
  const standard = (await (await call(`${made.apiUrl}/1`, 'a'.repeat(54))).json()) as { code: string; detail?: string };
  assert.equal(standard.code, 'invalid_token');
  assert.equal(standard.detail, undefined);
  await system.must('PATCH', '/server-groups/local', { errorDetail: 'verbose' });
  const verbose = await eventually('the gateway knows', async () => {
    const body = (await (await call(`${made.apiUrl}/1`, 'a'.repeat(54))).json()) as { code: string; detail?: string };
    return body.code === 'token_unknown' ? body : undefined;
  });
  assert.match(verbose.detail ?? '', /No such token/);
});

test('after a roll back the older version answers again', async () => {
  const url = await projectAt('back', upstream.url);
  await system.must('PATCH', '/projects/back/targets/default', { urls: [{ url: 'http://127.0.0.1:1', weight: 1 }] });
  await deployAndWait(system, 'back');
  assert.equal((await fetch(`${url}/1`)).status, 502);
  const back = await system.must<{ id: string; version: number }>('POST', '/deployments/rollback', {
    project: 'back',
    serverGroup: 'local',
    reason: 'dead target',
  });
  assert.equal(back.version, 1);
  await settled(system, back);
  assert.equal((await fetch(`${url}/1`)).status, 200);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '#core/facts';
import { type ExchangeRecord, why } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import { REASONS, type ReasonCode } from '#core/reasons/catalogue';
import { explain, noSuchRequest, similarFilter } from './explain.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

function record(rest: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    ...{ id: 'req_0000000000000000', at: AT, gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local' },
    ...{ method: 'GET', host: 'api.test', path: '/orders/1', queryNames: [], remoteAddress: '203.0.113.40' },
    ...{ status: 200, tookMs: 12.4, requestBytes: 0, responseBytes: 2, policies: [] },
    ...rest,
  };
}

const like = (one: ExchangeRecord, count = 0) => explain(one, { count, filter: similarFilter(one, AT) });

const known: Partial<ExchangeRecord> = {
  ...{ project: 'orders-api', projectId: 'prj_1', projectDisplayName: 'Orders API', version: 3 },
  ...{ resource: 'default-resource', clientId: 'cli_1', clientName: 'mobile-shop', subscriptionId: 'sub_1' },
  tokenPrefix: '0a1b2c3d',
};
const called = { target: 'default', url: 'http://10.0.0.1:80', outcome: 'failed', tries: 2 } as const;

const client = { client: 'Mobile shop', clientName: 'mobile-shop', consumerKey: 'gwk_abc' };
const changed = { by: 'priya', at: AT, reason: 'leaked' };
const token = { token: '0a1b2c3d', client: 'Mobile shop' };
const target = { target: 'default', address: '10.0.0.1:80', tries: 2, detail: 'ECONNREFUSED', limitMs: 30_000 };

/** Facts as they are recorded for each code, and a part of the sentence that must come of them. */
const cases: Readonly<Record<ReasonCode, readonly (readonly [facts: Facts, sentence: RegExp])[]>> = {
  token_missing: [
    [{ lookedIn: 'header' }, /none was sent in the header/],
    [{ lookedIn: 'header', foundIn: 'query' }, /it was in the query, the policy reads the header/],
  ],
  token_scheme_wrong: [[{ scheme: 'Token', expected: 'Bearer' }, /"Token …", expected "Bearer …"/]],
  token_twice: [[{ foundIn: ['header', 'query'] }, /header query/]],
  token_malformed: [[{ length: 12, expected: 54 }, /12 characters, expected 54/]],
  token_unknown: [[{ store: 'sqlite', token: '0a1b2c3d' }, /No such token here \(0a1b2c3d\)/]],
  token_expired: [
    [
      { ...token, issuedAt: AT, expiredForMs: 252_000, lifetimeMs: 600_000 },
      /expired 4 min 12 s before.*Mobile shop.*10 min/,
    ],
  ],
  token_revoked: [
    [{ ...token, ...changed }, /revoked by priya at 2026-01-02 03:04:05 UTC: leaked/],
    [{ ...token, ...changed, standing: 'client' }, /all tokens of its client/],
    [{ ...token, ...changed, standing: 'subject' }, /all tokens of its resource owner/],
    [{ ...token, ...changed, withGrant: true }, /with the grant that it came from: leaked/],
  ],
  token_owner_disabled: [
    [{ ...changed, owner: 'maria', subject: 'own_1', client: 'Mobile shop' }, /maria.*Mobile shop.*disabled by priya/],
  ],
  token_issuer: [[{ issuedIn: 'staging', usedIn: 'local' }, /issued in server group staging and used in local/]],
  token_foreign: [
    [{ issuer: 'https://idp.example', cause: 'audience', detail: 'aud is missing' }, /idp\.example .*: aud is missing/],
    [{ issuer: 'https://idp.example', cause: 'expired', at: AT }, /idp\.example expired at 2026-01-02 03:04:05 UTC/],
  ],
  token_inactive: [
    [{ issuer: 'https://idp.example', token: '0a1b2c3d' }, /idp\.example says .* 0a1b2c3d is not active/],
  ],
  introspection_unavailable: [
    [
      { url: 'https://idp.example/introspect', detail: 'it answered 500' },
      /introspect gave no verdict: it answered 500/,
    ],
  ],
  token_audience: [
    [{ audience: ['https://a.example'], expected: 'https://b.example' }, /for https:\/\/a\.example; this/],
  ],
  key_set_unavailable: [[{ url: 'https://idp.example/jwks', detail: 'It answered 500.' }, /jwks cannot be had: It/]],
  scope_missing: [
    [
      { ...client, has: 'orders:read', needs: 'orders:write', product: 'Shop', allowed: true, subscription: 's' },
      /has orders:read.*needs orders:write; product Shop allows it/,
    ],
  ],
  client_disabled: [[{ ...client, ...changed }, /Mobile shop was disabled by priya/]],
  subscription_missing: [
    [{ ...client, product: 'Shop', productName: 'shop' }, /Shop, which does not contain Orders API/],
  ],
  subscription_pending: [
    [{ ...client, subscription: 'mobile-shop-shop', at: AT }, /waits for approval since 2026/],
    [{ ...client, subscription: 'mobile-shop-shop', startsAt: AT }, /starts at 2026/],
  ],
  subscription_suspended: [[{ ...client, subscription: 's', ...changed }, /suspended by priya.*leaked/]],
  subscription_ended: [[{ ...client, subscription: 's', at: AT }, /ended at 2026/]],
  oauth_invalid_client: [
    [{ cause: 'unknown_key', consumerKey: 'gwk_abc' }, /no consumer key gwk_abc/],
    [{ cause: 'wrong_secret', ...client }, /Wrong consumer secret for Mobile shop/],
    [{ cause: 'secret_checksum', ...client }, /mistyped/],
    [
      { cause: 'secret_ended', ...client, secret: 'secret-1', at: AT },
      /used the old secret secret-1, which ended at 2026/,
    ],
    [{ cause: 'secret_missing', ...client }, /No consumer secret was sent for gwk_abc/],
    [{ cause: 'public_client', ...client }, /Mobile shop is a public client/],
    [{ cause: 'client_disabled', ...client, ...changed }, /disabled by priya/],
    [{ cause: 'subscription_inactive', ...client, state: 'suspended', at: AT }, /is suspended since 2026/],
    [{ cause: 'method_not_allowed', ...client, presentedIn: 'query', allowed: 'header' }, /in the query; only header/],
    [{ cause: 'credentials_missing', lookedIn: 'header' }, /looked for in the header/],
    [{ cause: 'certificate_missing', ...client }, /needs its client certificate.*showed none/],
    [{ cause: 'certificate_untrusted', ...client }, /No authority that is believed here/],
    [{ cause: 'certificate_over', ...client }, /out of its time/],
    [{ cause: 'certificate_other', ...client }, /another certificate than it is registered with/],
  ],
  oauth_grant_off: [
    [{ grantType: 'password', allowed: 'client_credentials' }, /"password" is not among.*client_credentials/],
  ],
  oauth_scope: [
    [
      { ...client, requested: 'x', registered: 'orders:read', match: 'all', subscription: 's' },
      /asked for x.*orders:read/,
    ],
  ],
  oauth_request: [
    [{ problem: 'missing', parameter: 'grant_type', lookedIn: 'form body' }, /grant_type is missing/],
    [{ problem: 'twice', parameter: 'scope' }, /scope occurs more than once/],
    [{ problem: 'different', parameter: 'grant_type' }, /different values/],
    [{ problem: 'media_type', mediaType: 'application/json' }, /it was application\/json/],
    [{ problem: 'two_methods' }, /two ways/],
    [{ problem: 'too_many', limit: 100 }, /More than 100/],
    [{ problem: 'in_query', parameter: 'client_secret' }, /sent in the query/],
    [{ problem: 'malformed', parameter: 'scope' }, /scope is malformed/],
    [{ problem: 'other_client', parameter: 'client_id' }, /client_id names another client/],
  ],
  authorization_request: [
    [{ parameter: 'response_type', problem: 'missing' }, /response_type of the authorization request is missing/],
    [{ parameter: 'state', problem: 'twice' }, /state of the authorization request occurs more than once/],
    [{ parameter: 'response_mode', problem: 'not_offered', detail: 'x', offered: ['query'] }, /"x".*offered: query/],
    [{ problem: 'too_long', limit: 7168 }, /longer than 7168 bytes/],
    [{ problem: 'challenge_missing', client: 'Mobile shop' }, /Mobile shop sent no code_challenge/],
    [{ problem: 'challenge_plain' }, /has to be S256/],
    [{ parameter: 'scope', problem: 'malformed' }, /scope of the authorization request is malformed\./],
  ],
  authorization_client: [
    [{ cause: 'unknown_key', consumerKey: 'gwk_x' }, /no consumer key gwk_x/],
    [{ cause: 'client_disabled', client: 'Mobile shop', by: 'priya', at: AT }, /Mobile shop was disabled by priya/],
    [{ cause: 'subscription_inactive', client: 'Mobile shop', state: 'ended', at: AT }, /Mobile shop is ended since/],
  ],
  redirect_uri_unknown: [
    [{ problem: 'missing', client: 'Mobile shop', registered: [] }, /sent no redirect_uri.*registered: none/],
    [{ redirectUri: 'https://a/', client: 'Mobile shop', registered: ['https://b/'] }, /https:\/\/a\/.*https:\/\/b\//],
  ],
  response_type_off: [[{ responseType: 'token', offered: ['code'] }, /"token" is not among.*code/]],
  pushed_request_unknown: [[{ consumerKey: 'gwk_x' }, /request_uri of gwk_x is none that can be used/]],
  pushed_request_needed: [[{ client: 'Mobile shop' }, /Mobile shop.*only pushed requests/]],
  sign_in_failed: [[{ directory: 'local' }, /sign-in at directory local failed/]],
  owner_disabled: [[{ directory: 'local' }, /disabled resource owner of directory local/]],
  sign_in_limited: [
    [{ address: '192.0.2.7', per: 'name', retryAfterMs: 60_000 }, /192\.0\.2\.7, counted for the name.*1 min/],
  ],
  consent_denied: [[{ client: 'Mobile shop' }, /did not allow Mobile shop/]],
  page_outdated: [
    [{ problem: 'other_browser' }, /browser other than the one that began/],
    [{ problem: 'token' }, /CSRF/],
    [{ problem: 'other_site', site: 'cross-site' }, /another site.*cross-site/],
    [{ problem: 'no_session' }, /Nobody is signed in/],
    [{ problem: 'ended' }, /used already, or it is older/],
  ],
  authorization_not_ready: [
    [{ tokenProject: 'access-token' }, /project access-token is not deployed/],
    [{ directory: 'local', detail: 'no answer' }, /Directory local could not be asked: no answer/],
    [{}, /None of the directories/],
  ],
  oauth_grant: [
    [{ cause: 'code_not_known', ...client }, /authorization code that was not issued here/],
    [{ cause: 'code_expired', ...client, at: AT }, /too late: it ended at 2026/],
    [{ cause: 'code_replayed', ...client }, /used before: everything that came from it is revoked/],
    [{ cause: 'refresh_not_known', ...client }, /refresh token that was not issued here/],
    [{ cause: 'refresh_expired', ...client, at: AT }, /refresh token of Mobile shop ended at 2026/],
    [{ cause: 'refresh_reused', ...client }, /refresh token that Mobile shop sent had been used before/],
    [{ cause: 'revoked', ...client, ...changed }, /revoked by priya at 2026/],
    [{ cause: 'other_client', ...client }, /issued to another client/],
    [{ cause: 'other_issuer', ...client }, /of another token end point/],
    [{ cause: 'other_certificate', ...client }, /bound to another certificate/],
    [{ cause: 'redirect_uri', ...client }, /not the one of its authorization request/],
    [{ cause: 'verifier_missing', ...client }, /sent no code_verifier/],
    [{ cause: 'verifier_unexpected', ...client }, /began without a code challenge/],
    [{ cause: 'verifier_malformed', ...client }, /43 to 128/],
    [{ cause: 'verifier_wrong', ...client }, /does not fit/],
    [{ cause: 'owner_disabled', ...client }, /resource owner behind the grant of Mobile shop is disabled/],
    [{ cause: 'inactive', ...client, standing: 'subscription' }, /The subscription behind the grant/],
    [{ cause: 'password_wrong', ...client }, /Wrong name or password/],
  ],
  oauth_directory: [
    [{ directory: 'local', detail: 'it takes no passwords' }, /Directory local cannot be asked: it takes no passwords/],
  ],
  oauth_scope_policy: [
    [{ problem: 'answered', chain: 'scopes', attribute: 'scopes.for.token' }, /scopes answered by itself/],
    [{ problem: 'missing', chain: 'scopes', attribute: 'scopes.for.token' }, /left nothing at scopes.for.token/],
    [{ problem: 'malformed', chain: 'scopes', attribute: 'scopes.for.token' }, /left no set of scopes/],
  ],
  client_auth_limited: [
    [
      { limit: 10, windowMs: 60_000, address: '203.0.113.40', consumerKey: 'gwk_abc' },
      /More than 10.*1 min.*gwk_abc from 203/,
    ],
  ],
  issue_limited: [[{ ...client, limit: 100 }, /Mobile shop asked for more than 100 tokens/]],
  live_tokens_limited: [[{ ...client, limit: 100_000 }, /has 100000 tokens/]],
  route_unknown: [
    [{}, /Nothing is deployed at \/orders\/1 in local/],
    [{ nearest: '/orders' }, /Nearest: \/orders/],
  ],
  method_not_allowed: [[{ allowed: ['GET', 'HEAD'] }, /GET is not taken here; the resource takes GET HEAD/]],
  path_ambiguous: [[{ form: 'encoded-slash' }, /holds a encoded-slash/]],
  request_invalid: [[{ problem: 'host_twice' }, /host_twice/]],
  try_ticket_invalid: [[{ problem: 'it was used before' }, /not valid: it was used before/]],
  header_too_large: [[{ limitBytes: 16_384 }, /16384 bytes/]],
  body_too_large: [[{ limitBytes: 65_536 }, /65536 bytes/]],
  body_invalid: [[{ detail: 'cut off' }, /cut off/]],
  request_timeout: [[{ limitMs: 10_000, part: 'head' }, /head was not complete after 10000 ms/]],
  misdirected: [[{ sni: 'a.test', host: 'b.test' }, /Host b.test came over a connection for a.test/]],
  upgrade_refused: [[{ protocol: 'websocket' }, /switch to websocket/]],
  gateway_busy: [[{ what: 'connections', limit: 1000 }, /connections, 1000/]],
  not_ready: [[{}, /no configuration yet/]],
  revocation_state_stale: [[{ sinceMs: 6100 }, /6100 ms ago/]],
  store_unavailable: [[{ store: 'sqlite', detail: 'locked' }, /\(sqlite\) did not answer: locked/]],
  storage_low: [[{ freeBytes: 1, minFreeBytes: 2 }, /1 bytes are free.*below 2/]],
  target_name: [[{ ...target, detail: 'ENOTFOUND' }, /10.0.0.1:80 could not be found: ENOTFOUND/]],
  target_refused: [[target, /did not take the connection after 2 tries/]],
  target_tls: [[{ ...target, detail: 'expired' }, /TLS with target 10.0.0.1:80 failed: expired/]],
  target_timeout: [[{ ...target, part: 'head' }, /did not answer within 30000 ms/]],
  target_bad_answer: [[{ ...target, detail: 'no status line' }, /no valid answer: no status line/]],
  policy_error: [[{ detail: 'boom', phase: 'proxyRequest' }, /Policy verify failed: boom/]],
  parameter_repeated: [
    [{ parameter: 'tenant', place: 'query' }, /tenant stands more than once in the query; policy verify/],
  ],
  selector_value: [
    [{ place: 'the header field X-A', detail: 'one line' }, /into the header field X-A.*cannot stand there/],
  ],
  callout_failed: [
    [{ host: 'a.test', detail: 'it answered 404' }, /called a.test and got no usable answer: it answered 404/],
  ],
  quota_exceeded: [
    [
      {
        allow: 1000,
        windowMs: 60_000,
        by: 'policy',
        countedBy: 'caller',
        ...client,
        weight: 1,
        remaining: 0,
        retryAfterMs: 22_000,
      },
      /Policy verify allows 1000 in 1 min; Mobile shop has 0 left and this call counts 1\. .* in 22 s/,
    ],
    [
      {
        allow: 5,
        windowMs: 86_400_000,
        by: 'plan',
        countedBy: 'caller',
        ...client,
        weight: 2,
        remaining: 1,
        retryAfterMs: 3_600_000,
      },
      /The plan of the caller's product allows 5 in 1 d; Mobile shop has 1 left/,
    ],
    [{ allow: 5, windowMs: 1000, countedBy: 'address', weight: 1, retryAfterMs: 500 }, /; this address has 0 left/],
  ],
  spike_arrested: [
    [
      { rate: 30, per: 'minute', burst: 1, countedBy: 'everybody', weight: 1, retryAfterMs: 1500 },
      /lets 30 in a minute through, evenly spread and 1 at once; more came from all callers/,
    ],
  ],
  counters_unavailable: [[{ detail: 'Redis does not answer.' }, /could not count the call: Redis does not answer\./]],
  internal_error: [[{}, /its log has the cause/]],
  client_gone: [[{ part: 'answer' }, /before the answer was complete/]],
  oauth_device_pending: [[{ ...client, endsAt: AT }, /Mobile shop waits.*until 2026-01-02 03:04:05 UTC/]],
  oauth_slow_down: [[{ ...client, sinceMs: 1000, pollMs: 10_000 }, /again after 1 s.*wait 10 s/]],
  oauth_access_denied: [[client, /owner refused what Mobile shop asked for/]],
  oauth_device_expired: [[{ ...client, endedAt: AT }, /of Mobile shop ended at 2026-01-02 03:04:05 UTC, undecided/]],
  oauth_exchange: [
    [
      { ...client, cause: 'not_known', parameter: 'subject_token' },
      /subject_token that Mobile shop sent was not issued/,
    ],
    [{ ...client, cause: 'not_live', parameter: 'actor_token' }, /actor_token.*no longer good/],
    [{ ...client, cause: 'not_yours', parameter: 'subject_token' }, /neither its own nor meant for its product/],
    [{ ...client, cause: 'bound', parameter: 'subject_token' }, /bound to a certificate/],
  ],
  resource_invalid: [
    [{ resource: 'orders#1', detail: 'it has a fragment' }, /"orders#1" cannot be taken: it has a fragment/],
  ],
  oauth_target: [
    [{ ...client, requested: 'orders-api', allowed: 'Billing' }, /token for orders-api; its product has Billing/],
  ],
  oauth_token_information: [[{ token: '0a1b2c3d', cause: 'expired' }, /asked for 0a1b2c3d.*not active: expired/]],
  host_misdirected: [
    [{ host: 'a.test', serverName: 'b.test' }, /on a connection for b.test, and the request is for a.test/],
  ],
  token_certificate: [
    [{ ...token, ...client, problem: 'missing' }, /bound to a certificate, and none was shown/],
    [{ ...token, ...client, problem: 'other' }, /and another one was shown/],
  ],
};

for (const [code, variants] of Object.entries(cases)) {
  test(`why tells ${code} in words`, () => {
    for (const [facts, sentence] of variants) {
      const reason = REASONS[code as ReasonCode];
      const verdict = {
        policy: 'verify',
        displayName: 'Verify',
        type: 't',
        phase: 'proxyRequest',
        outcome: 'stopped',
        ms: 1,
      } as const;
      const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never;
      const told = like(record({ ...known, code, status: reason.status, facts: given, policies: [verdict] }), 3);
      assert.match(told.sentence, sentence);
      const words = [
        told.title,
        told.sentence,
        ...told.fixes.flatMap((fix) => [fix.text, fix.command ?? '', fix.link ?? '']),
      ];
      for (const text of [...words, ...told.facts.flatMap(({ label, value }) => [label, value])])
        assert.doesNotMatch(text, /undefined|unknown(?!_)|\[object|NaN/, `${code}: ${text}`);
      assert.ok(told.fixes.length > 0);
      assert.equal(told.code, code);
      assert.deepEqual([told.policy, told.phase, told.similar.count], ['verify', 'proxyRequest', 3]);
      assert.doesNotThrow(() => why.parse(told));
    }
  });
}

test('facts are labels and values in words, with where and to whom it happened', () => {
  const facts = { expiredForMs: 252_000, issuedAt: AT, foundIn: ['header', 'query'], allowed: true };
  const told = like(record({ ...known, code: 'token_expired', status: 401, facts }));
  assert.deepEqual(told.facts, [
    { label: 'Expired before the call', value: '4 min 12 s' },
    { label: 'Issued at', value: '2026-01-02 03:04:05 UTC' },
    { label: 'Found in', value: 'header query' },
    { label: 'Allowed', value: 'yes' },
    { label: 'API', value: 'Orders API v3' },
    { label: 'Resource', value: 'default-resource' },
    { label: 'Client', value: 'mobile-shop' },
    { label: 'Token', value: '0a1b2c3d' },
    { label: 'Gateway', value: 'local-1 in local' },
  ]);
  assert.equal(told.similar.query, `code=token_expired&project=orders-api&client=cli_1&since=${AT - 30 * 60_000}`);
});

test('facts that a refusal left out are taken from the record', () => {
  const told = like(
    record({ ...known, code: 'target_refused', status: 502, target: { ...called, error: 'ECONNREFUSED' } }),
  );
  assert.equal(told.sentence, 'Target http://10.0.0.1:80 did not take the connection after 2 tries: ECONNREFUSED.');
});

test('an exchange that was not refused says who answered', () => {
  const answered = { ...called, outcome: 'answered' } as const;
  const told = (rest: Partial<ExchangeRecord>) => like(record({ ...known, ...rest }));
  assert.equal(told({ target: answered }).code, 'ok');
  assert.equal(told({ target: answered }).sentence, 'Answered 200 by target default (http://10.0.0.1:80) in 12 ms.');
  const policies = [
    {
      policy: 'mock',
      displayName: 'Mock',
      type: 'mock-answer',
      phase: 'proxyRequest',
      outcome: 'answered',
      ms: 0,
    } as const,
  ];
  assert.equal(told({ status: 201, policies }).sentence, 'Answered 201 by policy Mock in 12 ms.');
  const failing = told({ status: 500, target: answered });
  assert.match(failing.sentence, /The gateway refused nothing/);
  assert.equal(failing.similar.query, `code=ok&status=500&project=orders-api&client=cli_1&since=${AT - 30 * 60_000}`);
});

test('a code of a newer gateway is told as such', () => {
  const told = like(record({ code: 'quantum_refused', status: 418 }));
  assert.match(told.sentence, /quantum_refused.*local-1 is newer/);
});

test('an id without record says how long records are kept and that some are only counted', () => {
  const plain = noSuchRequest('req_X', 7 * 86_400_000, []);
  assert.ok(plain instanceof ProblemError);
  assert.equal(
    plain.message,
    'No request req_X. Kept for 7 days; gateways send logs within 2 s. Was it answered by this system? Look for the X-Request-Id header.',
  );
  const counted = noSuchRequest('req_X', 7 * 86_400_000, [
    { code: 'token_unknown', project: 'orders-api', count: 4000 },
  ]);
  assert.match(
    counted.message,
    /only counted and have no record; in the last hour: 4000 × token_unknown at orders-api/,
  );
});

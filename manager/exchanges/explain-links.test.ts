import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '#core/facts';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { REASONS, type ReasonCode } from '#core/reasons/catalogue';
import { explain, similarFilter } from './explain.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A refusal at policy `verify` of project `orders-api`, with everything known that can be. */
function refused(code: ReasonCode, facts: Facts, rest: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    ...{ id: 'req_0000000000000000', at: AT, gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local' },
    ...{ method: 'GET', host: 'api.test', path: '/orders/1', queryNames: [], remoteAddress: '203.0.113.40' },
    ...{
      status: REASONS[code].status,
      tookMs: 1,
      requestBytes: 0,
      responseBytes: 2,
      code,
      facts: { ...facts } as never,
    },
    ...{
      project: 'orders-api',
      projectId: 'prj_1',
      projectDisplayName: 'Orders API',
      version: 3,
      resource: 'one-order',
    },
    ...{ clientId: 'cli_1', clientName: 'mobile-shop', subscriptionId: 'sub_1', tokenPrefix: '0a1b2c3d' },
    policies: [
      {
        ...{ policy: 'verify', displayName: 'Verify', type: 't', phase: 'proxyRequest', outcome: 'stopped' },
        ...{ ms: 1, code },
      },
    ],
    ...rest,
  };
}

const linksOf = (record: ExchangeRecord): string[] =>
  explain(record, { count: 1, filter: similarFilter(record, AT) }).fixes.flatMap(({ link }) => link ?? []);

const POLICY = '/projects/orders-api/policies/verify';
const TARGET = '/projects/orders-api/targets?target=default';
const token = { client: 'Mobile shop', tokenProject: 'access-token', tokenPolicy: 'issue' };

/** Each refusal that people read about, and where in the console it is put right. */
const rows: readonly (readonly [code: ReasonCode, facts: Facts, links: readonly string[]])[] = [
  ['token_missing', { lookedIn: ['header'], foundIn: 'query' }, [`${POLICY}?field=tokenIn`]],
  ['token_scheme_wrong', { scheme: 'Token', expected: 'Bearer' }, [`${POLICY}?field=headerPrefix`]],
  ['token_twice', { foundIn: ['header', 'query'] }, [`${POLICY}?field=tokenIn`]],
  ['token_malformed', { length: 12, expected: 54 }, [`${POLICY}?field=tokenIn`]],
  ['token_unknown', { store: 'sqlite' }, ['/server-groups/local']],
  ['token_expired', token, ['/projects/access-token/policies/issue?field=accessTokenExpiryMs']],
  ['token_revoked', { by: 'priya', at: AT }, ['/clients/mobile-shop']],
  ['token_issuer', { issuedIn: 'staging', usedIn: 'local' }, ['/server-groups/local']],
  ['scope_missing', { subscription: 'shop-app', needs: ['orders:write'] }, ['/subscriptions/shop-app?field=scopes']],
  ['client_disabled', { clientName: 'mobile-shop' }, ['/clients/mobile-shop']],
  [
    'subscription_missing',
    { clientName: 'mobile-shop', productName: 'shop' },
    ['/products/shop?field=projects', '/subscriptions?client=mobile-shop'],
  ],
  ['subscription_pending', { subscription: 'shop-app', at: AT }, ['/subscriptions/shop-app']],
  ['subscription_suspended', { subscription: 'shop-app', at: AT }, ['/subscriptions/shop-app']],
  ['subscription_ended', { clientName: 'mobile-shop', at: AT }, ['/subscriptions?client=mobile-shop']],
  ['route_unknown', { nearest: '/orders' }, ['/server-groups/local']],
  [
    'method_not_allowed',
    { allowed: ['GET'], resource: 'one-order' },
    ['/projects/orders-api/resources/one-order?field=methods'],
  ],
  ['path_ambiguous', { form: 'encoded-slash' }, ['/projects/orders-api/settings?field=allowPathForms']],
  ['body_too_large', { limitBytes: 10 }, [POLICY]],
  ['body_invalid', { detail: 'no JSON' }, [POLICY]],
  ['target_name', { target: 'default' }, [`${TARGET}&field=urls`]],
  ['target_refused', { target: 'default' }, [`${TARGET}&field=urls`]],
  ['target_tls', { target: 'default' }, [`${TARGET}&field=verifyTls`]],
  ['target_timeout', { target: 'default', limitMs: 5 }, [`${TARGET}&field=urls`, `${TARGET}&field=timeoutMs`]],
  ['target_bad_answer', { target: 'default' }, [`${TARGET}&field=urls`]],
  ['policy_error', { detail: 'TypeError' }, [POLICY]],
  ['quota_exceeded', { by: 'policy', countedBy: 'address' }, [`${POLICY}?field=allow`]],
  ['quota_exceeded', { by: 'plan', clientName: 'mobile-shop' }, ['/clients/mobile-shop']],
  ['spike_arrested', { rate: 1, per: 'second' }, [`${POLICY}?field=rate`]],
  ['counters_unavailable', { detail: 'away' }, [`${POLICY}?field=whenUnavailable`]],
  ['oauth_invalid_client', { cause: 'unknown_key', consumerKey: 'gwk_1' }, ['/clients']],
  ['oauth_invalid_client', { cause: 'wrong_secret', clientName: 'mobile-shop' }, ['/clients/mobile-shop']],
  ['oauth_invalid_client', { cause: 'secret_ended', clientName: 'mobile-shop', at: AT }, ['/clients/mobile-shop']],
  ['oauth_invalid_client', { cause: 'client_disabled', clientName: 'mobile-shop' }, ['/clients/mobile-shop']],
  ['oauth_invalid_client', { cause: 'subscription_inactive', subscription: 'shop-app' }, ['/subscriptions/shop-app']],
  [
    'oauth_invalid_client',
    { cause: 'credentials_missing', lookedIn: ['header'] },
    [`${POLICY}?field=clientCredentialsIn`],
  ],
  ['oauth_invalid_client', { cause: 'malformed', presentedIn: 'header' }, [`${POLICY}?field=clientCredentialsIn`]],
  ['oauth_grant_off', { grantType: 'password' }, [`${POLICY}?field=grantTypes`]],
  ['oauth_scope', { subscription: 'shop-app' }, ['/subscriptions/shop-app?field=scopes']],
  ['oauth_request', { problem: 'missing', parameter: 'grant_type' }, [`${POLICY}?field=clientCredentialsIn`]],
  ['oauth_request', { problem: 'in_query', parameter: 'client_secret' }, [`${POLICY}?field=clientCredentialsIn`]],
];
for (const [code, facts, links] of rows) {
  const variant = facts.cause ?? facts.problem;
  test(`${code}${variant === undefined ? '' : ` (${variant})`} leads to where it is put right`, () => {
    assert.deepEqual(linksOf(refused(code, facts)), links);
  });
}

test('a link that would lead to nowhere is left out', () => {
  const bare = { project: undefined, clientName: undefined, subscriptionId: undefined, policies: [] } as never;
  for (const code of Object.keys(REASONS) as ReasonCode[])
    for (const link of linksOf(refused(code, {}, bare))) assert.match(link, /^(?:\/[a-z0-9-]+)+$/, code);
});

test('what an answer of the target itself needs is at the target', () => {
  const target = { target: 'default', url: 'http://10.0.0.1', outcome: 'answered', tries: 1, status: 500 } as const;
  const record = refused('internal_error', {}, { code: undefined as never, status: 500, policies: [], target });
  assert.deepEqual(linksOf(record), [`${TARGET}&field=urls`]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CalledProject, callLines } from './call-lines.ts';

const base = {
  project: { kind: 'http', secureWith: 'none' },
  policies: [],
  urls: [
    { serverGroup: 'staging', serverGroupDisplayName: 'Staging', url: 'http://staging/orders', isLive: false },
    { serverGroup: 'local', serverGroupDisplayName: 'Local', url: 'http://127.0.0.1:8080/orders', isLive: true },
  ],
  tokenUrls: [{ serverGroup: 'local', url: 'http://127.0.0.1:8080/token', project: 'access-token' }],
  consumerKey: 'key1',
} as unknown as CalledProject;

const secured = (tokenIn: readonly string[]): CalledProject =>
  ({
    ...base,
    project: { kind: 'http', secureWith: 'oauth', securePolicy: 'check' },
    policies: [{ name: 'check', type: 'oauth-verify-access-token', config: { tokenIn } }],
  }) as unknown as CalledProject;

test('a project that asks for no token is called where it is live', () => {
  assert.equal(callLines(base), 'curl -i http://127.0.0.1:8080/orders');
});

test('a secured project is called with a token that its own consumer key gets', () => {
  const lines = callLines(secured(['header'])) ?? '';
  assert.match(
    lines,
    /-u key1:"\$CONSUMER_SECRET" -d grant_type=client_credentials \\\n {2}http:\/\/127.0.0.1:8080\/token/,
  );
  assert.match(lines, /-H "Authorization: Bearer \$TOKEN" http:\/\/127.0.0.1:8080\/orders$/);
});

test('a token is put where the policy looks for it', () => {
  assert.match(callLines(secured(['query'])) ?? '', /"http:\/\/127.0.0.1:8080\/orders\?access_token=\$TOKEN"$/);
  assert.match(callLines(secured(['body'])) ?? '', /-d access_token="\$TOKEN" http:/);
});

test('a token end point is asked for a token', () => {
  const endPoint = { ...base, project: { kind: 'oauth-token-endpoint' } } as unknown as CalledProject;
  assert.equal(
    callLines(endPoint),
    'curl -i -u key1:"$CONSUMER_SECRET" -d grant_type=client_credentials http://127.0.0.1:8080/orders',
  );
});

test('a path with characters that shells read is quoted', () => {
  const odd = { ...base, urls: [{ ...base.urls[1], url: "http://h/a'b&c" }] } as unknown as CalledProject;
  assert.equal(callLines(odd), `curl -i 'http://h/a'\\''b&c'`);
});

test('without an address there is nothing to show', () => {
  assert.equal(callLines({ ...base, urls: [] }), undefined);
});

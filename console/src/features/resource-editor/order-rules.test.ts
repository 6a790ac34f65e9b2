import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';
import { findOrderWarnings } from './order-rules.ts';

const policy = (name: string, type: string, config: Record<string, unknown> = {}): Policy =>
  ({ name, displayName: name, type, config }) as unknown as Policy;

const policies = [
  policy('check', 'oauth-verify-access-token', { tokenIn: ['header'], headerName: 'Authorization' }),
  policy('check-2', 'oauth-verify-access-token', { tokenIn: ['query'] }),
  policy('mock', 'mock-answer'),
  policy('strip', 'set-headers', { remove: ['authorization'], set: [] }),
  policy('mark', 'set-headers', { remove: [], set: [{ name: 'X-A', value: '1' }] }),
];

const at = (names: readonly string[], phase: keyof Endpoints = 'proxyRequest'): Endpoints => ({
  proxyRequest: [],
  targetRequest: [],
  targetResponse: [],
  proxyResponse: [],
  [phase]: names
    .map((name) => ({ policy: name, enabled: !name.endsWith('!') }))
    .map((one) => ({
      ...one,
      policy: one.policy.replace('!', ''),
    })),
});

const rules = (endpoints: Endpoints, around?: Endpoints) =>
  findOrderWarnings({ endpoints, policies, ...(around && { around }) }).map(({ rule }) => rule);

const fixed = (endpoints: Endpoints) =>
  findOrderWarnings({ endpoints, policies })[0]?.fix?.endpoints.proxyRequest.map((one) => one.policy);

test('a sound order gives nothing to think about', () => {
  assert.deepEqual(rules(at(['check', 'strip', 'mark', 'mock'])), []);
  assert.deepEqual(rules(at([])), []);
});

test('two token checks are one too many, and the second can go', () => {
  assert.deepEqual(rules(at(['check', 'mark', 'check-2'])), ['two-token-checks']);
  assert.deepEqual(fixed(at(['check', 'mark', 'check-2'])), ['check', 'mark']);
});

test('a token check that the project runs already makes the one of a resource spare', () => {
  const warnings = findOrderWarnings({ endpoints: at(['check']), around: at(['check-2']), policies });
  assert.equal(warnings[0]?.rule, 'two-token-checks');
  assert.deepEqual(warnings[0]?.fix?.endpoints.proxyRequest, []);
});

test('a token check behind a policy that answers is never asked; the fix puts it before', () => {
  assert.deepEqual(rules(at(['mock', 'check'])), ['check-behind-answer']);
  assert.deepEqual(fixed(at(['mark', 'mock', 'check'])), ['mark', 'check', 'mock']);
});

test('what stands behind an answer never runs; the fix puts the answer last', () => {
  assert.deepEqual(rules(at(['mock', 'mark'])), ['never-runs']);
  assert.deepEqual(fixed(at(['mock', 'mark'])), ['mark', 'mock']);
  assert.deepEqual(rules(at(['mock', 'mark'], 'targetRequest')), ['never-runs']);
});

test('an answer at project level hides the resource, which cannot be mended there', () => {
  const [warning] = findOrderWarnings({ endpoints: at(['check']), around: at(['mock']), policies });
  assert.equal(warning?.rule, 'check-behind-answer');
  assert.equal(warning?.fix, undefined);
});

test('a header field that carries the token must not be changed before it is read', () => {
  assert.deepEqual(rules(at(['strip', 'check'])), ['token-taken-away']);
  assert.deepEqual(fixed(at(['strip', 'check'])), ['check', 'strip']);
  assert.deepEqual(rules(at(['mark', 'check'])), []);
  assert.deepEqual(rules(at(['strip', 'check-2'])), []);
});

test('a policy that is off does not count', () => {
  assert.deepEqual(rules(at(['mock!', 'check', 'check-2!'])), []);
});

test('a fix leaves nothing to warn about', () => {
  for (const names of [
    ['mock', 'check'],
    ['strip', 'check'],
    ['mock', 'mark'],
    ['check', 'check-2'],
  ]) {
    const [warning] = findOrderWarnings({ endpoints: at(names), policies });
    assert.deepEqual(rules(warning?.fix?.endpoints ?? at(names)), [], names.join());
  }
});

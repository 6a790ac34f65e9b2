import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileText } from './file-text.ts';
import { APPS, PARTS, PROJECT } from './layout.ts';

const record = { id: 'x', revision: 3, createdAt: 1, createdBy: 'a', updatedAt: 1, updatedBy: 'a', projectId: 'p' };

test('a file has what can be set, in a fixed order, and neither ids nor times', () => {
  const endpoints = {
    proxyRequest: [
      { policy: 'v', enabled: true },
      { policy: 'q', enabled: false },
    ],
    targetRequest: [],
    targetResponse: [],
    proxyResponse: [],
  };
  const text = fileText(
    PROJECT,
    {
      ...record,
      endpoints,
      contextPath: '/a',
      hosts: [],
      description: '',
      kind: 'http',
      displayName: 'A',
      name: 'a',
      securePolicy: 'v',
    },
    undefined,
  );
  assert.equal(
    text,
    `name: a
displayName: A
kind: http
contextPath: /a
endpoints:
  proxyRequest:
    - policy: v
    - policy: q
      enabled: false
`,
  );
});

test('settings stand in the order of their names, however they were set', () => {
  const policy = PARTS.find(({ word }) => word === 'policy') ?? PROJECT;
  const text = (config: unknown) =>
    fileText(policy, { ...record, name: 'p', displayName: 'P', type: 't', config, summary: 's' }, undefined);
  assert.equal(text({ b: 1, a: { d: 1, c: 2 } }), text({ a: { c: 2, d: 1 }, b: 1 }));
  assert.ok(!text({}).includes('summary'));
});

test('a subscription with no scopes is not one with all', () => {
  const subscription = APPS.find(({ word }) => word === 'subscription') ?? PROJECT;
  const base = { ...record, name: 's', client: 'c', product: 'p', consumerKey: 'gwk_x', state: 'active' };
  assert.match(fileText(subscription, { ...base, scopes: [] }, undefined), /scopes: \[\]/);
  assert.ok(!fileText(subscription, base, undefined).includes('scopes'));
  assert.ok(!fileText(subscription, base, undefined).includes('gwk_x'));
});

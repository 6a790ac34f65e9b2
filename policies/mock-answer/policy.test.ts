import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessage } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { mockAnswer } from './policy.ts';
import { schema } from './schema.ts';

const { compile } = createOAuthSystem();

test('answers what is set, at both endpoints of the request, each time with fields of its own', async () => {
  const settings = { status: 418, headers: [{ name: 'X-Kind', value: 'pot' }], body: 'tea' };
  for (const phase of ['proxyRequest', 'targetRequest'] as const) {
    const handler = compile(mockAnswer, settings, phase)[phase];
    const [first, second] = [await handler?.(createMessage()), await handler?.(createMessage())];
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual([first.status, first.headers.raw, first.body], [418, ['X-Kind', 'pot'], 'tea']);
    first.headers.set('X-Kind', 'changed');
    assert.equal(second.headers.get('x-kind'), 'pot');
  }
});

test('fields and body take selectors', async () => {
  const settings = {
    headers: [{ name: 'X-Path', value: '\u0024{request.path}' }],
    body: '\u0024{request.form.name:-nobody} at \u0024{request.path}',
  };
  const answer = await compile(mockAnswer, settings).proxyRequest?.(createMessage({ path: '/tea' }));
  assert.deepEqual([answer?.headers.raw, answer?.body], [['X-Path', '/tea'], 'nobody at /tea']);
});

test('an empty body is none', async () => {
  const answer = await compile(mockAnswer, { status: 204, headers: [] }).proxyRequest?.(createMessage());
  assert.deepEqual([answer?.status, answer?.body], [204, undefined]);
});

test('settings that make no valid answer are refused at deploy', () => {
  for (const bad of [
    { status: 199 },
    { status: 600 },
    { status: 204, body: 'x' },
    { headers: [{ name: 'Content-Length', value: '3' }] },
    { headers: [{ name: 'X', value: 'a\r\nb' }] },
    { body: 'x'.repeat(65_537) },
  ]) {
    assert.equal(schema.safeParse(bad).success, false, JSON.stringify(bad).slice(0, 60));
  }
});

test('the card says status and size', () => {
  assert.equal(mockAnswer.summarize(schema.parse({ body: 'é' })), 'answers 200 with 2 bytes');
  assert.equal(mockAnswer.summarize(schema.parse({ status: 503 })), 'answers 503');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import { createMessage } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { setHeaders } from './policy.ts';
import { schema } from './schema.ts';

const { compile } = createOAuthSystem();
const settings = {
  remove: ['x-old', 'X-GONE'],
  set: [{ name: 'X-New', value: 'one' }],
  add: [{ name: 'Vary', value: 'Accept' }],
};

test('removes, sets and adds, at the request and at the answer', async () => {
  const sent = ['X-Old', '1', 'x-new', '2', 'X-New', '3', 'Vary', 'Origin', 'X-Gone', '4'];
  const changed = ['Vary', 'Origin', 'X-New', 'one', 'Vary', 'Accept'];
  for (const phase of ['proxyRequest', 'targetRequest'] as const) {
    const message = createMessage({ headers: [] });
    message.request.headers.raw.push(...sent);
    await compile(setHeaders, settings, phase)[phase]?.(message);
    assert.deepEqual(message.request.headers.raw, changed);
  }
  for (const phase of ['targetResponse', 'proxyResponse'] as const) {
    const message = createMessage();
    message.response = { status: 200, headers: new HeaderList([...sent]), body: undefined };
    await compile(setHeaders, settings, phase)[phase]?.(message);
    assert.deepEqual(message.response.headers.raw, changed);
    assert.deepEqual(message.request.headers.raw, []);
  }
});

test('values come from the whiteboard and from the request, before anything is removed', async () => {
  const set = [{ name: 'X-Tenant', value: 't-\u0024{request.header.x-old}' }];
  const add = [{ name: 'X-Name', value: '\u0024{request.form.name:-nobody}' }];
  const message = createMessage({ headers: [['X-Old', 'north']] });
  await compile(setHeaders, { remove: ['x-old'], set, add }).proxyRequest?.(message);
  assert.deepEqual(message.request.headers.raw, ['X-Tenant', 't-north', 'X-Name', 'nobody']);
});

test('a value that a field cannot hold refuses the request', async () => {
  const set = [{ name: 'X-Tenant', value: '\u0024{request.query.tenant}' }];
  for (const value of ['a\r\nSet-Cookie: x=1', 'a\nb', '\u0000', '\u20ac']) {
    const message = createMessage({ query: `tenant=${encodeURIComponent(value)}` });
    const handler = compile(setHeaders, { set }).proxyRequest;
    await assert.rejects(
      async () => handler?.(message),
      (error) => error instanceof Refusal && error.code === 'selector_value',
      JSON.stringify(value),
    );
    assert.deepEqual(message.request.headers.raw, []);
  }
});

test('runs on refusals only when told to', () => {
  assert.equal(compile(setHeaders, settings, 'proxyResponse').onRefusal, false);
  assert.equal(compile(setHeaders, { ...settings, onRefusal: true }, 'proxyResponse').onRefusal, true);
});

test('fields of connection and framing, and values of more than one line, are refused at deploy', () => {
  const names = [
    'Connection',
    'transfer-encoding',
    'Content-Length',
    'HOST',
    'Upgrade',
    'TE',
    'Keep-Alive',
    'X-Request-Id',
  ];
  for (const name of [...names, 'a b', 'a:', '', 'é']) {
    assert.equal(schema.safeParse({ set: [{ name, value: 'x' }] }).success, false, name);
    assert.equal(schema.safeParse({ remove: [name] }).success, false, name);
  }
  for (const value of ['a\r\nb', 'a\nb', 'a\u0000', ' a', 'a ', '€', '\u0024{x y}', '\u0024{x']) {
    assert.equal(schema.safeParse({ add: [{ name: 'X-A', value }] }).success, false, JSON.stringify(value));
  }
  for (const value of [
    '',
    'a',
    'Bearer \u0024{secrets.backend-key}',
    '\u0024{request.header.x-a:-none}',
    '\u0024{customer.name}',
    'a\tb',
    'max-age=60, private',
    'é',
  ]) {
    assert.equal(schema.safeParse({ add: [{ name: 'X-A', value }] }).success, true, JSON.stringify(value));
  }
});

test('the card says what it does', () => {
  assert.equal(setHeaders.summarize(schema.parse(settings)), 'removes x-old, X-GONE; sets X-New; adds Vary');
  assert.equal(setHeaders.summarize(schema.parse({})), 'changes nothing');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessage } from '#test/support/message';
import { ConfigurationError, Refusal } from './errors.ts';
import {
  compileText,
  compileValue,
  findWhiteboardNames,
  hasOnlyWhiteboardSelectors,
  isKnownName,
  resolveText,
} from './whiteboard-selector.ts';

const at = (name: string): string => `\u0024{${name}}`;
const FORM = [['Content-Type', 'application/x-www-form-urlencoded']] as const;

function sample(body = '', query = 'tenant=a%20b&twice=1&twice=2') {
  const message = createMessage({
    method: 'POST',
    path: '/orders/1',
    query,
    headers: [...FORM, ['X-Tenant', 'north']],
    body,
  });
  message.whiteboard.set('scopes.for.token', new Set(['read', 'write']));
  message.whiteboard.set('oauth.client.details', {
    clientId: 'cli_1',
    name: 'shop',
    displayName: 'Shop',
    consumerKey: 'gwk_1',
    subscriptionId: 'sub_1',
  });
  message.whiteboard.assign('customer', { tier: 3, 'a.b': 'dotted', tags: ['x', 'y'], deep: { a: 1 } });
  message.whiteboard.assign('customer.name', 'Ada');
  return message;
}

test('a text takes attributes, their fields, and parts of the request', async () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    [`a ${at('scopes.for.token')} b`, 'a read write b'],
    [at('oauth.client.details.clientId'), 'cli_1'],
    [at('customer.tier'), '3'],
    [at('customer.name'), 'Ada'],
    [at('customer.tags'), 'x y'],
    [at('customer.deep'), '{"a":1}'],
    [`${at('request.method')} ${at('request.path')}`, 'POST /orders/1'],
    [at('request.header.x-TENANT'), 'north'],
    [at('request.query.tenant'), 'a b'],
    [at('request.form.name'), 'Ada & Co'],
    [`[${at('request.query.none')}]`, '[]'],
    [at('request.query.none:-all: of-it'), 'all: of-it'],
    [at('customer.none:-'), ''],
  ];
  for (const [text, expected] of cases)
    assert.equal(await resolveText(text, sample('name=Ada+%26+Co')), expected, text);
});

test('a value that holds a selector is put in and not read again', async () => {
  const message = sample('', `tenant=${encodeURIComponent(at('request.header.x-tenant'))}`);
  assert.equal(await resolveText(at('request.query.tenant'), message), at('request.header.x-tenant'));
});

test('inherited properties are no fields', async () => {
  for (const name of ['customer.constructor', 'customer.__proto__', 'customer.tags.length.toString'])
    assert.equal(await resolveText(at(name), sample()), '', name);
});

test('without the form a text is resolved at once, and a form of another type is none', async () => {
  assert.equal(compileText(at('request.header.x-tenant'))(sample()), 'north');
  const json = createMessage({ headers: [['Content-Type', 'application/json']], body: 'name=Ada' });
  assert.equal(await resolveText(at('request.form.name'), json), '');
});

test('each value is escaped, the text around is not', () => {
  const text = compileText(`/a b?t=${at('request.query.tenant')}`, { escape: encodeURIComponent });
  assert.equal(text(sample()), '/a b?t=a%20b');
});

test('a parameter that comes twice is refused', async () => {
  const isTwice = (error: unknown) => error instanceof Refusal && error.code === 'parameter_repeated';
  assert.throws(() => compileText(at('request.query.twice'))(sample()), isTwice);
  await assert.rejects(async () => compileText(at('request.form.a'))(sample('a=1&a=2')), isTwice);
});

test('a value keeps its type where a selector stands alone', async () => {
  const value = compileValue({
    tier: at('customer.tier'),
    text: `tier ${at('customer.tier')}`,
    list: [at('customer.tags'), 1, true, null],
    none: at('customer.none'),
    chosen: at('customer.none:-x'),
  });
  assert.deepEqual(await value(sample()), {
    tier: 3,
    text: 'tier 3',
    list: [['x', 'y'], 1, true, null],
    none: null,
    chosen: 'x',
  });
  assert.equal(await compileValue(at('customer.none'))(sample()), undefined);
});

test('a dollar sign with a brace is a selector or a mistake', () => {
  const good = [
    '',
    '$5',
    at('a'),
    at('variables.region'),
    at('request.query.a[b]'),
    at('a-b.c_d:-x y'),
    `x${at('a')}y${at('b')}`,
  ];
  for (const text of good) assert.equal(hasOnlyWhiteboardSelectors(text), true, text);
  const bad = [
    '',
    ' a',
    '.a',
    'a.',
    'a()',
    'a[0]',
    'request',
    'request.body',
    'request.header.',
    'request.method.x',
    'variables.A',
    `a:-${at('b')}`,
    'a:b',
  ];
  for (const name of bad) assert.equal(hasOnlyWhiteboardSelectors(at(name)), false, name);
  assert.equal(hasOnlyWhiteboardSelectors('\u0024{a'), false);
  assert.equal(hasOnlyWhiteboardSelectors(at('a').repeat(51)), false, 'more than 50');
  for (const text of [at('a()'), at('variables.region')])
    assert.throws(() => compileText(text), ConfigurationError, text);
});

test('names are known when something writes them', () => {
  const written = new Set(['customer', 'my.scopes']);
  for (const name of [
    ...['request.method', 'request.query.x', 'accesstoken.scopes', 'accesstoken.parameters.Department', 'accesstoken'],
    ...['oauth.client.details.clientId', 'oauth.requested.scopes', 'customer', 'customer.tier', 'my.scopes'],
  ])
    assert.equal(isKnownName(name, written), true, name);
  for (const name of ['custom', 'my', 'accesstoken.value', 'oauth.client', 'oauth.client.details.secret', 'toString'])
    assert.equal(isKnownName(name, written), false, name);
  const texts = { a: [`${at('x')} ${at('x')} ${at('variables.region')}`, { b: at('request.path') }] };
  assert.deepEqual(findWhiteboardNames(texts), ['x', 'request.path']);
});

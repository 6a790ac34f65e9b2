import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callFrom, requestOf } from './call.ts';
import { asCurl, asPython } from './snippets.ts';

const call = { ...callFrom({ project: 'orders-api', serverGroup: 'local', path: '/orders/1' }), method: 'GET' };

test('a path that was pasted whole is sent without the context path', () => {
  assert.equal(requestOf(call, '/orders').path, '/1');
  assert.equal(requestOf({ ...call, path: '/ordersX' }, '/orders').path, '/ordersX');
  assert.equal(requestOf({ ...call, path: '7' }, '/orders').path, '/7');
  assert.equal(requestOf({ ...call, path: '/orders' }, '/orders').path, '');
});

test('rows without a name are left out, and a token is sent only when it is chosen', () => {
  const rows = {
    ...call,
    query: [
      { name: ' a ', value: '1' },
      { name: '', value: '2' },
    ],
    token: 'abc',
  };
  assert.deepEqual(requestOf(rows, '/orders').query, [{ name: 'a', value: '1' }]);
  assert.equal(requestOf(rows, '/orders').token, undefined);
  assert.equal(requestOf({ ...rows, auth: 'token' }, '/orders').token, 'abc');
});

test('what is copied quotes for its language, and names no token', () => {
  const hostile = {
    ...call,
    method: 'POST',
    path: "/it's",
    body: 'it\'s "x"',
    auth: 'token' as const,
    token: 'very-secret',
  };
  const request = requestOf(hostile, '/orders');
  const url = 'http://127.0.0.1:8000/orders';
  assert.equal(
    asCurl(request, url),
    `curl -i -X POST -H "Authorization: Bearer $TOKEN" -d 'it'\\''s "x"' 'http://127.0.0.1:8000/orders/it'\\''s'`,
  );
  assert.ok(!asPython(request, url).includes('very-secret'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryNames, redactPath, redactWords } from './redact.ts';

test('segments that look like tokens or secrets are not recorded', () => {
  const token = 'a1B2'.repeat(11);
  assert.equal(redactPath(`/reset/${token}/now`), '/reset/…/now');
  assert.equal(redactPath('/x/gws_abc/gwm_1'), '/x/…/…');
  assert.equal(redactPath('/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig'), '/x/…');
  assert.equal(
    redactPath('/orders/6f9619ff-8b86-d011-b42d-00cf4fc964ff'),
    '/orders/6f9619ff-8b86-d011-b42d-00cf4fc964ff',
  );
});

test('of a query only names are recorded, and none that could be a value', () => {
  assert.deepEqual(queryNames('access_token=secret&a=1&a=2&flag'), ['access_token', 'a', 'flag']);
  assert.deepEqual(queryNames(`${'x'.repeat(43)}`), ['…']);
  assert.deepEqual(queryNames(''), []);
  assert.equal(queryNames(Array.from({ length: 100 }, (_, i) => `p${i}=1`).join('&')).length, 30);
});

test('what a caller sent is recorded without the words that could be secrets', () => {
  const token = 'a1B2'.repeat(13);
  assert.equal(redactWords(`read ${token} write`), 'read … write');
  assert.equal(redactWords('gwk_0123456789abcdef'), 'gwk_0123456789abcdef');
  assert.equal(redactWords(`gws_${token}`), '…');
  assert.equal(redactWords('aB3'.repeat(8)), '…');
  assert.equal(redactWords('authentication-failed-for-this-one'), 'authentication-failed-for-this-one');
});

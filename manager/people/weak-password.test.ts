import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPassword } from './weak-password.ts';

test('what is tried first is no password; what people remember is one', () => {
  const of = { name: 'anna' };
  for (const password of [
    '123456789012',
    'PasswordPassword',
    'anna-anna-2026',
    '..Anna.1234567',
    'aaaaaaaaaaaaaa',
    'abababababab',
  ])
    assert.throws(() => checkPassword(password, of), /among the first/, password);
  for (const password of ['a calm sea and prosperous voyage', 'hannah and anna', 'zq8-4kd1-mm0x', 'ЖаркоеЛето2026'])
    assert.doesNotThrow(() => checkPassword(password, of), password);
});

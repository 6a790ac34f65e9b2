import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '#core/random';
import { newUserCode, readUserCode } from './user-code.ts';

test('a user code has eight consonants and a dash (RFC 8628 §6.1), each letter as likely', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 5000; i += 1) {
    const code = newUserCode(systemRandom);
    assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    for (const letter of code.replace('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assert.equal(counts.size, 20);
  // 40 000 letters: 2 000 of each, with a standard deviation of 44.
  for (const [letter, count] of counts) assert.ok(Math.abs(count - 2000) < 350, `${letter}: ${count}`);
});

test('a user code is read however somebody types it, and nothing else is one', () => {
  for (const typed of ['WDJB-MJHT', 'wdjbmjht', ' w d j b _ m j h t ', 'WDJB.MJHT'])
    assert.equal(readUserCode(typed), 'WDJBMJHT', typed);
  for (const typed of [
    '',
    'WDJB-MJH',
    'WDJB-MJHTX',
    'ADJB-MJHT',
    '1DJB-MJHT',
    `WDJBMJHT${' '.repeat(100)}`,
    'WDJB/MJHT',
  ])
    assert.equal(readUserCode(typed), undefined, typed);
});

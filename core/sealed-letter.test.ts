import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom as random } from './random.ts';
import {
  createLetterKey,
  exportLetterKey,
  importLetterKey,
  isLetter,
  isLetterPublicKey,
  openLetter,
  sealLetter,
} from './sealed-letter.ts';
import { SealError } from './secret-box.ts';

const context = { table: 'group_variables', row: 'grp_1', column: 'backend-key' };
const plain = Buffer.from('s3cret');

test('only the reader to whom it was sealed opens a letter, also after its key was read from a file', () => {
  const key = createLetterKey();
  const letter = sealLetter(plain, { publicKey: key.publicKey, context, random });
  assert.ok(isLetter(letter));
  assert.ok(!letter.includes('s3cret'));
  assert.deepEqual(openLetter(letter, { key: importLetterKey(exportLetterKey(key)), context }), plain);
  assert.throws(() => openLetter(letter, { key: createLetterKey(), context }), SealError);
});

test('a letter that was changed, or stands in another place, does not open', () => {
  const key = createLetterKey();
  const letter = sealLetter(plain, { publicKey: key.publicKey, context, random });
  assert.throws(() => openLetter(letter, { key, context: { ...context, column: 'other' } }), SealError);
  const bytes = Buffer.from(letter.slice(5), 'base64url');
  bytes[50] = (bytes[50] ?? 0) ^ 1;
  assert.throws(() => openLetter(`gwl1.${bytes.toString('base64url')}`, { key, context }), SealError);
  for (const text of ['', 'gwl1.', 'gwl1.AAAA', 'AQRta18x'])
    assert.throws(() => openLetter(text, { key, context }), SealError);
});

test('the same text is another letter each time', () => {
  const { publicKey } = createLetterKey();
  assert.notEqual(sealLetter(plain, { publicKey, context, random }), sealLetter(plain, { publicKey, context, random }));
});

test('what is no public key is told apart', () => {
  assert.ok(isLetterPublicKey(createLetterKey().publicKey));
  for (const text of ['', 'AAAA', 'x'.repeat(59)]) assert.equal(isLetterPublicKey(text), false, text);
  assert.throws(() => sealLetter(plain, { publicKey: 'AAAA', context, random }), SealError);
  assert.throws(() => importLetterKey('no key'), SealError);
});

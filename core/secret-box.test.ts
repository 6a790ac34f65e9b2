import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.ts';
import { type MasterKey, SealError, SecretBox } from './secret-box.ts';

const older: MasterKey = { id: 'mk_1', key: systemRandom.bytes(32) };
const newer: MasterKey = { id: 'mk_2', key: systemRandom.bytes(32) };
const place = { table: 'token_keys', row: '1', column: 'current' };

test('a sealed record opens in its place only', () => {
  const box = new SecretBox([older], systemRandom);
  const sealed = box.seal(Buffer.from('plain'), place);
  assert.equal(box.open(sealed, place).toString(), 'plain');
  assert.throws(() => box.open(sealed, { ...place, row: '2' }), SealError);
  assert.throws(() => new SecretBox([newer], systemRandom).open(sealed, place), SealError);
});

test('any changed byte is noticed', () => {
  const box = new SecretBox([older], systemRandom);
  const sealed = Buffer.from(box.seal(Buffer.from('plain'), place), 'base64');
  for (let i = 0; i < sealed.length; i += 1) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.throws(() => box.open(changed.toString('base64'), place), SealError, `byte ${i}`);
  }
});

test('resealing moves a record to the current key, once', () => {
  const sealed = new SecretBox([older], systemRandom).seal(Buffer.from('plain'), place);
  const both = new SecretBox([newer, older], systemRandom);
  const moved = both.reseal(sealed, place);
  assert.notEqual(moved, sealed);
  assert.equal(both.reseal(moved, place), moved);
  assert.equal(new SecretBox([newer], systemRandom).open(moved, place).toString(), 'plain');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkTokenTag,
  isConsumerSecret,
  newConsumerKey,
  newConsumerSecret,
  newOpaqueToken,
  sameHash,
  secretHint,
  sha256Hex,
  type TokenTagKeys,
} from './credential.ts';
import { systemRandom } from './random.ts';

const keys: TokenTagKeys = { current: systemRandom.bytes(32), previous: undefined };

test('keys and secrets have the formats of the decision, and a secret its checksum', () => {
  assert.match(newConsumerKey(systemRandom), /^gwk_[0-9A-Za-z]{16}$/);
  const secret = newConsumerSecret(systemRandom);
  assert.match(secret, /^gws_[0-9A-Za-z]{49}$/);
  assert.ok(isConsumerSecret(secret));
  const mistyped = `${secret.slice(0, 10)}${secret[10] === 'a' ? 'b' : 'a'}${secret.slice(11)}`;
  assert.ok(!isConsumerSecret(mistyped));
  assert.equal(secretHint(secret), `…${secret.slice(-3)}`);
});

test('a token has exactly the configured length, and from 54 up a tag that only the key makes', () => {
  for (const length of [22, 43, 53, 54, 60, 512]) {
    const token = newOpaqueToken(length, keys, systemRandom);
    assert.equal(token.length, length);
    assert.equal(checkTokenTag(token, keys), length < 54 ? 'untagged' : 'genuine');
  }
  const other: TokenTagKeys = { current: systemRandom.bytes(32), previous: undefined };
  const token = newOpaqueToken(54, keys, systemRandom);
  assert.equal(checkTokenTag(token, other), 'forged');
  assert.equal(checkTokenTag(token, { current: other.current, previous: keys.current }), 'genuine');
  assert.equal(checkTokenTag(`${token}x`, keys), 'forged');
});

test('hashes compare in constant time and never equal at other lengths', () => {
  assert.ok(sameHash(sha256Hex('a'), sha256Hex('a')));
  assert.ok(!sameHash(sha256Hex('a'), sha256Hex('b')));
  assert.ok(!sameHash(sha256Hex('a'), sha256Hex('a').slice(1)));
});

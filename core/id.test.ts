import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base62Of } from './id.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('base62Of gives the remainders of the bytes read as one number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), fc.integer({ min: 1, max: 24 }), (bytes, length) => {
      let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
      let text = '';
      for (let i = 0; i < length; i += 1) {
        text += BASE62[Number(value % 62n)];
        value /= 62n;
      }
      assert.equal(base62Of(bytes, length), text);
    }),
  );
});

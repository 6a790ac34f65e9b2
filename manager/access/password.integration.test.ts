import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '#core/random';
import { type Argon2, createArgon2 } from './argon2.ts';
import { createPasswords } from './password.ts';

const cheap = { memoryKiB: 8192, passes: 1, parallelism: 1, bytes: 32 };

test('two hashes run at a time, 32 wait, the next one is refused at once, and none is lost', async () => {
  await using argon2 = createArgon2();
  const salt = Buffer.alloc(16, 1);
  const many = Array.from({ length: 40 }, (_, i) => argon2.hash(`password ${i}`, salt, cheap));
  const settled = await Promise.allSettled(many);
  const refused = settled.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 6);
  for (const { reason } of refused) assert.equal(reason.code, 'unavailable');
  const hashes = settled.flatMap((one) => (one.status === 'fulfilled' ? [Buffer.from(one.value).toString('hex')] : []));
  assert.equal(new Set(hashes).size, 34);
  assert.ok((await argon2.hash('later', salt, cheap)).length === 32, 'later there is room again');
});

test('somebody who is not there costs as much as somebody who is, and is never right', async () => {
  await using real = createArgon2();
  const costs: string[] = [];
  const counted: Argon2 = {
    hash: (password, salt, cost) => {
      costs.push(JSON.stringify([salt.length, cost]));
      return real.hash(password, salt, cost);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const passwords = createPasswords(systemRandom, counted);
  const stored = await passwords.hash('a calm sea');
  assert.match(stored, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await passwords.fits('a calm sea', stored), true);
  assert.equal(await passwords.fits('a calm see', stored), false);
  assert.equal(await passwords.fits('a calm sea', undefined), false);
  assert.equal(costs.length, 4);
  assert.equal(new Set(costs).size, 1);
});

test('a password is the same however its letters were composed', async () => {
  await using passwords = createPasswords(systemRandom);
  assert.equal(await passwords.fits('cafe\u0301 am Meer', await passwords.hash('caf\u00e9 am Meer')), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors, exportJWK, generateKeyPair, type JWK } from 'jose';
import { HandClock } from '#core/clock';
import { type Egress, EgressError } from '#core/egress';
import { createKeySets, KeySetUnavailable } from './key-sets.ts';

const URL = 'https://idp.example/jwks';
const token = { payload: '', signature: '' };

async function publicJwk(kid: string): Promise<JWK> {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
}

function start(first: readonly JWK[]) {
  const clock = new HandClock();
  const state = { keys: first, calls: 0, body: undefined as string | undefined, isDown: false };
  const egress: Egress = {
    resolve: async () => [],
    async fetch(url) {
      state.calls += 1;
      if (state.isDown) throw new EgressError('timed_out', 'idp.example did not answer.');
      const body = Buffer.from(state.body ?? JSON.stringify({ keys: state.keys }));
      return { status: 200, headers: {}, body, finalUrl: url };
    },
  };
  const find = createKeySets({ egress, clock }).at(URL);
  return { clock, state, find: (kid: string) => find({ alg: 'ES256', kid }, token) };
}

test('a key set is fetched once for many, and again when it has grown old', async () => {
  const { clock, state, find } = start([await publicJwk('a')]);
  await Promise.all([find('a'), find('a'), find('a')]);
  await find('a');
  assert.equal(state.calls, 1);
  clock.advance(600_000);
  await find('a');
  assert.equal(state.calls, 2);
});

test('a key id that is not there brings one fetch an interval, whatever is asked', async () => {
  const { clock, state, find } = start([await publicJwk('a')]);
  await find('a');
  for (let i = 0; i < 20; i += 1) await assert.rejects(find(`made-up-${i}`), errors.JWKSNoMatchingKey);
  assert.equal(state.calls, 1);
  clock.advance(30_000);
  for (let i = 0; i < 20; i += 1) await assert.rejects(find(`made-up-${i}`), errors.JWKSNoMatchingKey);
  assert.equal(state.calls, 2);
});

test('a key that its issuer adds is found as soon as the interval is over; one that it takes back ends', async () => {
  const [a, b] = [await publicJwk('a'), await publicJwk('b')];
  const { clock, state, find } = start([a]);
  await find('a');
  state.keys = [b];
  clock.advance(30_000);
  await find('b');
  await assert.rejects(find('a'), errors.JWKSNoMatchingKey);
});

test('an issuer that does not answer is asked once an interval; what is known serves an hour', async () => {
  const { clock, state, find } = start([await publicJwk('a')]);
  await find('a');
  state.isDown = true;
  clock.advance(600_000);
  await find('a');
  await find('a');
  assert.equal(state.calls, 2);
  clock.advance(3_000_000);
  await assert.rejects(find('a'), KeySetUnavailable);
  assert.equal(state.calls, 3);
});

for (const [name, body] of [
  ['no JSON', '<html>'],
  ['no list', '{"keys":{}}'],
  ['null', 'null'],
  ['too many keys', JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })],
] as const)
  test(`a key set that is ${name} is none`, async () => {
    const { state, find } = start([]);
    state.body = body;
    await assert.rejects(find('a'), KeySetUnavailable);
    await assert.rejects(find('a'), KeySetUnavailable);
    assert.equal(state.calls, 1);
  });

test('what is no public key in a set does not stop the others', async () => {
  const good = await publicJwk('a');
  const { find } = start([good, { kty: 'oct', k: 'AAAA', kid: 'a' }, 5 as unknown as JWK]);
  await find('a');
});

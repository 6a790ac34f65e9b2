import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import type { CounterStore, CounterTake } from '#core/counter-store';
import { Refusal, UnavailableError } from '#core/errors';
import { createMemoryCounters } from '#stores/counters/memory';
import { createSignInLimits, type SignInTry } from './sign-in-limits.ts';

const ANNA: SignInTry = { directory: 'local', username: 'anna', clientId: 'cli_1', address: '192.0.2.7' };

/** Two workers that count with the same counters, or with none. */
function workers({ limit = 5, wrap = (counters: CounterStore) => counters } = {}) {
  const clock = new HandClock();
  const counters = wrap(createMemoryCounters(clock));
  const one = () => createSignInLimits({ limit, endpoint: 'grp_1/prj_1/sign-in', clock, counters });
  return { clock, both: [one(), one()] as const };
}

type Limits = ReturnType<typeof createSignInLimits>;

/** How a try ends that fails: `failed`, or by which limit it is refused. */
async function fail(limits: Limits, change: Partial<SignInTry> = {}): Promise<unknown> {
  try {
    await limits.begin({ ...ANNA, ...change });
    return 'failed';
  } catch (error) {
    assert.ok(error instanceof Refusal && error.code === 'sign_in_limited');
    return error.facts.per;
  }
}

const away = (counters: CounterStore): CounterStore => ({
  ...counters,
  take: () => Promise.reject(new UnavailableError('Redis does not answer.')),
});

test('failed sign-ins count over all workers, for a name at an address; other names and addresses go on', async () => {
  const { both, clock } = workers();
  const [one, two] = both;
  for (const limits of [one, two, one, two, one]) assert.equal(await fail(limits), 'failed');
  for (const limits of both) {
    assert.equal(await fail(limits), 'name');
    assert.equal(await fail(limits, { username: 'ANNA' }), 'name');
    assert.equal(await fail(limits, { username: 'ben' }), 'failed');
    assert.equal(await fail(limits, { address: '192.0.2.8' }), 'failed');
  }
  clock.advance(900_000 - 1);
  assert.equal(await fail(two), 'name');
  clock.advance(15_001);
  assert.equal(await fail(two), 'failed');
});

test('many at once are no more than one after the other: each counts before it is judged', async () => {
  const { both } = workers();
  const all = await Promise.all(Array.from({ length: 40 }, (_, i) => fail(i % 2 === 0 ? both[0] : both[1])));
  assert.equal(all.filter((one) => one === 'failed').length, 5);
});

test('whoever signs in is not counted, however often', async () => {
  const { both } = workers();
  for (let i = 0; i < 200; i += 1) (await (i % 2 === 0 ? both[0] : both[1]).begin(ANNA)).undo();
  for (let i = 0; i < 5; i += 1) assert.equal(await fail(both[1]), 'failed');
  assert.equal(await fail(both[0]), 'name');
});

test('an address and a client at one may fail ten times as often; an IPv6 network is one address', async () => {
  const { both } = workers({ limit: 2 });
  const tried = async (i: number) =>
    fail(both[i % 2 === 0 ? 0 : 1], { username: `user-${i}`, clientId: `cli_${i}`, address: `2001:db8::${i}` });
  for (let i = 0; i < 20; i += 1) assert.equal(await tried(i), 'failed');
  assert.equal(await tried(20), 'address');
  assert.equal(await fail(both[0], { address: '2001:db8:0:1::1' }), 'failed');
  for (let i = 0; i < 20; i += 1) await fail(both[1], { username: `user-${i}`, address: '198.51.100.1' });
  assert.equal(await fail(both[0], { username: 'new', address: '198.51.100.1' }), 'client');
});

test('what is refused counts nothing, so that a limit ends', async () => {
  const { both, clock } = workers({ limit: 1 });
  await fail(both[0]);
  for (let i = 0; i < 100; i += 1) assert.equal(await fail(both[1]), 'name');
  assert.equal(await fail(both[0], { username: 'ben' }), 'failed');
  clock.advance(915_001);
  assert.equal(await fail(both[1]), 'failed');
});

test('while the counters are away each worker counts for itself', async () => {
  const { both, clock } = workers({ wrap: away });
  for (const limits of both) {
    for (let i = 0; i < 10; i += 1) (await limits.begin(ANNA)).undo();
    for (let i = 0; i < 5; i += 1) assert.equal(await fail(limits), 'failed');
    assert.equal(await fail(limits), 'name');
  }
  clock.advance(900_000);
  assert.equal(await fail(both[0]), 'failed');
});

test('the counters see no names and no addresses, and are told what to do without room', async () => {
  const seen: CounterTake[] = [];
  const { both } = workers({
    wrap: (counters) => ({
      ...counters,
      take(take) {
        seen.push(take);
        return counters.take(take);
      },
    }),
  });
  await fail(both[0], { username: 'x'.repeat(5000), clientId: 'y'.repeat(5000) });
  assert.equal(seen.length, 3);
  for (const { counter, identifier, whenFull } of seen) {
    assert.match(`${counter} ${identifier}`, /^grp_1\/prj_1\/sign-in\/sign-in\/(name|client|address) [0-9a-f]{32}$/);
    assert.equal(whenFull, 'fail');
  }
});

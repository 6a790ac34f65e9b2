import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { HandClock } from '#core/clock';
import type { CounterRule, CounterStore } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { openEmbeddedCounters } from './embedded.ts';
import { openCounterKeeper } from './keeper.ts';

const MINUTE = 60_000;

/** A gateway's counters: a keeper on a file, and workers that ask it. */
function openPlace(workers: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-counters-'));
  const file = path.join(folder, 'counters.db');
  const clock = new HandClock();
  const openKeeper = () => openCounterKeeper({ file, workers, clock, logger: noLogger, metrics: noMetrics });
  let keeper = openKeeper();
  const openWorkers = () =>
    Array.from({ length: workers }, () => openEmbeddedCounters({ clock, ask: (asks) => keeper.ask(asks) }));
  let stores = openWorkers();
  return {
    clock,
    file,
    get stores() {
      return stores;
    },
    async close() {
      for (const store of stores) await store[Symbol.asyncDispose]();
      await keeper[Symbol.asyncDispose]();
    },
    /** As a killed gateway starts again: nothing is given back. */
    reopen() {
      keeper = openKeeper();
      stores = openWorkers();
    },
    async [Symbol.asyncDispose]() {
      await this.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function takes(store: CounterStore | undefined, rule: CounterRule, weight = 1): Promise<boolean> {
  const counter = rule.kind === 'window' ? `c until ${rule.endsAt}` : 'c';
  const answer = await store?.take({ counter, identifier: 'i', rule, weight });
  return answer?.isAllowed === true;
}

test('one worker: exact, at once while the slice lasts, and what remains is exact', async () => {
  await using place = openPlace(1);
  const rule = { kind: 'window', allow: 1000, endsAt: place.clock.now() + MINUTE } as const;
  let atOnce = 0;
  for (let n = 1; n <= 1200; n += 1) {
    const answer = place.stores[0]?.take({ counter: 'c', identifier: 'i', rule, weight: 1 });
    if (!(answer instanceof Promise)) atOnce += 1;
    const { isAllowed, remaining } = (await answer) ?? assert.fail();
    assert.deepEqual([isAllowed, remaining], [n <= 1000, Math.max(0, 1000 - n)], String(n));
  }
  assert.ok(atOnce > 1000, `${atOnce} at once`);
});

test('several workers: never too much; refused too early only for what others hold, and that comes back', async () => {
  const step = fc.record({ worker: fc.nat(7), weight: fc.integer({ min: 1, max: 5 }), waitMs: fc.nat(4) });
  const schedule = fc.array(step, { minLength: 100, maxLength: 1500 });
  const property = fc.asyncProperty(fc.integer({ min: 20, max: 3000 }), schedule, async (allow, steps) => {
    await using place = openPlace(8);
    const rule = { kind: 'window', allow, endsAt: place.clock.now() + MINUTE } as const;
    let taken = 0;
    const pending = steps.map(async ({ worker, weight, waitMs }, i) => {
      if (i % 5 === 0) await turn();
      place.clock.advance(waitMs);
      if (await takes(place.stores[worker], rule, weight)) taken += weight;
      else assert.ok(taken + 50 + allow / 100 >= allow, `refused at ${taken} of ${allow}`);
    });
    await Promise.all(pending);
    assert.ok(taken <= allow);
  });
  await fc.assert(property, { numRuns: 15 });
});

test('a worker that takes nothing more gives its slice back', { timeout: 5000 }, async () => {
  await using place = openPlace(2);
  const rule = { kind: 'window', allow: 10_000, endsAt: place.clock.now() + MINUTE } as const;
  assert.equal(await takes(place.stores[0], rule), true); // and holds a slice
  let taken = 1;
  while (await takes(place.stores[1], rule)) taken += 1;
  assert.equal(taken, 10_000 - 50);
  place.clock.advance(300);
  await new Promise((resolve) => setTimeout(resolve, 250)); // the sweep, by the machine's timer
  while (await takes(place.stores[1], rule)) taken += 1;
  assert.equal(taken, 10_000);
});

test('rolling: a slice ends with its slot, so that nothing counts too short', async () => {
  await using place = openPlace(4);
  const rule = { kind: 'rolling', allow: 4000, intervalMs: MINUTE } as const;
  const taken: number[] = [];
  for (let n = 0; n < 3000; n += 1) {
    place.clock.advance(37);
    if (await takes(place.stores[n % 4], rule, 3)) taken.push(place.clock.now());
    const since = taken.filter((at) => place.clock.now() - at < MINUTE).length * 3;
    assert.ok(since <= 4000, `${since} within a minute`);
  }
  assert.ok(taken.length > 1333);
});

test('a rate: over all workers never more than it gives, and half a burst', async () => {
  await using place = openPlace(4);
  const rule = { kind: 'rate', everyMs: 2, burst: 50 } as const; // 500 a second
  const beganAt = place.clock.now();
  let taken = 0;
  for (let n = 0; n < 4000; n += 1) {
    if (n % 4 === 0) place.clock.advance(1);
    if (await takes(place.stores[n % 4], rule)) taken += 1;
    assert.ok(taken <= 50 * 1.5 + (place.clock.now() - beganAt) / 2);
  }
  assert.ok(taken >= 500);
});

test('a gateway that was killed remembers what it let through; one that ended, exactly', async () => {
  await using place = openPlace(2);
  const windowOf = (allow: number) => ({ kind: 'window', allow, endsAt: place.clock.now() + MINUTE }) as const;
  const rule = windowOf(2000);
  let taken = 0;
  for (let n = 0; n < 500; n += 1) if (await takes(place.stores[n % 2], rule)) taken += 1;
  place.reopen();
  while (await takes(place.stores[0], rule)) taken += 1;
  assert.ok(taken <= 2000 && taken >= 2000 - 20 - 10, `${taken}`); // lost are the slices of two workers, of those killed and of the idle one
  place.clock.advance(MINUTE);
  const other = windowOf(2000);
  assert.equal(await takes(place.stores[1], other), true);
  await place.close();
  place.reopen();
  taken = 1;
  while (await takes(place.stores[0], other)) taken += 1;
  assert.equal(taken, 2000);
});

test('a file that cannot be read is set aside, and counting goes on', async () => {
  await using place = openPlace(1);
  await place.close();
  writeFileSync(place.file, 'this is no database, and long enough to be looked at as one');
  place.reopen();
  assert.equal(await takes(place.stores[0], { kind: 'rolling', allow: 1, intervalMs: 1000 }), true);
});

test('when nobody answers, the call is told so', async () => {
  const clock = new HandClock();
  await using store = openEmbeddedCounters({
    clock,
    ask: () => Promise.reject(new UnavailableError('nobody is there')),
  });
  await assert.rejects(takes(store, { kind: 'rate', everyMs: 1, burst: 1 }), UnavailableError);
  assert.equal(store.sizes().countersWaiting, 0);
});

test('what is given back can be taken again in every worker, and no more than was taken; it outlives a restart', async () => {
  await using place = openPlace(2);
  const rolling = { kind: 'rolling', allow: 2, intervalMs: MINUTE } as const;
  const window = { kind: 'window', allow: 2, endsAt: place.clock.now() + MINUTE } as const;
  const given = async (store: CounterStore | undefined, rule: typeof rolling | typeof window, times = 1) => {
    const counter = rule.kind === 'window' ? `c until ${rule.endsAt}` : 'c';
    for (let i = 0; i < times; i += 1) store?.giveBack({ counter, identifier: 'i', rule, weight: 1 });
    place.clock.advance(60); // what is refused is repeated for a while without asking
    for (let i = 0; i < 4; i += 1) await turn();
  };
  for (const rule of [rolling, window]) {
    const all = () => Promise.all([0, 1, 0].map((i) => takes(place.stores[i], rule)));
    await given(place.stores[0], rule);
    assert.equal((await all()).filter(Boolean).length, 2, rule.kind);
    await given(place.stores[0], rule);
    assert.equal((await all()).filter(Boolean).length, 1, rule.kind);
    await given(place.stores[1], rule, 5);
    assert.equal(await takes(place.stores[1], rule), true, rule.kind);
    await place.close();
    place.reopen();
    assert.equal((await all()).filter(Boolean).length, 1, rule.kind);
  }
});

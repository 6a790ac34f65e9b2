import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HandClock } from '#core/clock';
import type { CounterAnswer, CounterRule } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import { createMemoryCounters } from './memory.ts';

interface Taken {
  readonly at: number;
  readonly weight: number;
  readonly answer: CounterAnswer;
}

/** Runs steps against one counter and says what became of each. */
function run(
  rule: (now: number) => CounterRule,
  steps: readonly (readonly [waitMs: number, weight: number])[],
): Taken[] {
  const clock = new HandClock(1_700_000_000_000);
  const counters = createMemoryCounters(clock);
  return steps.map(([waitMs, weight]) => {
    clock.advance(waitMs);
    const answer = counters.take({ counter: 'c', identifier: 'i', rule: rule(clock.now()), weight });
    assert.ok(!(answer instanceof Promise));
    return { at: clock.now(), weight, answer };
  });
}

const sum = (taken: readonly Taken[]) =>
  taken.reduce((total, { weight, answer }) => total + (answer.isAllowed ? weight : 0), 0);
const stepsOf = (longestMs: number, heaviest: number) =>
  fc.array(fc.tuple(fc.nat(longestMs), fc.nat(heaviest)), { maxLength: 150 });

test('rolling: in no stretch of the interval is more let through, and what is refused would have been too much', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 60, max: 5000 }),
      stepsOf(1500, 6),
      (allow, intervalMs, steps) => {
        const taken = run(() => ({ kind: 'rolling', allow, intervalMs }), steps);
        for (const [i, one] of taken.entries()) {
          const within = (ms: number) => taken.slice(0, i).filter(({ at }) => one.at - at < ms);
          const before = sum(within(intervalMs));
          if (one.answer.isAllowed) assert.ok(before + one.weight <= allow, 'too much');
          else assert.ok(sum(within(intervalMs + 2 * Math.ceil(intervalMs / 60))) + one.weight > allow, 'too little');
        }
      },
    ),
  );
});

test('window: exactly what is allowed until it ends, and another name counts anew', () => {
  fc.assert(
    fc.property(fc.nat(30), stepsOf(400, 5), (allow, steps) => {
      const taken = run((now) => ({ kind: 'window', allow, endsAt: now + 1_000_000 }), steps);
      let left = allow;
      for (const { weight, answer } of taken) {
        assert.equal(answer.isAllowed, weight <= left);
        if (answer.isAllowed) left -= weight;
        assert.equal(answer.remaining, left);
      }
    }),
  );
});

test('rate: no stretch has more than the burst and what the rate gives in it; a weight is paid afterwards', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 10 }),
      stepsOf(700, 3),
      (everyMs, burst, steps) => {
        const taken = run(() => ({ kind: 'rate', everyMs, burst }), steps);
        for (const [i, first] of taken.entries()) {
          for (let j = i; j < taken.length; j += 1) {
            const last = taken[j];
            if (last === undefined || !last.answer.isAllowed || last.weight === 0) continue;
            const most = burst + (last.at - first.at) / everyMs + last.weight - 1;
            assert.ok(sum(taken.slice(i, j + 1)) <= most + 1e-6, `${sum(taken.slice(i, j + 1))} > ${most}`);
          }
        }
      },
    ),
  );
});

test('what is refused may go on after retryAfterMs, and not a slot before', () => {
  const rules: CounterRule[] = [
    { kind: 'rolling', allow: 10, intervalMs: 6000 },
    { kind: 'rate', everyMs: 250, burst: 4 },
  ];
  for (const rule of rules) {
    fc.assert(
      fc.property(stepsOf(300, 4), fc.integer({ min: 1, max: 4 }), (steps, weight) => {
        const clock = new HandClock();
        const counters = createMemoryCounters(clock);
        const take = () => counters.take({ counter: 'c', identifier: 'i', rule, weight });
        for (const [waitMs, other] of steps) {
          clock.advance(waitMs);
          counters.take({ counter: 'c', identifier: 'i', rule, weight: other });
        }
        for (let answer = take(); ; answer = take()) {
          assert.ok(!(answer instanceof Promise));
          if (answer.isAllowed) continue;
          clock.advance(answer.retryAfterMs);
          const later = take();
          assert.ok(!(later instanceof Promise) && later.isAllowed);
          return;
        }
      }),
    );
  }
});

test('identifiers beyond the bound share one counter; those that were there keep theirs, and what is over makes room', () => {
  const clock = new HandClock();
  const counters = createMemoryCounters(clock, 3);
  const take = (identifier: string) => {
    const rule = { kind: 'rolling', allow: 2, intervalMs: 60_000 } as const;
    const answer = counters.take({ counter: 'c', identifier, rule, weight: 1 });
    assert.ok(!(answer instanceof Promise));
    return answer.isAllowed;
  };
  assert.deepEqual(['a', 'b', 'c'].map(take), [true, true, true]);
  assert.deepEqual(['d', 'e', 'f', 'g'].map(take), [true, true, false, false]);
  assert.equal(take('a'), true);
  assert.equal(counters.sizes().counters, 4);
  clock.advance(130_000);
  assert.deepEqual(['g', 'g', 'h'].map(take), [true, true, true]);
});

test('those who want no shared count take half of the room at most, and are told when there is none', () => {
  const clock = new HandClock(1_700_000_000_000);
  const counters = createMemoryCounters(clock, 10);
  const rule = { kind: 'rolling', allow: 1, intervalMs: 1000 } as const;
  const take = (identifier: string, whenFull?: 'fail') => {
    const answer = counters.take({ counter: 'c', identifier, rule, weight: 1, whenFull });
    return !(answer instanceof Promise) && answer.isAllowed;
  };
  for (let i = 0; i < 5; i += 1) assert.equal(take(`f${i}`, 'fail'), true);
  assert.throws(() => take('f5', 'fail'), UnavailableError);
  assert.equal(take('f4', 'fail'), false, 'those that are there go on');
  counters.giveBack({ counter: 'c', identifier: 'f5', rule, weight: 1, whenFull: 'fail' });
  for (let i = 0; i < 5; i += 1) assert.equal(take(`s${i}`), true);
  assert.equal(take('s5'), true);
  assert.equal(take('s6'), false, 'they share one');
  clock.advance(3000);
  assert.equal(take('f5', 'fail'), true);
});

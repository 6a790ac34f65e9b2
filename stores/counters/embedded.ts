import type { Clock } from '#core/clock';
import type { CounterAnswer, CounterAsk, CounterGrant, CounterStore, CounterTake } from '#core/counter-store';
import { UnavailableError } from '#core/errors';

/** How long a refusal is repeated without asking again. */
const REFUSED_MS = 50;
/** A slice that nobody took from for so long is given back. */
const IDLE_MS = 200;
const SWEEP_MS = 100;
/** Slices and refusals that are remembered; the oldest is given back. */
const HELD_LIMIT = 20_000;
/** Calls that may wait for an answer. */
const WAITING_LIMIT = 10_000;

/** What a worker's counters need. */
export interface EmbeddedCountersOptions {
  readonly clock: Clock;
  /** Asks the process that keeps the counts; answers in the order of the asks. @throws UnavailableError */
  readonly ask: (asks: readonly CounterAsk[]) => Promise<readonly CounterGrant[]>;
}

/** What is known of one counter here. */
interface Held {
  readonly name: string;
  counter: string;
  identifier: string;
  rule: CounterTake['rule'];
  readonly whenFull: CounterTake['whenFull'];
  rest: number;
  slot: number;
  sliceEndsAt: number;
  free: number;
  resetAt: number;
  refusedWeight: number;
  refusedUntil: number;
  retryAt: number;
  usedAt: number;
  isAsking: boolean;
  queue: Waiting[];
}

interface Waiting {
  readonly weight: number;
  resolve(answer: CounterAnswer): void;
  reject(error: unknown): void;
}

/**
 * Counters of a worker: it takes from slices that its gateway's primary handed it, at once, and asks for more when there is no more. What all
 * counters ask in one turn of the event loop goes in one message.
 */
export function openEmbeddedCounters({ clock, ask }: EmbeddedCountersOptions): CounterStore {
  const helds = new Map<string, Held>();
  let due: Held[] = [];
  let returns: CounterAsk[] = [];
  let waiting = 0;

  const askOf = (held: Held, weights: readonly number[]): CounterAsk => {
    const { counter, identifier, rule, whenFull, rest: back, slot: backSlot } = held;
    held.rest = 0;
    return { counter, identifier, rule, whenFull, weights, back, backSlot };
  };
  const send = (): void => {
    if (due.length + returns.length === 0) return;
    const asking = due;
    const asks = returns;
    due = [];
    returns = [];
    const batches = asking.map((held) => held.queue.splice(0));
    const all = [
      ...asking.map((held, i) =>
        askOf(
          held,
          (batches[i] ?? []).map(({ weight }) => weight),
        ),
      ),
      ...asks,
    ];
    ask(all).then(
      (grants) => {
        for (const [i, held] of asking.entries()) settle(held, batches[i] ?? [], grants[i]);
      },
      (error: unknown) => {
        for (const [i, held] of asking.entries()) fail(held, batches[i] ?? [], error);
      },
    );
  };
  const schedule = (): void => {
    if (due.length + returns.length === 1) setImmediate(send);
  };
  const question = (held: Held): void => {
    held.isAsking = true;
    due.push(held);
    schedule();
  };
  const next = (held: Held): void => {
    held.isAsking = false;
    if (held.queue.length > 0) question(held);
  };
  const settle = (held: Held, batch: readonly Waiting[], grant: CounterGrant | undefined): void => {
    if (grant === undefined) {
      fail(held, batch, new UnavailableError('The counters gave no answer.'));
      return;
    }
    if (grant.isFull === true) {
      fail(held, batch, new UnavailableError('There is no room for another counter.'));
      return;
    }
    const now = clock.now();
    waiting -= batch.length;
    held.rest = grant.slice;
    held.slot = grant.slot;
    held.sliceEndsAt = grant.sliceEndsAt;
    held.free = grant.free;
    held.resetAt = now + grant.resetMs;
    held.retryAt = now + grant.retryAfterMs;
    held.refusedUntil = 0;
    let later = 0;
    const answers = batch.map(({ weight }, i) => ({ weight, isAllowed: grant.allowed[i] === true }));
    for (const { weight, isAllowed } of answers.toReversed()) {
      if (isAllowed) continue;
      held.refusedWeight = held.refusedUntil === 0 ? weight : Math.min(held.refusedWeight, weight);
      held.refusedUntil = Math.min(held.retryAt, now + REFUSED_MS);
    }
    for (let i = batch.length - 1; i >= 0; i -= 1) {
      const { weight, isAllowed } = answers[i] ?? { weight: 0, isAllowed: false };
      batch[i]?.resolve(answer(held, isAllowed, now, later));
      if (isAllowed) later += weight;
    }
    next(held);
  };
  const fail = (held: Held, batch: readonly Waiting[], error: unknown): void => {
    waiting -= batch.length;
    for (const one of batch) one.reject(error);
    next(held);
  };
  const heldOf = (take: CounterTake): Held => {
    const name = `${take.counter} ${take.identifier}`;
    const known = helds.get(name);
    if (known !== undefined) {
      known.rule = take.rule;
      return known;
    }
    if (helds.size >= HELD_LIMIT) giveUpOldest();
    const { counter, identifier, rule, whenFull } = take;
    const made: Held = {
      ...{ name, counter, identifier, rule, whenFull, rest: 0, slot: 0, sliceEndsAt: 0, free: 0, resetAt: 0 },
      ...{ refusedWeight: 0, refusedUntil: 0, retryAt: 0, usedAt: 0, isAsking: false, queue: [] },
    };
    helds.set(name, made);
    return made;
  };
  const giveBack = (held: Held): void => {
    if (held.rest === 0) return;
    returns.push(askOf(held, []));
    schedule();
  };
  const giveUpOldest = (): void => {
    for (const held of helds.values()) {
      if (held.isAsking) continue;
      helds.delete(held.name);
      giveBack(held);
      return;
    }
  };
  const sweep = (): void => {
    const now = clock.now();
    for (const held of helds.values()) {
      if (held.isAsking) continue;
      if (now - held.usedAt < IDLE_MS && (now < held.sliceEndsAt || held.rest === 0)) continue;
      giveBack(held);
      if (now >= held.refusedUntil) helds.delete(held.name);
    }
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();

  return {
    take(take) {
      const { weight } = take;
      const held = heldOf(take);
      const now = clock.now();
      held.usedAt = now;
      if (!held.isAsking) {
        if (weight <= held.rest && now < held.sliceEndsAt) {
          held.rest -= weight;
          return answer(held, true, now, 0);
        }
        if (now < held.refusedUntil && weight >= held.refusedWeight) return answer(held, false, now, 0);
      }
      if (waiting >= WAITING_LIMIT)
        return Promise.reject(new UnavailableError('Too many calls wait for the counters.'));
      waiting += 1;
      const { promise, resolve, reject } = Promise.withResolvers<CounterAnswer>();
      held.queue.push({ weight, resolve, reject });
      if (!held.isAsking) question(held);
      return promise;
    },
    giveBack({ weight: back, ...take }) {
      const held = helds.get(`${take.counter} ${take.identifier}`);
      if (held !== undefined) held.refusedUntil = 0;
      returns.push({ ...take, weights: [], back, backSlot: 'newest' });
      schedule();
    },
    sizes: () => ({ countersHeld: helds.size, countersWaiting: waiting }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const held of helds.values()) giveBack(held);
      helds.clear();
      if (returns.length === 0) return;
      const last = returns;
      returns = [];
      await ask(last).catch(() => undefined); // then they stay counted
    },
  };
}

/** @param later what was let through of the same batch after this one */
function answer(held: Held, isAllowed: boolean, now: number, later: number): CounterAnswer {
  return {
    isAllowed,
    remaining: held.free + held.rest + later,
    resetMs: Math.max(0, held.resetAt - now),
    retryAfterMs: isAllowed ? 0 : Math.max(0, held.retryAt - now),
  };
}

import type { CounterAsk, CounterGrant } from '#core/counter-store';
import { type RateRule, rateFree, ratePay, rateWaitMs } from './rate.ts';
import {
  resetMsOf,
  type SlotRule,
  type Slots,
  slotAt,
  slotCountsUntil,
  slotEndsAt,
  usedIn,
  waitMsFor,
} from './slots.ts';

/** How long a slice of a rate may be given out: longer, and calls would bunch. */
const RATE_SLICE_MS = 100;
/** All slices of a counter together are at most this part of what it allows. */
const SLICED_PART = 100;
const LARGEST_SLICE = 1000;
/** Counters whose identifier found no room share the one of this name. */
const OTHERS = '*';

/** The answer to what there is no room for. */
const FULL: CounterGrant = {
  ...{ allowed: [], isFull: true, slice: 0, slot: 0, sliceEndsAt: 0, free: 0, resetMs: 0, retryAfterMs: 0 },
};

/** Told of every change of what outlives a restart; `countsUntil` in epoch ms. */
export type OnCounted = (row: {
  readonly name: string;
  readonly slot: number;
  readonly taken: number;
  readonly countsUntil: number;
}) => void;

/** What counting needs. */
export interface CountsOptions {
  /** Most counters at once; further identifiers share one a counter. */
  readonly limit: number;
  /** Among how many processes slices are divided; 0: nobody gets one. */
  readonly sharers: () => number;
  readonly onCounted?: OnCounted;
}

type Entry =
  | { readonly kind: 'slots'; readonly slots: Slots; endsAt: number }
  | { readonly kind: 'rate'; paidAt: number };

/** The counts of one process. Nothing here is said to be over before it is: what is handed out as a slice is counted at once. */
export class Counts {
  readonly #entries = new Map<string, Entry>();
  readonly #options: CountsOptions;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: CountsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Counts what was asked. @param now epoch ms */
  ask(ask: CounterAsk, now: number): CounterGrant {
    const { rule } = ask;
    const name = this.#nameFor(ask, now);
    if (name === undefined) return FULL;
    return rule.kind === 'rate' ? this.#askRate(name, ask, rule, now) : this.#askSlots(name, ask, rule, now);
  }

  /** Puts back what was counted before a restart. */
  restore(
    name: string,
    slot: number,
    { taken, countsUntil }: { readonly taken: number; readonly countsUntil: number },
  ): void {
    const entry = this.#slotsOf(name, countsUntil);
    entry.slots.set(slot, taken);
  }

  /** Forgets what counts no more. */
  sweep(now: number): void {
    this.#sweptAt = now;
    for (const [name, entry] of this.#entries) {
      if ((entry.kind === 'rate' ? entry.paidAt : entry.endsAt) <= now) this.#entries.delete(name);
    }
  }

  #askSlots(name: string, ask: CounterAsk, rule: SlotRule, now: number): CounterGrant {
    const slot = slotAt(rule, now);
    const { slots } = this.#slotsOf(name, slotCountsUntil(rule, slot));
    const count = (at: number, weight: number): void => {
      const taken = Math.max(0, (slots.get(at) ?? 0) + weight);
      slots.set(at, taken);
      this.#options.onCounted?.({ name, slot: at, taken, countsUntil: slotCountsUntil(rule, at) });
    };
    const backSlot = ask.backSlot === 'newest' ? newestOf(slots) : ask.backSlot;
    if (ask.back > 0 && slots.has(backSlot)) count(backSlot, -ask.back);
    let free = Math.max(0, rule.allow - usedIn(slots, rule, now));
    let given = 0;
    let refused: number | undefined;
    const allowed = ask.weights.map((weight) => {
      const isAllowed = weight <= free;
      if (isAllowed) {
        free -= weight;
        given += weight;
      } else refused = Math.min(refused ?? weight, weight);
      return isAllowed;
    });
    const slice = ask.weights.length === 0 || refused !== undefined ? 0 : this.#sliceOf(free, rule.allow);
    if (given + slice > 0) count(slot, given + slice);
    return {
      allowed,
      ...{ slice, slot, free: free - slice, sliceEndsAt: slotEndsAt(rule, slot) },
      resetMs: resetMsOf(slots, rule, now),
      retryAfterMs: refused === undefined ? 0 : waitMsFor(refused, slots, rule, now),
    };
  }

  #askRate(name: string, ask: CounterAsk, rule: RateRule, now: number): CounterGrant {
    const known = this.#entries.get(name);
    const entry = known?.kind === 'rate' ? known : { kind: 'rate' as const, paidAt: now };
    if (entry !== known) this.#entries.set(name, entry);
    entry.paidAt = Math.max(entry.paidAt - ask.back * rule.everyMs, now);
    let isRefused = false;
    const allowed = ask.weights.map((weight) => {
      if (weight === 0) return true;
      const isAllowed = rateWaitMs(entry.paidAt, rule, now) === 0;
      if (isAllowed) entry.paidAt = ratePay(entry.paidAt, rule, { weight, now });
      else isRefused = true;
      return isAllowed;
    });
    const free = rateFree(entry.paidAt, rule, now);
    const slice = ask.weights.length === 0 || isRefused ? 0 : this.#rateSliceOf(free, rule);
    if (slice > 0) entry.paidAt = ratePay(entry.paidAt, rule, { weight: slice, now });
    return {
      allowed,
      ...{ slice, slot: 0, free: free - slice, sliceEndsAt: now + RATE_SLICE_MS },
      resetMs: Math.max(0, entry.paidAt - now),
      retryAfterMs: isRefused ? rateWaitMs(entry.paidAt, rule, now) : 0,
    };
  }

  /** At most a hundredth of what is allowed in all slices together, and at most half of what is free. */
  #sliceOf(free: number, allow: number): number {
    const sharers = this.#options.sharers();
    if (sharers === 0) return 0;
    return Math.min(Math.floor(allow / (SLICED_PART * sharers)), Math.floor(free / (2 * sharers)), LARGEST_SLICE);
  }

  /** At most half a burst in all slices together. */
  #rateSliceOf(free: number, { burst }: RateRule): number {
    const sharers = this.#options.sharers();
    return sharers === 0 ? 0 : Math.floor(Math.min(free, burst) / (2 * sharers));
  }

  #slotsOf(name: string, countsUntil: number): { readonly slots: Slots } {
    const known = this.#entries.get(name);
    if (known?.kind === 'slots') {
      known.endsAt = Math.max(known.endsAt, countsUntil);
      return known;
    }
    const made: Entry = { kind: 'slots', slots: new Map(), endsAt: countsUntil };
    this.#entries.set(name, made);
    return made;
  }

  #nameFor({ counter, identifier, whenFull }: CounterAsk, now: number): string | undefined {
    const name = `${counter} ${identifier}`;
    const { limit } = this.#options;
    const room = whenFull === 'fail' ? limit / 2 : limit;
    if (this.#entries.has(name) || this.#entries.size < room) return name;
    if (now - this.#sweptAt >= 1000) this.sweep(now);
    if (this.#entries.size < room) return name;
    return whenFull === 'fail' ? undefined : `${counter} ${OTHERS}`;
  }
}

/** The newest slot in which something is counted. */
function newestOf(slots: Slots): number {
  return Math.max(...[...slots].filter(([, taken]) => taken > 0).map(([slot]) => slot));
}

// Counters of traffic policies and failed sign-ins (decision 38): who may go on now, over all workers of a gateway or over all gateways.

/** How much is let through, and how it is counted. */
export type CounterRule =
  /** `allow` until `endsAt` (epoch ms); then the counter is forgotten. For windows of a calendar: the counter's name says which one it is. */
  | { readonly kind: 'window'; readonly allow: number; readonly endsAt: number }
  /** `allow` in any stretch of `intervalMs`. It is counted in slots: what was taken weighs on for up to a sixtieth of the interval longer. */
  | { readonly kind: 'rolling'; readonly allow: number; readonly intervalMs: number }
  /** One unit every `everyMs` (may be a fraction), `burst` at once: the generic cell rate algorithm. A weight is paid afterwards. */
  | { readonly kind: 'rate'; readonly everyMs: number; readonly burst: number };

/** One call to be counted. */
export interface CounterTake {
  /** What is counted: names of deployed things and of the window, never what a caller sent; at most 256 characters. */
  readonly counter: string;
  /** Whose count it is, at most 64 characters. `*` is kept for all those for whom there is no room. */
  readonly identifier: string;
  readonly rule: CounterRule;
  /** Whole number, 0 or more. 0 takes nothing and is let through. */
  readonly weight: number;
  /**
   * What becomes of an identifier that there is no room for. `share` (left out): it shares one count with all such. `fail`: nothing is counted,
   * as when the engine is away; those take half of the room at most.
   */
  readonly whenFull?: 'share' | 'fail' | undefined;
}

/** A take that can be given back. */
export type ReturnableTake = CounterTake & { readonly rule: { readonly kind: 'window' | 'rolling' } };

/** What became of it. */
export interface CounterAnswer {
  readonly isAllowed: boolean;
  /** How much could still be taken now, as far as it is known here. */
  readonly remaining: number;
  /** In how many ms all of it can be taken again. */
  readonly resetMs: number;
  /** In how many ms the same take may be let through; 0 when it was. */
  readonly retryAfterMs: number;
}

/** Counts on an engine. A refused take counts nothing. */
export interface CounterStore extends AsyncDisposable {
  /**
   * Takes a weight from a counter: at once where it can, so that it costs no promise. Never waits longer than a second.
   * @throws UnavailableError (or rejects with it) when the engine is away; whether it was counted is unknown then
   */
  take(take: CounterTake): CounterAnswer | Promise<CounterAnswer>;
  /**
   * Gives back what a take was let through with, soon after it: what was taken newest counts less. It is not waited for; where it fails, it stays
   * counted.
   */
  giveBack(take: ReturnableTake): void;
  /** How much is held in this process, by name (decision 22). */
  sizes(): Readonly<Record<string, number>>;
}

/** What a worker asks the process that keeps the counts of its gateway: may these go on, and how much may I give out myself? */
export interface CounterAsk {
  readonly counter: string;
  readonly identifier: string;
  readonly rule: CounterRule;
  /** Of the calls that wait, in their order; none: it only gives back. */
  readonly weights: readonly number[];
  /** What it was handed before and did not give out. */
  readonly back: number;
  /** {@link CounterGrant.slot} of what it gives back; `newest`: of what was counted last. */
  readonly backSlot: number | 'newest';
  /** {@link CounterTake.whenFull}. */
  readonly whenFull?: CounterTake['whenFull'];
}

/** The answer to a {@link CounterAsk}. */
export interface CounterGrant {
  /** One a weight asked for. */
  readonly allowed: readonly boolean[];
  /** There was no room, and nothing was counted. */
  readonly isFull?: boolean;
  /** What the worker may give out itself; it is counted already. */
  readonly slice: number;
  /** Where it was counted. */
  readonly slot: number;
  /** Epoch ms; from then on the slice may not be given out. */
  readonly sliceEndsAt: number;
  /** What is free beside slices. */
  readonly free: number;
  readonly resetMs: number;
  /** In how many ms the first refused weight may be let through; 0 when none was refused. */
  readonly retryAfterMs: number;
}

/** Keeps the counts of one gateway, for all its workers. */
export interface CounterKeeper extends AsyncDisposable {
  /** Counts, and answers in the order of the asks once what was counted outlives this process. Asks without weights are answered too. */
  ask(asks: readonly CounterAsk[]): Promise<readonly CounterGrant[]>;
}

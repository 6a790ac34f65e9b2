import { UnavailableError } from '#core/errors';
import { isWrongValue } from './errors.ts';

/** Things that are carried out together: what is asked for while a group is under way goes with the next. */
export interface Lanes<Item, Result> {
  /** @throws UnavailableError when too many wait, or their group could not be carried out */
  add(item: Item): Promise<Result>;
  /** Ends when nothing waits any more. Nothing can be added then. */
  close(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** How lanes are made. */
export interface LanesOptions<Item, Result> {
  /** Groups under way at once. */
  readonly lanes: number;
  /** Items in a group at most. */
  readonly groupSize: number;
  /** Items that may wait; further ones are refused (decision 22). */
  readonly maxWaiting: number;
  /** Carries a group out: a result for each, in the same order. */
  carryOut(items: readonly Item[], lane: number): Promise<readonly Result[]>;
}

/** Makes them. A group that fails as a whole is refused as a whole, and with it what waits: the engine is away for that too. */
export function createLanes<Item, Result>(options: LanesOptions<Item, Result>): Lanes<Item, Result> {
  const { lanes, groupSize, maxWaiting, carryOut } = options;
  const free = Array.from({ length: lanes }, (_, lane) => lane);
  let waiting: Waiting<Item, Result>[] = [];
  let isScheduled = false;
  let isClosed = false;
  let ended: (() => void) | undefined;

  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(start); // together with what is asked for in this turn of the event loop
  }

  function start(): void {
    isScheduled = false;
    while (waiting.length > 0) {
      const lane = free.pop();
      if (lane === undefined) return;
      // What there is goes on one lane; the other is for what comes while it is under way.
      void run(waiting.splice(0, groupSize), lane);
    }
  }

  async function run(group: readonly Waiting<Item, Result>[], lane: number): Promise<void> {
    try {
      await attempt(group, lane);
    } catch (error) {
      const refused = [...group, ...waiting];
      waiting = [];
      for (const { reject } of refused) reject(error);
    } finally {
      free.push(lane);
      if (waiting.length > 0) schedule();
      else if (isClosed && free.length === lanes) ended?.();
    }
  }

  async function attempt(group: readonly Waiting<Item, Result>[], lane: number): Promise<void> {
    let results: readonly Result[];
    try {
      results = await carryOut(
        group.map(({ item }) => item),
        lane,
      );
    } catch (error) {
      if (!isWrongValue(error instanceof Error ? error.cause : undefined)) throw error;
      const [only, second] = group;
      if (only === undefined) return;
      if (second === undefined) return only.reject(error);
      // One holds a value that cannot be kept: it is not to spoil the others.
      for (const one of group) await attempt([one], lane);
      return;
    }
    for (const [i, { resolve }] of group.entries()) resolve(results[i] as Result);
  }

  return {
    add(item) {
      if (isClosed) return Promise.reject(new UnavailableError('the token store is closed'));
      if (waiting.length >= maxWaiting)
        return Promise.reject(new UnavailableError('the queue of the token store is full'));
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      });
    },
    close() {
      isClosed = true;
      if (waiting.length === 0 && free.length === lanes) return Promise.resolve();
      return new Promise((resolve) => {
        ended = resolve;
      });
    },
  };
}

/** How many exchanges are recorded in full (decision 31). */
export interface RecordBudget {
  /** Whether a refusal of this reason, route and address may be recorded. `now` in epoch ms. */
  takeRefusal(code: string, route: string, address: string, now: number): boolean;
  takeSuccess(now: number): boolean;
  readonly keys: number;
}

/** Bounds of a {@link RecordBudget}, each a second. */
export interface RecordLimits {
  /** Refusals of one reason, route and address. */
  readonly refusalsPerKey: number;
  /** Refusals altogether: a flood from many addresses. */
  readonly refusals: number;
  /** Different (reason, route, address) that are told apart. */
  readonly keys: number;
  readonly successes: number;
  /** Beyond `successes`, one of this many. */
  readonly sampleOf: number;
}

/** The limits that hold unless others are given. */
const RECORD_LIMITS: RecordLimits = {
  refusalsPerKey: 100,
  refusals: 1000,
  keys: 5000,
  successes: 200,
  sampleOf: 50,
};

export function createRecordBudget(limits: RecordLimits = RECORD_LIMITS): RecordBudget {
  const perKey = new Map<string, number>();
  let second = 0;
  let refusals = 0;
  let successes = 0;
  const turn = (now: number): void => {
    const present = Math.floor(now / 1000);
    if (present === second) return;
    second = present;
    refusals = 0;
    successes = 0;
    perKey.clear();
  };
  return {
    takeRefusal(code, route, address, now) {
      turn(now);
      if (refusals >= limits.refusals) return false;
      const key = `${code} ${route} ${address}`;
      const count = perKey.get(key) ?? 0;
      if (count >= limits.refusalsPerKey || (count === 0 && perKey.size >= limits.keys)) return false;
      perKey.set(key, count + 1);
      refusals += 1;
      return true;
    },
    takeSuccess(now) {
      turn(now);
      successes += 1;
      return successes <= limits.successes || successes % limits.sampleOf === 0;
    },
    get keys() {
      return perKey.size;
    },
  };
}

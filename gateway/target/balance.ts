/** Something that gets a share of the calls. */
export interface Weighted<T> {
  readonly value: T;
  readonly weight: number;
}

/** Chooses by weight, smoothly: weights 3 and 1 give a a b a, not a a a b. */
export interface Balance<T> {
  /**
   * The next one that is usable; when none is, the next one all the same (a target that is said to be down may be up again). `not`: the one
   * that was tried just now, passed over if there is another.
   */
  choose(isUsable: (value: T) => boolean, not?: T): T;
}

export function createBalance<T>(list: readonly Weighted<T>[]): Balance<T> {
  const entries = list.map(({ value, weight }) => ({ value, weight, current: 0 }));
  const [only] = entries;
  if (only === undefined) throw new RangeError('There is nothing to choose from.');
  if (entries.length === 1) return { choose: () => only.value };
  const pick = (isOpen: (value: T) => boolean): T | undefined => {
    let best: (typeof entries)[number] | undefined;
    let total = 0;
    for (const entry of entries) {
      if (!isOpen(entry.value)) continue;
      entry.current += entry.weight;
      total += entry.weight;
      if (best === undefined || entry.current > best.current) best = entry;
    }
    if (best !== undefined) best.current -= total;
    return best?.value;
  };
  return {
    choose: (isUsable, not) =>
      pick((value) => value !== not && isUsable(value)) ?? pick((value) => value !== not) ?? only.value,
  };
}

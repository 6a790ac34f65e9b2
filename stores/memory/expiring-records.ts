import { UnavailableError } from '#core/errors';
import { minuteOf } from '../token-state.ts';

/** Records by key, bounded, that are found again by the minute in which they end. */
export interface ExpiringRecords<Value> {
  get(key: string): Value | undefined;
  /** @throws UnavailableError when it is full and the key is new */
  set(key: string, value: Value): void;
  delete(key: string): boolean;
  values(): Iterable<Value>;
  entries(): Iterable<readonly [string, Value]>;
  /** Removes at most `limit` that ended before; gives how many. */
  purge(before: number, limit: number): number;
  readonly size: number;
}

/** Makes an empty collection. @param endOf when a record ends, epoch ms; it may be put later by setting the record again */
export function createExpiringRecords<Value>(
  maxEntries: number,
  endOf: (value: Value) => number,
): ExpiringRecords<Value> {
  const records = new Map<string, Value>();
  const keysByMinute = new Map<number, string[]>();

  /** Whether the record of a key that stands under a minute is still one that ends then. */
  const endsIn = (value: Value | undefined, minute: number): value is Value =>
    value !== undefined && minuteOf(endOf(value)) === minute;

  return {
    get: (key) => records.get(key),
    set(key, value) {
      const present = records.get(key);
      if (present === undefined && records.size >= maxEntries) throw new UnavailableError('the memory store is full');
      records.set(key, value);
      const minute = minuteOf(endOf(value));
      if (endsIn(present, minute)) return;
      const keys = keysByMinute.get(minute);
      if (keys === undefined) keysByMinute.set(minute, [key]);
      else keys.push(key);
    },
    delete: (key) => records.delete(key),
    values: () => records.values(),
    entries: () => records.entries(),
    purge(before, limit) {
      let purged = 0;
      for (const [minute, keys] of keysByMinute) {
        if (minute > minuteOf(before)) continue;
        const kept: string[] = [];
        for (const key of keys) {
          const value = records.get(key);
          if (!endsIn(value, minute)) continue; // taken away, or ends in another minute
          if (purged < limit && endOf(value) < before) {
            records.delete(key);
            purged += 1;
          } else kept.push(key);
        }
        if (kept.length === 0) keysByMinute.delete(minute);
        else keysByMinute.set(minute, kept);
      }
      return purged;
    },
    get size() {
      return records.size;
    },
  };
}

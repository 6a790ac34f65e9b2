import type { Clock } from '#core/clock';
import type { Gauge } from '#core/metrics';

/** A bounded map whose entries end by themselves, on the monotonic clock (decision 7). The oldest goes when it is full. */
export interface ExpiringMap<Value> {
  /** The value; undefined when there is none or its time is over. */
  get(key: string): Value | undefined;
  set(key: string, value: Value, lifeMs: number): void;
  delete(key: string): void;
  /** Removes every entry that the test says is to go. */
  deleteWhere(isToGo: (value: Value) => boolean): void;
  clear(): void;
  readonly size: number;
}

/** How a map is made. */
export interface ExpiringMapOptions {
  readonly maxEntries: number;
  readonly clock: Clock;
  /** Told the size when it changes. */
  readonly gauge: Gauge;
}

/** Makes an empty map. */
export function createExpiringMap<Value>({ maxEntries, clock, gauge }: ExpiringMapOptions): ExpiringMap<Value> {
  const entries = new Map<string, { readonly value: Value; readonly until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until > clock.monotonic()) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, lifeMs) {
      entries.delete(key); // written last means oldest last
      if (entries.size >= maxEntries) for (const oldest of entries.keys()) if (entries.delete(oldest)) break;
      if (maxEntries > 0) entries.set(key, { value, until: clock.monotonic() + lifeMs });
      gauge.set(entries.size);
    },
    delete: (key) => void entries.delete(key),
    deleteWhere(isToGo) {
      for (const [key, { value }] of entries) if (isToGo(value)) entries.delete(key);
      gauge.set(entries.size);
    },
    clear() {
      entries.clear();
      gauge.set(0);
    },
    get size() {
      return entries.size;
    },
  };
}

import type { Clock } from '#core/clock';

/** Counts per key within a fixed window of time. Holds at most `maxKeys`; the oldest window goes when it is full. */
export interface WindowCounter {
  /** How often the key was counted in its present window, and when that ends. */
  read(key: string): { readonly count: number; readonly endsInMs: number };
  /** Counts once. */
  add(key: string): void;
  /** Takes one back from its present window. */
  remove(key: string): void;
  readonly size: number;
}

/** How a counter is made. */
export interface WindowOptions {
  readonly windowMs: number;
  readonly maxKeys: number;
  readonly clock: Clock;
}

/** A counter of monotonic windows, each beginning with the first count of its key. */
export function createWindowCounter({ windowMs, maxKeys, clock }: WindowOptions): WindowCounter {
  const windows = new Map<string, { count: number; readonly endsAt: number }>();

  function current(key: string, now: number) {
    const window = windows.get(key);
    if (window !== undefined && window.endsAt > now) return window;
    if (window !== undefined) windows.delete(key);
    return undefined;
  }

  return {
    read(key) {
      const now = clock.monotonic();
      const window = current(key, now);
      return { count: window?.count ?? 0, endsInMs: window === undefined ? 0 : window.endsAt - now };
    },
    add(key) {
      const now = clock.monotonic();
      const window = current(key, now);
      if (window !== undefined) {
        window.count += 1;
        return;
      }
      if (windows.size >= maxKeys) for (const oldest of windows.keys()) return void replace(oldest, key, now);
      windows.set(key, { count: 1, endsAt: now + windowMs });
    },
    remove(key) {
      const window = current(key, clock.monotonic());
      if (window !== undefined && window.count > 0) window.count -= 1;
    },
    get size() {
      return windows.size;
    },
  };

  function replace(oldest: string, key: string, now: number): void {
    windows.delete(oldest);
    windows.set(key, { count: 1, endsAt: now + windowMs });
  }
}

/** Wakes whoever waits. A wake between two waits is not lost: each wait names what it has seen. */
export interface Signal {
  /** Grows with each {@link Signal.wake}. */
  readonly count: number;
  wake(): void;
  /** Resolves when `count` is beyond `seen`, after `timeoutMs`, or when aborted or closed. */
  next(seen: number, timeoutMs: number, abort?: AbortSignal): Promise<void>;
  /** Ends all waits, also later ones. */
  close(): void;
  readonly closed: boolean;
}

/** Makes a signal. */
export function createSignal(): Signal {
  const waiting = new Set<() => void>();
  let count = 0;
  let closed = false;
  const release = () => {
    for (const resolve of waiting) resolve();
  };
  return {
    get count() {
      return count;
    },
    get closed() {
      return closed;
    },
    wake() {
      count += 1;
      release();
    },
    async next(seen, timeoutMs, abort) {
      if (closed || count > seen || abort?.aborted === true) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      const stop = () => resolve();
      abort?.addEventListener('abort', stop, { once: true });
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
      abort?.removeEventListener('abort', stop);
      clearTimeout(timer);
    },
    close() {
      closed = true;
      release();
    },
  };
}

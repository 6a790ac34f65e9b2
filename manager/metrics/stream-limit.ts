import { ProblemError } from '#core/problem';

/** Counts open streams of each principal. */
export interface StreamLimit {
  /**
   * Lets a stream through while it is open.
   * @throws ProblemError `too_many_requests` when this one has too many open
   */
  hold(principal: string, stream: AsyncGenerator<string>, signal: AbortSignal): AsyncGenerator<string>;
}

/** Allows each principal so many at a time. */
export function createStreamLimit(limit: number): StreamLimit {
  const open = new Map<string, number>();
  return {
    hold(principal, stream, signal) {
      const count = open.get(principal) ?? 0;
      if (count >= limit)
        throw new ProblemError('too_many_requests', `${limit} live streams are open already. Close one and try again.`);
      open.set(principal, count + 1);
      let isHeld = true;
      const release = () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (open.get(principal) ?? 1) - 1;
        if (left === 0) open.delete(principal);
        else open.set(principal, left);
      };
      // Also of a stream that is never read: the caller went away first.
      signal.addEventListener('abort', release, { once: true });
      return (async function* () {
        try {
          yield* stream;
        } finally {
          release();
        }
      })();
    },
  };
}

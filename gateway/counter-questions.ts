import type { CounterAsk, CounterGrant } from '#core/counter-store';
import { UnavailableError } from '#core/errors';

/** A worker's questions to its primary about counters. */
export interface CounterQuestions {
  /** @throws UnavailableError when no answer comes, or the primary has none */
  ask(asks: readonly CounterAsk[]): Promise<readonly CounterGrant[]>;
  /** @param grants undefined: there are none, `problem` says why */
  answer(id: number, grants: readonly CounterGrant[] | undefined, problem: string): void;
}

/** A call to an API must not wait longer for its counter. */
const PATIENCE_MS = 1000;

interface Waiting {
  resolve(grants: readonly CounterGrant[]): void;
  reject(error: Error): void;
}

/** @param say tells the primary; its answer comes to `answer` */
export function createCounterQuestions(say: (id: number, asks: readonly CounterAsk[]) => void): CounterQuestions {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  return {
    ask(asks) {
      lastId += 1;
      const id = lastId;
      const { promise, resolve, reject } = Promise.withResolvers<readonly CounterGrant[]>();
      const timer = setTimeout(
        // a worker that was held up reads first what came meanwhile
        () => setImmediate(() => reject(new UnavailableError("The gateway's primary did not answer in time."))),
        PATIENCE_MS,
      );
      waiting.set(id, { resolve, reject });
      say(id, asks);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    answer(id, grants, problem) {
      const one = waiting.get(id);
      if (grants === undefined) one?.reject(new UnavailableError(problem));
      else one?.resolve(grants);
    },
  };
}

import { UnavailableError } from '#core/errors';
import type { OwnerAnswer, OwnerQuestion } from '#core/owner-question';

/** A worker's questions to its primary about resource owners. */
export interface OwnerQuestions {
  /** @throws UnavailableError when too many are under way, no answer comes, or the manager has none */
  ask(question: OwnerQuestion): Promise<OwnerAnswer>;
  /** @param answer undefined: there is none, `problem` says why */
  answer(id: number, answer: OwnerAnswer | undefined, problem: string): void;
}

/** Longer than the primary waits for the manager. */
const PATIENCE_MS = 22_000;
const AT_ONCE = 100;

interface Waiting {
  resolve(answer: OwnerAnswer): void;
  reject(error: Error): void;
}

/** @param say tells the primary; its answer comes to `answer` */
export function createOwnerQuestions(say: (id: number, question: OwnerQuestion) => void): OwnerQuestions {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  return {
    ask(question) {
      if (waiting.size >= AT_ONCE) return Promise.reject(new UnavailableError('Too many people sign in at once.'));
      lastId += 1;
      const id = lastId;
      const { promise, resolve, reject } = Promise.withResolvers<OwnerAnswer>();
      const timer = setTimeout(() => reject(new UnavailableError('A sign-in was not answered in time.')), PATIENCE_MS);
      waiting.set(id, { resolve, reject });
      say(id, question);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    answer(id, answer, problem) {
      const one = waiting.get(id);
      if (answer === undefined) one?.reject(new UnavailableError(problem));
      else one?.resolve(answer);
    },
  };
}

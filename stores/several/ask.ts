import { UnavailableError } from '#core/errors';
import type { TokenStore } from '#core/token-store';

type Ask<T> = (store: TokenStore) => T | Promise<T>;

/**
 * Asks stores in turn until one knows. Synchronous as long as they are.
 * @throws UnavailableError when none of those that answered knows and another did not answer: it may be the one
 */
export function firstKnown<T>(
  stores: readonly TokenStore[],
  ask: Ask<T>,
  isUnknown: (answer: T) => boolean,
): T | Promise<T> {
  const [only] = stores;
  if (only !== undefined && stores.length === 1) return ask(only);
  let unknown: T | undefined;
  for (const [i, store] of stores.entries()) {
    const answer = ask(store);
    if (answer instanceof Promise) return firstKnownLater(answer, stores.slice(i + 1), ask, isUnknown);
    if (!isUnknown(answer)) return answer;
    unknown = answer;
  }
  if (unknown === undefined) throw new UnavailableError('There is no token store here yet.');
  return unknown;
}

async function firstKnownLater<T>(
  first: Promise<T>,
  rest: readonly TokenStore[],
  ask: Ask<T>,
  isUnknown: (answer: T) => boolean,
): Promise<T> {
  let away: UnavailableError | undefined;
  let unknown: { readonly answer: T } | undefined;
  for (const answering of [() => first, ...rest.map((store) => async () => ask(store))]) {
    try {
      const answer = await answering();
      if (!isUnknown(answer)) return answer;
      unknown = { answer };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      away ??= error;
    }
  }
  if (away !== undefined) throw away;
  if (unknown === undefined) throw new UnavailableError('There is no token store here yet.');
  return unknown.answer;
}

/** What all stores answered, and the first that did not. */
export interface Answers<T> {
  readonly answers: readonly T[];
  readonly away: UnavailableError | undefined;
}

/** Asks all stores at once; an error other than that one is away is thrown. */
export async function askAll<T>(stores: readonly TokenStore[], ask: Ask<T>): Promise<Answers<T>> {
  const settled = await Promise.allSettled(stores.map(async (store) => ask(store)));
  const answers: T[] = [];
  let away: UnavailableError | undefined;
  for (const one of settled) {
    if (one.status === 'fulfilled') answers.push(one.value);
    else if (one.reason instanceof UnavailableError) away ??= one.reason;
    else throw one.reason;
  }
  return { answers, away };
}

/** The same, where an answer without one of them would be wrong. @throws UnavailableError when one is away, after all others did it */
export async function tellAll<T>(stores: readonly TokenStore[], ask: Ask<T>): Promise<readonly T[]> {
  const { answers, away } = await askAll(stores, ask);
  if (away !== undefined) throw away;
  return answers;
}

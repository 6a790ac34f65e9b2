import type { Clock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import type { TokenStore } from '#core/token-store';
import { createHints } from '../hints.ts';
import { problemWords } from '../problem-words.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { OPERATIONS, type Operation } from './operations.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** What a guarded store is made of. */
export interface GuardedStoreOptions {
  /** As the manager names it: for metrics and messages. */
  readonly name: string;
  readonly kind: string;
  /** Opens the engine. Tried again until it succeeds, however long that takes. */
  open(): Promise<TokenStore>;
  /** False for engines in this process or on its disk: they are always there, and their queue says itself when it is full. */
  readonly isRemote: boolean;
  /** True: an engine that can never be opened as it is set ends the start, and is not tried again. */
  readonly isDemanded?: boolean;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** A store that may be away. */
export interface GuardedTokenStore extends TokenStore {
  /** True once the engine was opened and while it answers. */
  readonly isAnswering: boolean;
  /** What went wrong last; undefined while it answers. */
  readonly problem: string | undefined;
  /** Ends when the engine was opened, or the first try failed. Rejects with a ConfigurationError for an engine that is demanded. */
  readonly firstTry: Promise<void>;
}

/**
 * A token store that is there before its engine is: it opens the engine in the background, refuses at once what is asked while it is away, so that
 * nobody waits for a time limit each time, and tells how long operations take.
 */
export function createGuardedTokenStore(options: GuardedStoreOptions): GuardedTokenStore {
  const { name, kind, clock, logger, metrics } = options;
  const breaker = createCircuitBreaker(clock);
  const hints = createHints();
  const seconds = (type: 'read' | 'write') =>
    metrics.histogram('token_store_duration_ms', 'Time that operations of a token store take.', { store: name, type });
  const durations = { read: seconds('read'), write: seconds('write') };
  const up = metrics.gauge('token_store_up', 'Whether a token store answers: 1, or 0 when not.', { store: name });
  let engine: TokenStore | undefined;
  let isClosed = false;
  let problem: string | undefined = 'it is being opened';
  let retry: NodeJS.Timeout | undefined;
  up.set(0);

  async function tryOpening(retryMs: number): Promise<void> {
    try {
      const opened = await options.open();
      if (isClosed) return await opened[Symbol.asyncDispose]();
      engine = opened;
      hints.follow([opened]);
      problem = undefined;
      up.set(1);
    } catch (error) {
      if (options.isDemanded === true && error instanceof ConfigurationError) throw error;
      problem = problemWords(error);
      logger.warn({ err: error, store: name, retryMs }, 'the token store cannot be opened; it is tried again');
      if (!isClosed)
        retry = setTimeout(
          () => void tryOpening(Math.min(retryMs * 2, LONGEST_RETRY_MS)).catch(giveUp),
          retryMs,
        ).unref();
    }
  }

  /** A later try found that it can never be opened. */
  function giveUp(error: unknown): void {
    problem = problemWords(error);
    logger.error({ err: error, store: name }, 'the token store cannot be opened as it is set');
  }

  function away(): UnavailableError {
    const detail = problem === undefined ? '' : `: ${problem}`;
    return new UnavailableError(`the token store ${name} does not answer${detail}`);
  }

  function settled(failure?: UnavailableError): void {
    if (failure === undefined) {
      if (breaker.isOpen) logger.info({ store: name }, 'the token store answers again');
      breaker.succeeded();
      problem = undefined;
    } else {
      const wasOpen = breaker.isOpen;
      breaker.failed();
      problem = problemWords(failure);
      if (breaker.isOpen && !wasOpen)
        logger.warn({ err: failure, store: name }, 'the token store does not answer; what is asked is refused at once');
    }
    up.set(breaker.isOpen ? 0 : 1);
  }

  function run(operation: Operation, args: readonly unknown[]): unknown {
    if (engine === undefined) return Promise.reject(away());
    const ask = engine[operation] as ((...args: readonly unknown[]) => unknown) | undefined;
    // An engine whose settings risk nothing has nothing to say.
    if (ask === undefined && operation === 'warnings') return Promise.resolve([]);
    if (ask === undefined) return Promise.reject(new Error(`The engine ${kind} has no ${operation}.`));
    // Each process reads the feed four times a second, one read after the other. Nobody waits for that, and revocations are to be heard of as
    // soon as the engine answers, not only after the pause. It closes the circuit when the pause is over, as any other call.
    const isProbe = operation === 'changesSince';
    if (options.isRemote && !isProbe && !breaker.mayTry()) return Promise.reject(away());
    const begun = clock.monotonic();
    const answer: unknown = Reflect.apply(ask, engine, args);
    if (!(answer instanceof Promise)) {
      if (options.isRemote) settled();
      return answer;
    }
    return watch(answer, operation, begun);
  }

  async function watch(answer: Promise<unknown>, operation: Operation, begun: number): Promise<unknown> {
    try {
      const result = await answer;
      durations[OPERATIONS[operation]].observe(clock.monotonic() - begun);
      const isEarly = operation === 'changesSince' && breaker.isOpen && !breaker.mayTry();
      if (options.isRemote && !isEarly) settled();
      return result;
    } catch (error) {
      // Whatever else went wrong, the engine answered.
      if (options.isRemote) settled(error instanceof UnavailableError ? error : undefined);
      throw error;
    }
  }

  const firstTry = tryOpening(FIRST_RETRY_MS);
  firstTry.catch(() => {}); // whoever asks for it hears of it
  const operations = Object.keys(OPERATIONS).map((operation) => [
    operation,
    (...args: readonly unknown[]) => run(operation as Operation, args),
  ]);
  return Object.defineProperties(Object.fromEntries(operations), {
    kind: { value: kind, enumerable: true },
    listen: { value: hints.listen, enumerable: true },
    firstTry: { value: firstTry, enumerable: true },
    isAnswering: { get: () => engine !== undefined && !breaker.isOpen, enumerable: true },
    problem: { get: () => problem, enumerable: true },
    [Symbol.asyncDispose]: {
      value: async () => {
        isClosed = true;
        clearTimeout(retry);
        await hints[Symbol.asyncDispose]();
        await engine?.[Symbol.asyncDispose]();
      },
    },
  });
}

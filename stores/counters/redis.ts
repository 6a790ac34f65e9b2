import { hash } from 'node:crypto';
import type { Clock } from '#core/clock';
import type { CounterAnswer, CounterRule, CounterStore } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import { connectInTime, createRedisClient } from '../redis/client.ts';
import { parseRedisUrl } from '../redis/url.ts';
import { createAbsence } from './absence.ts';
import { COUNTER_SCRIPT } from './redis-script.ts';

/** How long one take may last: a call to an API must not wait longer for its counter. */
const PATIENCE_MS = 1000;
/** When the client gives a command up by itself. */
const COMMAND_TIMEOUT_MS = 5000;
/** Takes under way in this process. */
const LIMIT = 20_000;
const SCRIPT_SHA = hash('sha1', COUNTER_SCRIPT);

/** What the counters on Redis are opened with. */
export interface RedisCountersOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Counters on Redis or Valkey, exact over all gateways: one script and one round trip a take. It is there although Redis is not, and comes back
 * with it. Each counter has a key of its own, which lives as long as it counts, and stands in a Cluster where its name puts it.
 * @throws ConfigurationError for a URL that is wrong
 */
export async function openRedisCounters(url: string, options: RedisCountersOptions): Promise<CounterStore> {
  const { clock, logger, metrics } = options;
  const place = parseRedisUrl(url);
  // Without the hash tag of the token store: counters spread over the nodes of a Cluster.
  const prefix = `${place.prefix.replace(/[{}]/g, '')}counter:`;
  const client = createRedisClient(place, COMMAND_TIMEOUT_MS);
  const absence = createAbsence(clock, PATIENCE_MS);
  const up = metrics.gauge('counter_store_up', 'Whether Redis answers for counters: 1, or 0 when not.');
  let underWay = 0;
  client.on('error', (error: unknown) => logger.debug({ err: error }, 'the connection to the counters failed'));
  try {
    await connectInTime(client, place);
    up.set(1);
  } catch (error) {
    up.set(0); // it goes on trying by itself
    logger.warn({ err: error }, 'Redis does not answer: calls are not counted until it does');
  }

  async function run(key: string, ...args: readonly string[]): Promise<unknown> {
    try {
      return await client.evalsha(SCRIPT_SHA, 1, key, ...args);
    } catch (error) {
      // After a restart the engine has forgotten the script; nothing of it was carried out.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await client.eval(COUNTER_SCRIPT, 1, key, ...args);
    }
  }

  return {
    async take({ counter, identifier, rule, weight }) {
      if (underWay >= LIMIT) throw new UnavailableError('Too many calls wait for the counters.');
      if (!absence.mayAsk()) throw new UnavailableError('Redis does not answer.');
      underWay += 1;
      try {
        const key = `${prefix}${counter}:${identifier}`;
        const found = await inTime(run(key, rule.kind, String(weight), ...numbersOf(rule, clock)));
        if (absence.answered()) logger.info({}, 'Redis answers again: calls are counted');
        up.set(1);
        return parseAnswer(found);
      } catch (error) {
        up.set(0);
        if (absence.missed()) logger.warn({ err: error }, 'Redis does not answer: calls are not counted');
        throw new UnavailableError('Redis does not answer.', { cause: error });
      } finally {
        underWay -= 1;
      }
    },
    giveBack({ counter, identifier, rule, weight }) {
      const back = run(`${prefix}${counter}:${identifier}`, rule.kind, String(-weight), ...numbersOf(rule, clock));
      back.catch((error: unknown) => logger.debug({ err: error }, 'what was given back stays counted'));
    },
    sizes: () => ({ countersWaiting: underWay }),
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

/** Rejects what takes too long. A process that was held up reads first what came meanwhile: a late timer is no late answer. */
function inTime(work: Promise<unknown>): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const late = () => reject(new Error(`No answer within ${PATIENCE_MS} ms.`));
  const timer = setTimeout(() => setImmediate(late), PATIENCE_MS);
  work.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

/** The two numbers of a rule as the script takes them. */
function numbersOf(rule: CounterRule, clock: Clock): readonly [string, string] {
  switch (rule.kind) {
    case 'window':
      return [String(rule.allow), String(Math.max(1, Math.ceil(rule.endsAt - clock.now())))];
    case 'rolling':
      return [String(rule.allow), String(rule.intervalMs)];
    case 'rate':
      return [String(rule.everyMs), String(rule.burst)];
  }
}

function parseAnswer(found: unknown): CounterAnswer {
  const [isAllowed, remaining, resetMs, retryAfterMs] = Array.isArray(found) ? found.map(Number) : [];
  if (remaining === undefined || resetMs === undefined || retryAfterMs === undefined)
    throw new UnavailableError('Redis answered what no counter answers.');
  return { isAllowed: isAllowed === 1, remaining, resetMs, retryAfterMs };
}

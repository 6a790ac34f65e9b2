// One of several processes that take from the same counters, for stores/counters/redis.integration.test.ts: `node taking-child.ts URL CALLS CALLERS RULE`. Prints how
// much was let through, how often Redis was away, and the longest wait.

import { systemClock } from '#core/clock';
import type { CounterRule } from '#core/counter-store';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { openRedisCounters } from '#stores/counters/redis';

const [url = '', calls = '0', callers = '1', rule = '{}'] = process.argv.slice(2);
const options = { clock: systemClock, logger: noLogger, metrics: noMetrics };
await using counters = await openRedisCounters(url, options);
const counted = { allowed: 0, refused: 0, away: 0, longestMs: 0 };
let left = Number(calls);

async function caller(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const weight = 1 + (left % 3);
    const startedAt = systemClock.monotonic();
    try {
      const take = { counter: 'c', identifier: 'everybody', rule: JSON.parse(rule) as CounterRule, weight };
      const { isAllowed } = await counters.take(take);
      if (isAllowed) counted.allowed += weight;
      else counted.refused += 1;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      counted.away += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    counted.longestMs = Math.max(counted.longestMs, systemClock.monotonic() - startedAt);
  }
}

await Promise.all(Array.from({ length: Number(callers) }, caller));
process.stdout.write(JSON.stringify(counted));

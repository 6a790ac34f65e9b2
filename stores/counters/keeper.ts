import type { Clock } from '#core/clock';
import type { CounterGrant, CounterKeeper } from '#core/counter-store';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import { type CounterRow, openCounterFile } from './counter-file.ts';
import { Counts } from './counts.ts';

/** Most counters of a gateway; beyond it new identifiers of a counter share one. */
export const COUNTERS_LIMIT = 200_000;
const PURGE_MS = 10_000;

/** What keeping counts needs. */
export interface CounterKeeperOptions {
  /** Where they outlive a restart. */
  readonly file: string;
  /** How many workers ask. */
  readonly workers: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Most counters; default {@link COUNTERS_LIMIT}. */
  readonly limit?: number;
}

/**
 * Keeps the counts of one gateway: in its primary, for its workers. Everything asked for in one turn of the event loop is written in one
 * transaction before it is answered, so that a killed process forgets nothing that it let through. Counts of rates are not written: they are
 * over in a moment.
 */
export function openCounterKeeper(options: CounterKeeperOptions): CounterKeeper {
  const { clock, logger, metrics, workers, limit = COUNTERS_LIMIT } = options;
  const file = openCounterFile(options.file, logger);
  const changed = new Map<string, CounterRow>();
  const counts = new Counts({
    limit,
    sharers: () => workers,
    onCounted: (row) => void changed.set(`${row.slot} ${row.name}`, row),
  });
  for (const row of file.read(clock.now())) counts.restore(row.name, row.slot, row);
  const size = metrics.gauge('counters', 'Counters of Quota and Spike Arrest that the gateway keeps.');
  let isFailing = false;
  let flushed: Promise<void> | undefined;

  const guard = (work: () => void): void => {
    try {
      work();
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.error({ err: error }, 'Counts cannot be written: a restart would forget them');
      isFailing = true;
    }
  };
  const flush = (): void => {
    flushed = undefined;
    if (changed.size === 0) return;
    guard(() => {
      file.write(changed.values());
      changed.clear(); // not after a failure: then it is written the next time
    });
  };
  const purge = (): void => {
    const now = clock.now();
    counts.sweep(now);
    size.set(counts.size);
    for (const [key, { countsUntil }] of changed) if (countsUntil <= now) changed.delete(key);
    guard(() => file.purge(now));
  };
  const timer = setInterval(purge, PURGE_MS).unref();

  return {
    async ask(asks) {
      const now = clock.now();
      const grants: CounterGrant[] = asks.map((one) => counts.ask(one, now));
      flushed ??= new Promise((resolve) => setImmediate(() => resolve(flush())));
      await flushed;
      return grants;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      flush();
      file.close();
    },
  };
}

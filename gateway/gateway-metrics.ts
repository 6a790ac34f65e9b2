import type { MetricsSnapshot, MetricsSource } from '#core/metrics';
import type { FeedIntake } from './feed-intake.ts';
import type { StorageState, ToWorker } from './ipc.ts';
import type { WorkerState } from './worker-pool.ts';

/** Longest wait for the workers' numbers; one that hangs is shown with its last ones. */
const ANSWER_MS = 1000;

/** The metrics of the whole gateway: the primary's own and the workers', merged. */
export interface GatewayMetrics {
  /** A worker sent its numbers for a request. */
  answered(request: number): void;
  /** A worker is gone: what it counted stays in the sums. */
  keep(worker: WorkerState): Promise<void>;
  render(): Promise<string>;
}

/** Makes them. */
export function createGatewayMetrics(deps: {
  readonly metrics: MetricsSource;
  workers(): readonly WorkerState[];
  ask(message: ToWorker): void;
  /** What the primary's own gauges show. */
  now(): { readonly intake: FeedIntake; readonly storage: StorageState; readonly compiledSeq: number };
}): GatewayMetrics {
  const { metrics: source } = deps;
  const { metrics } = source;
  const gauges = {
    lagSeconds: metrics.gauge('feed_lag_seconds', 'Time since the manager was heard; -1: never.'),
    lag: metrics.gauge('feed_lag_changes', 'Changes that not every worker has taken yet.'),
    seq: metrics.gauge('feed_seq', 'Number of the change feed that every worker has taken.'),
    freeBytes: metrics.gauge('disk_free_bytes', 'Free space on the disk of the data directory.'),
    level: metrics.gauge('storage_level', '0: enough room; 1: no successes recorded; 2: no refusals; 3: no tokens.'),
    workers: metrics.gauge('workers', 'Workers that serve.'),
  };
  let ended: MetricsSnapshot = [];
  let request = 0;
  let waiting: { request: number; missing: number; done: () => void } | undefined;

  const askAll = (): Promise<void> => {
    const workers = deps.workers();
    if (workers.length === 0) return Promise.resolve();
    request += 1;
    const answered = Promise.withResolvers<void>();
    waiting = { request, missing: workers.length, done: answered.resolve };
    deps.ask({ type: 'metrics', request });
    const timer = setTimeout(answered.resolve, ANSWER_MS);
    return answered.promise.finally(() => clearTimeout(timer));
  };
  const setGauges = (): void => {
    const { intake, storage, compiledSeq } = deps.now();
    gauges.lagSeconds.set(intake.silentMs === undefined ? -1 : intake.silentMs / 1000);
    gauges.lag.set(Math.max(0, intake.headSeq - compiledSeq));
    gauges.seq.set(compiledSeq);
    gauges.freeBytes.set(storage.freeBytes);
    gauges.level.set(storage.level);
    gauges.workers.set(deps.workers().filter(({ isServing, isListening }) => isServing && isListening).length);
    for (const [name, size] of sumSizes(deps.workers())) {
      metrics.gauge('held', 'What the workers hold where memory has a bound.', { what: name }).set(size);
    }
  };
  let asking: Promise<void> | undefined;
  return {
    answered(answer) {
      if (waiting?.request !== answer) return;
      waiting.missing -= 1;
      if (waiting.missing <= 0) waiting.done();
    },
    async keep({ metrics: last }) {
      if (last !== undefined) ended = await source.merge([ended, last], 'ended');
    },
    async render() {
      asking ??= askAll().finally(() => {
        asking = undefined;
      });
      await asking;
      setGauges();
      const now = deps.workers().flatMap((worker) => (worker.metrics === undefined ? [] : [worker.metrics]));
      return source.render([ended, ...now]);
    },
  };
}

function sumSizes(workers: readonly WorkerState[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sizes } of workers) {
    for (const [name, size] of Object.entries(sizes)) sums.set(name, (sums.get(name) ?? 0) + size);
  }
  return sums;
}

/** Counts up. Taken at compile time, used on the hot path without a look-up. */
export interface Counter {
  add(n?: number): void;
}

/** Goes up and down. */
export interface Gauge {
  set(value: number): void;
}

/** A distribution, e.g. of latencies in milliseconds. */
export interface Histogram {
  observe(value: number): void;
}

/**
 * Where numbers go. Names are snake_case with the unit last (`revocation_lag_seconds`), prefixed with `gatewright_` by the adapter; labels
 * are bounded: names of deployed things and reason codes, never what a caller sent.
 */
export interface Metrics {
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Counter;
  gauge(name: string, help: string, labels?: Readonly<Record<string, string>>): Gauge;
  histogram(name: string, help: string, labels?: Readonly<Record<string, string>>): Histogram;
}

/** One metric as plain data. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** How values of several processes become one. */
  readonly aggregator: 'sum' | 'max';
  /** A histogram has several values a set of labels: `_bucket` (label `le`), `_sum`, `_count`. */
  readonly values: readonly {
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** A process's metrics as plain data, for sending them to the process that shows them. */
export type MetricsSnapshot = readonly MetricSnapshot[];

/** A process's metrics, and how they are shown: its own alone, or with those of its workers. */
export interface MetricsSource {
  readonly metrics: Metrics;
  snapshot(): MetricsSnapshot;
  /** Several processes' metrics as one. `ended`: of processes that are gone, so only what counts up is kept. */
  merge(snapshots: readonly MetricsSnapshot[], ended?: 'ended'): Promise<MetricsSnapshot>;
  /** The text that Prometheus reads: this process and, merged with it, others. */
  render(others?: readonly MetricsSnapshot[]): Promise<string>;
}

/** Metrics that go nowhere, for tests and for compiling a configuration only to check it. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};

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

/** Metrics that go nowhere, for tests and for compiling a configuration only to check it. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};

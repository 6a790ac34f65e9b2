import type { Histogram, MetricSnapshot } from '#core/metrics';

/** Upper bounds by the unit at the end of a metric's name. */
const BUCKETS: readonly (readonly [suffix: string, bounds: readonly number[]])[] = [
  ['_seconds', [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
  ['_ms', [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]],
  ['_bytes', [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216]],
];
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The upper bounds that suit a metric: its name says its unit. */
export function bucketsOf(name: string): readonly number[] {
  return BUCKETS.find(([suffix]) => name.endsWith(suffix))?.[1] ?? COUNTS;
}

/** One distribution: observing is a short search and two additions. */
export function createHistogramSeries(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
) {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  const handle: Histogram = {
    observe(value) {
      let i = 0;
      while (i < bounds.length && value > (bounds[i] ?? 0)) i += 1;
      counts[i] = (counts[i] ?? 0) + 1;
      sum += value;
    },
  };
  return {
    handle,
    /** As Prometheus has it: every bucket counts the ones below it too. */
    values(): MetricSnapshot['values'] {
      let total = 0;
      const buckets = [...counts].map((count, i) => {
        total += count;
        const le = i < bounds.length ? String(bounds[i]) : '+Inf';
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: total },
      ];
    },
  };
}

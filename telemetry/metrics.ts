import { AggregatorRegistry } from 'prom-client';
import type { MetricSnapshot, Metrics, MetricsSnapshot, MetricsSource } from '#core/metrics';
import { bucketsOf, createHistogramSeries } from './histogram.ts';

const PREFIX = 'gatewright_';
/** Most sets of labels of one metric. Labels are names of deployed things and codes; this bounds what a mistake could cost. */
const SERIES_LIMIT = 2000;

type Labels = Readonly<Record<string, string>>;
type Values = MetricSnapshot['values'];

/** One set of labels of one metric. */
interface Series<Handle> {
  readonly handle: Handle;
  values(): Values;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: MetricSnapshot['type'];
  readonly series: Map<string, { values(): Values; handle: unknown }>;
}

/**
 * The metrics of this process. A handle is a number in a closure, so that counting on the hot path costs an addition; prom-client merges
 * what several processes counted and writes the text.
 */
export function createMetrics(): MetricsSource {
  const families = new Map<string, Family>();

  const familyOf = (name: string, help: string, type: Family['type']): Family => {
    const full = PREFIX + name;
    const family = families.get(full) ?? { name: full, help, type, series: new Map() };
    if (family.type !== type) throw new Error(`The metric ${name} is a ${family.type}, not a ${type}.`);
    families.set(full, family);
    return family;
  };
  /** The handle for these labels: the same one when it was taken before. Beyond the limit all share the labels `other`. */
  const take = <Handle>(family: Family, labels: Labels, create: (labels: Labels) => Series<Handle>): Handle => {
    const isFull = family.series.size >= SERIES_LIMIT;
    let key = keyOf(labels);
    let used = labels;
    if (isFull && !family.series.has(key)) {
      used = Object.fromEntries(Object.keys(labels).map((label) => [label, 'other']));
      key = keyOf(used);
    }
    const series = family.series.get(key) ?? create(used);
    family.series.set(key, series);
    return series.handle as Handle; // a family has one type, so its series have one kind of handle
  };
  const metrics: Metrics = {
    counter: (name, help, labels = {}) => take(familyOf(name, help, 'counter'), labels, createCounterSeries),
    gauge: (name, help, labels = {}) => take(familyOf(name, help, 'gauge'), labels, createGaugeSeries),
    histogram: (name, help, labels = {}) => {
      const family = familyOf(name, help, 'histogram');
      return take(family, labels, (used) => createHistogramSeries(family.name, used, bucketsOf(name)));
    },
  };
  const snapshot = (): MetricsSnapshot => [
    ...[...families.values()].map(({ name, help, type, series }) => ({
      name,
      help,
      type,
      aggregator: aggregatorOf(name, type),
      values: [...series.values()].flatMap((one) => one.values()),
    })),
    ...processMetrics(),
  ];
  return {
    metrics,
    snapshot,
    async merge(snapshots, ended) {
      const kept = ended
        ? snapshots.map((metricsOfOne) => metricsOfOne.filter(({ type }) => type !== 'gauge'))
        : snapshots;
      return parseSnapshot(await aggregate(kept).getMetricsAsJSON());
    },
    render: (others = []) => aggregate([snapshot(), ...others]).metrics(),
  };
}

function createCounterSeries(labels: Labels) {
  let sum = 0;
  return {
    handle: {
      add(n = 1) {
        sum += n;
      },
    },
    values: () => [{ labels, value: sum }],
  };
}

function createGaugeSeries(labels: Labels) {
  let now = 0;
  return {
    handle: {
      set(value: number) {
        now = value;
      },
    },
    values: () => [{ labels, value: now }],
  };
}

/** Ages and lags of several processes are as bad as the worst; sizes add up. */
function aggregatorOf(name: string, type: Family['type']): MetricSnapshot['aggregator'] {
  return type === 'gauge' && (name.endsWith('_seconds') || name.endsWith('_level')) ? 'max' : 'sum';
}

/** What the operating system says of this process; summed over the workers. */
function processMetrics(): MetricsSnapshot {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const one = (name: string, help: string, type: 'counter' | 'gauge', value: number): MetricSnapshot => ({
    name: PREFIX + name,
    help,
    type,
    aggregator: 'sum',
    values: [{ labels: {}, value }],
  });
  return [
    one('process_resident_memory_bytes', 'Memory that the processes hold.', 'gauge', rss),
    one('process_heap_used_bytes', 'JavaScript heap in use.', 'gauge', heapUsed),
    one('process_cpu_seconds_total', 'User and system time.', 'counter', (user + system) / 1e6),
  ];
}

function aggregate(snapshots: readonly MetricsSnapshot[]) {
  return AggregatorRegistry.aggregate(snapshots.map((metrics) => [...metrics]));
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** prom-client types its own output more loosely than it is. */
function parseSnapshot(metrics: unknown): MetricsSnapshot {
  return metrics as MetricsSnapshot;
}

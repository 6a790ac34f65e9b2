import type { Measure } from './measure.ts';
import type { Memory } from './proc.ts';

/** A run, as it is kept in `bench/results`. */
export interface Result {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly commit: string;
  /** The working tree differed from the commit. */
  readonly dirty: boolean;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly settings: {
    readonly seconds: number;
    readonly rounds: number;
    readonly warmSeconds: number;
    readonly connections: number;
    readonly tokens: number;
  };
  readonly works: readonly WorkResult[];
  readonly starts: readonly StartRow[];
  /** Contestants that could not be had, and why. */
  readonly missing: readonly { readonly contestant: string; readonly reason: string }[];
}

/** One work's figures. */
export interface WorkResult {
  readonly name: string;
  readonly about: string;
  readonly baseline: string;
  /** Too few rounds were quiet: the figures are shown, nothing is concluded from them. */
  readonly noisy: boolean;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** One contestant's medians in one work. */
export interface Row {
  readonly contestant: string;
  readonly request: string;
  /** Why its figures mean nothing; undefined when they do. */
  readonly failed?: string;
  readonly figures?: Figures;
  readonly memory?: {
    readonly idle: Memory;
    readonly loaded: Memory;
    readonly workerIdle?: Memory;
    readonly workerLoaded?: Memory;
  };
  readonly measures: readonly Measure[];
}

/** Medians over the rounds; ratios are medians of the ratios within one round, above 1 is better than the baseline. */
export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
  readonly workerCpuUs?: number;
  readonly corePercent: number;
  readonly backgroundPercent: number;
  readonly cpuRatio?: number;
  readonly workerCpuRatio?: number;
  readonly throughputRatio?: number;
}

/** How soon a contestant answers. */
export interface StartRow {
  readonly contestant: string;
  readonly failed?: string;
  /** Launch to first right answer in an empty folder; for Gatewright with everything set up through its CLI. */
  readonly firstMs?: number;
  /** The same on a folder that exists, median. */
  readonly againMs?: number;
  /** Launch to its own word that it is ready, on a folder that exists, median. */
  readonly againReadyMs?: number;
  readonly backgroundPercent?: number;
}

/** The middle of some numbers; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** Medians of a contestant's measurements, set against those of the baseline in the same rounds. */
export function createFigures(measures: readonly Measure[], baseline: readonly Measure[] | undefined): Figures {
  const middle = (read: (measure: Measure) => number) => median(measures.map(read));
  const workers = measures.flatMap(({ workerCpuUs }) => workerCpuUs ?? []);
  const ratio = (compare: (own: Measure, other: Measure) => number | undefined) => {
    const ratios = measures.flatMap((own, round) => {
      const other = baseline?.[round];
      return other === undefined ? [] : (compare(own, other) ?? []);
    });
    return ratios.length === 0 ? undefined : median(ratios);
  };
  return dropUndefined({
    perSecond: middle((measure) => measure.perSecond),
    p50Ms: middle((measure) => measure.p50Ms),
    p99Ms: middle((measure) => measure.p99Ms),
    cpuUs: middle((measure) => measure.cpuUs),
    workerCpuUs: workers.length === 0 ? undefined : median(workers),
    corePercent: middle((measure) => measure.corePercent),
    backgroundPercent: middle((measure) => measure.backgroundPercent),
    cpuRatio: ratio((own, other) => other.cpuUs / own.cpuUs),
    workerCpuRatio: ratio((own, other) => (own.workerCpuUs === undefined ? undefined : other.cpuUs / own.workerCpuUs)),
    throughputRatio: ratio((own, other) => own.perSecond / other.perSecond),
  });
}

/** Why measurements do not count: answers that were refused, connections that broke. */
export function findFailure(measures: readonly Measure[]): string | undefined {
  const refused = measures.reduce((sum, measure) => sum + measure.refused, 0);
  const broken = measures.reduce((sum, measure) => sum + measure.broken, 0);
  const requests = measures.reduce((sum, measure) => sum + measure.requests, 0);
  if (requests === 0) return 'no answers under load';
  if (refused + broken === 0) return undefined;
  return `${refused} of ${requests} answers were errors, ${broken} connections broke`;
}

type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the members that are undefined, as JSON has it. */
export function dropUndefined<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>;
}

import type { Clock } from '#core/clock';
import type { GatewayReport } from '#core/model/exchange-record';
import type { WorkerState } from './worker-pool.ts';

/** What a gateway's processes take of their machine. */
export type Usage = Required<Pick<GatewayReport, 'cpuShare' | 'memoryBytes' | 'connections'>>;

/** Shorter spans say little. */
const SPAN_MS = 900;

/** Measures it over the time between two questions, a second at least. */
export function createUsageMeter(deps: {
  readonly clock: Clock;
  /** Processors of the machine. */
  readonly processors: number;
  workers(): readonly WorkerState[];
  /** Processor time of this process so far, in ms, and its memory. */
  own(): { readonly cpuMs: number; readonly memoryBytes: number };
}): () => Usage {
  const { clock, processors } = deps;
  let last = { at: clock.monotonic(), cpuMs: new Map<number, number>() };
  let cpuShare = 0;
  return () => {
    const workers = deps.workers();
    const own = deps.own();
    const now = clock.monotonic();
    if (now - last.at >= SPAN_MS) {
      const cpuMs = new Map([[0, own.cpuMs], ...workers.map(({ pid, cpuMs }) => [pid, cpuMs] as const)]);
      let spent = 0;
      // A process that was not there before is counted from the next time on.
      for (const [pid, ms] of cpuMs) spent += Math.max(0, ms - (last.cpuMs.get(pid) ?? ms));
      cpuShare = Math.min(1, spent / (now - last.at) / processors);
      last = { at: now, cpuMs };
    }
    return {
      cpuShare: Math.round(cpuShare * 1000) / 1000,
      memoryBytes: workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, own.memoryBytes),
      connections: workers.reduce((sum, { sizes }) => sum + (sizes.connections ?? 0), 0),
    };
  };
}

import { watchBackground } from './background.ts';
import type { Running } from './contestant.ts';
import { type LoadRequest, type LoadResult, type LoadSettings, prepareLoad, runLoad } from './load.ts';
import { readCpuSeconds, readTreeCpuSeconds } from './proc.ts';

/** One measurement of one contestant. */
export interface Measure extends LoadResult {
  /** CPU time a request, user and system, of the contestant's whole process tree. */
  readonly cpuUs: number;
  /** The same of its gateway workers alone, where it has such. */
  readonly workerCpuUs: number | undefined;
  /** How much of its core the contestant used, in percent: below about 95 the load generator was the limit. */
  readonly corePercent: number;
  /** CPU used on the two cores by processes outside the bench, in percent of one core. */
  readonly backgroundPercent: number;
}

/** Loads a running contestant and sets what it used against what it answered. */
export async function measure(
  running: Running,
  request: LoadRequest,
  seconds: number,
  settings: LoadSettings & { readonly cores: readonly number[] },
): Promise<Measure> {
  const prepared = await prepareLoad(request, settings);
  const endBackground = watchBackground(settings.cores);
  const before = snapshot(running);
  const load = await runLoad(prepared, seconds, settings);
  const after = snapshot(running);
  const backgroundPercent = endBackground();
  const cpu = after.cpu - before.cpu;
  const each = (cpuSeconds: number) => (cpuSeconds * 1e6) / Math.max(1, load.requests);
  return {
    ...load,
    cpuUs: each(cpu),
    workerCpuUs:
      after.workers === undefined || before.workers === undefined ? undefined : each(after.workers - before.workers),
    corePercent: (100 * cpu) / load.seconds,
    backgroundPercent,
  };
}

function snapshot(running: Running) {
  return {
    cpu: readTreeCpuSeconds(running.pid),
    workers: running.workerPids === undefined ? undefined : readCpuSeconds(running.workerPids(), true),
  };
}

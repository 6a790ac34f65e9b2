import { checkAnswers } from './answer.ts';
import { noisyAbovePercent } from './background.ts';
import { type Field, type Kept, readContestantMemory } from './field.ts';
import { type LoadRequest, type LoadSettings, prepareLoad, runLoad } from './load.ts';
import { type Measure, measure } from './measure.ts';
import { createFigures, dropUndefined, findFailure, type Row, type WorkResult } from './result.ts';
import type { Work } from './work.ts';

/** How rounds are run. */
export interface RoundSettings extends LoadSettings {
  readonly cores: readonly number[];
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A contestant in one work. */
interface Runner {
  readonly contestant: string;
  readonly requestName: string;
  readonly request: LoadRequest;
  readonly kept: Kept;
  readonly measures: Measure[];
}

/** Measures one work: its contestants in turn, round after round, until enough rounds were quiet. */
export async function runWork(
  work: Work,
  names: ReadonlySet<string>,
  field: Field,
  settings: RoundSettings,
): Promise<WorkResult> {
  const runners: Runner[] = [];
  const failed: Row[] = [];
  for (const entry of work.entries.filter(({ contestant }) => names.has(contestant))) {
    settings.signal.throwIfAborted();
    try {
      runners.push(await prepareRunner(work, entry, field, settings));
    } catch (error) {
      settings.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      settings.say(`${work.name} ${entry.contestant} failed: ${reason}`);
      failed.push({ contestant: entry.contestant, request: entry.request, failed: reason, measures: [] });
    }
  }
  const quiet = runners.length === 0 ? [] : await runRounds(work, runners, settings);
  const noisy = quiet.length < settings.rounds;
  const chosen = noisy ? [...(runners[0]?.measures.keys() ?? [])] : quiet;
  const baseline = runners.find(({ contestant }) => contestant === work.baseline);
  const rows = runners.map((runner) => createRow(runner, chosen, baseline));
  return {
    name: work.name,
    about: work.about,
    baseline: work.baseline,
    noisy,
    rounds: chosen.length,
    rows: [...rows, ...failed],
  };
}

async function prepareRunner(
  work: Work,
  entry: Work['entries'][number],
  field: Field,
  settings: RoundSettings,
): Promise<Runner> {
  const kept = await field.get(entry.contestant);
  const request = kept.running.requests[entry.request];
  if (request === undefined) throw new Error(`it does not do ${entry.request}`);
  await checkAnswers(entry.request, request, kept.running.refusals?.[entry.request]);
  settings.say(`${work.name} ${entry.contestant}: warming up`);
  // Forms that are good once are soon used up: there is nothing to do longer.
  const times = request.forms?.use === 'once' ? 1 : (kept.running.warmTimes ?? 1);
  await runLoad(await prepareLoad(request, settings), times * settings.warmSeconds, settings);
  return { contestant: entry.contestant, requestName: entry.request, request, kept, measures: [] };
}

/** Runs rounds until enough were quiet or twice as many as wanted have been; gives the quiet ones. */
async function runRounds(work: Work, runners: readonly Runner[], settings: RoundSettings): Promise<readonly number[]> {
  const quiet: number[] = [];
  for (let round = 0; quiet.length < settings.rounds && round < 2 * settings.rounds; round += 1) {
    let background = 0;
    for (const runner of runners) {
      settings.signal.throwIfAborted();
      const seen = await measure(runner.kept.running, runner.request, settings.seconds, settings);
      runner.measures.push(seen);
      background = Math.max(background, seen.backgroundPercent);
      settings.say(
        `${work.name} ${runner.contestant} round ${round + 1}: ${seen.perSecond.toFixed(0)}/s, ${seen.cpuUs.toFixed(1)} µs, background ${seen.backgroundPercent.toFixed(0)} %` +
          (seen.backgroundPercent > noisyAbovePercent ? ', noisy' : ''),
      );
    }
    if (background <= noisyAbovePercent) quiet.push(round);
  }
  return quiet;
}

function createRow(runner: Runner, chosen: readonly number[], baseline: Runner | undefined): Row {
  const pick = ({ measures }: Runner) => chosen.flatMap((round) => measures[round] ?? []);
  const failed = findFailure(runner.measures);
  const comparable = baseline !== undefined && findFailure(baseline.measures) === undefined;
  const { all, worker } = readContestantMemory(runner.kept.running);
  return dropUndefined({
    contestant: runner.contestant,
    request: runner.requestName,
    failed,
    figures: failed === undefined ? createFigures(pick(runner), comparable ? pick(baseline) : undefined) : undefined,
    memory: dropUndefined({
      idle: runner.kept.idle,
      loaded: all,
      workerIdle: runner.kept.workerIdle,
      workerLoaded: worker,
    }),
    measures: runner.measures,
  });
}

import { join } from 'node:path';
import { watchBackground } from './background.ts';
import type { Contestant, Running, StartContext } from './contestant.ts';
import { dropUndefined, median, type StartRow } from './result.ts';

/** Starts a contestant in an empty folder, then again and again on what it left there; nothing else runs meanwhile. */
export async function measureStarts(
  contestant: Contestant,
  context: StartContext,
  settings: { readonly rounds: number; readonly cores: readonly number[]; readonly signal: AbortSignal },
): Promise<StartRow> {
  const dir = join(context.dir, 'start', contestant.name);
  const open = async () => {
    settings.signal.throwIfAborted();
    const running = await contestant.open({ ...context, dir, core: undefined, tokens: 1 });
    await running.close();
    return running;
  };
  try {
    const first = await open();
    // Over all starts together: one is too short for the clock of /proc.
    const endBackground = watchBackground(settings.cores);
    const again: Running[] = [];
    for (let round = 0; round < settings.rounds; round += 1) again.push(await open());
    const backgroundPercent = endBackground();
    const ready = again.flatMap(({ readyMs }) => readyMs ?? []);
    return dropUndefined({
      contestant: contestant.name,
      firstMs: first.firstAnswerMs,
      againMs: median(again.map(({ firstAnswerMs }) => firstAnswerMs)),
      againReadyMs: ready.length === 0 ? undefined : median(ready),
      backgroundPercent,
    });
  } catch (error) {
    settings.signal.throwIfAborted();
    return { contestant: contestant.name, failed: error instanceof Error ? error.message : String(error) };
  }
}

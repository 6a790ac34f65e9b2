import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants/index.ts';
import { createField } from './field.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { createTempDir, describeCommit, describeMachine } from './place.ts';
import { createPrerequisites, installCommands } from './prerequisite.ts';
import { listCores } from './proc.ts';
import { renderReport, resultsDir } from './report.ts';
import type { Result, StartRow, WorkResult } from './result.ts';
import { runWork } from './rounds.ts';
import { measureStarts } from './starts.ts';
import { openUpstream } from './upstream.ts';
import { works } from './work.ts';

const say = (line: string) => console.error(line);

const options = parseOptions(process.argv.slice(2));
if (options === undefined) {
  console.log(usage);
} else {
  await runGuarded(options);
}

/** Runs the bench; whatever ends it, what it started is stopped and its folder removed. */
async function runGuarded(asked: Options): Promise<void> {
  const stack = new AsyncDisposableStack();
  const abort = new AbortController();
  const stop = (reason: string) => {
    if (abort.signal.aborted) return;
    say(`${reason}: stopping what was started`);
    abort.abort(new Error(reason));
    void stack.disposeAsync().finally(() => process.exit(1));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name));
  const limit = setTimeout(() => stop(`not done after ${asked.limitMinutes} minutes`), asked.limitMinutes * 60_000);
  try {
    const result = await runBench(asked, stack, abort.signal);
    if (asked.saved) save(result, asked.out);
    console.log(`\n${renderReport(result)}`);
    if (result.works.some(({ rows }) => rows.some(({ failed }) => failed !== undefined))) process.exitCode = 1;
  } catch (error) {
    // After a stop everything fails; the first reason has been told.
    if (!abort.signal.aborted) say(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    clearTimeout(limit);
    await stack.disposeAsync();
  }
}

async function runBench(asked: Options, stack: AsyncDisposableStack, signal: AbortSignal): Promise<Result> {
  rejectUnknown('contestant', asked.only, contestants);
  rejectUnknown('work', asked.works, [{ name: 'start' }, ...works]);
  await installCommands(say);
  const [serverCore, loadCore] = listCores();
  if (serverCore === undefined || loadCore === undefined)
    throw new Error('two cores are needed: one for the server, one for the load');
  const at = new Date().toISOString();
  const temp = createTempDir();
  stack.defer(temp.remove);
  const { present, missing } = await findPresent(asked);
  const upstream = await openUpstream(join(temp.dir, 'upstream'), loadCore);
  stack.defer(() => upstream.close());
  const cores = [serverCore, loadCore];
  const context = { dir: temp.dir, core: serverCore, upstream: upstream.url, tokens: asked.tokens, bin: asked.bin };

  const starts: StartRow[] = [];
  if (asked.works?.includes('start') ?? true) {
    for (const contestant of present) {
      say(`start ${contestant.name}`);
      starts.push(await measureStarts(contestant, context, { rounds: asked.rounds, cores, signal }));
    }
  }
  const field = createField(present, context, stack);
  const names = new Set(present.map(({ name }) => name));
  const done: WorkResult[] = [];
  for (const work of works) {
    if (asked.works?.includes(work.name) ?? true) {
      const { connections, seconds, warmSeconds, rounds } = asked;
      done.push(
        await runWork(work, names, field, {
          core: loadCore,
          dir: temp.dir,
          connections,
          cores,
          seconds,
          warmSeconds,
          rounds,
          signal,
          say,
        }),
      );
    }
  }
  const { seconds, rounds, warmSeconds, connections, tokens } = asked;
  return {
    at,
    ...(await describeCommit()),
    machine: await describeMachine(temp.dir),
    settings: { seconds, rounds, warmSeconds, connections, tokens },
    works: done,
    starts,
    missing,
  };
}

/** Which contestants can be had. */
async function findPresent(
  asked: Options,
): Promise<{ readonly present: readonly Contestant[]; readonly missing: Result['missing'] }> {
  const prerequisites = createPrerequisites(say);
  const present: Contestant[] = [];
  const missing: { contestant: string; reason: string }[] = [];
  for (const contestant of contestants) {
    if (!(asked.only?.includes(contestant.name) ?? true)) continue;
    try {
      await contestant.prepare(prerequisites, asked.bin);
      present.push(contestant);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      say(`missing: ${contestant.name}: ${reason}`);
      missing.push({ contestant: contestant.name, reason });
    }
  }
  return { present, missing };
}

function rejectUnknown(
  kind: string,
  asked: readonly string[] | undefined,
  known: readonly { readonly name: string }[],
): void {
  const unknown = asked?.find((name) => !known.some((each) => each.name === name));
  if (unknown !== undefined)
    throw new Error(`no ${kind} ${unknown}: there are ${known.map(({ name }) => name).join(', ')}`);
}

function save(result: Result, out: string | undefined): void {
  const path = out ?? join(resultsDir, `${result.at.slice(0, 10)}-${result.commit}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
  say(`written ${path}`);
}

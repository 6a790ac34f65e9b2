// What each kind of token store does a second with many live tokens in it: save, find, rotate, consume, at 32 and 256 callers.
//   node bench/stores.ts [--kinds sqlite,postgres,…] [--rows 1000000] [--seconds 3] [--limit-minutes 60] [--no-save]
//   node bench/stores.ts --growth [--kinds sqlite,postgres] [--steps 1000000,3000000,10000000] [--minutes 25]
// Engines are started here, on loopback, in temporary folders, and removed at the end. Every answer is checked. Exit code 1 when an operation
// failed or a kind could not be measured. `--minutes` bounds the growth of each kind: it is then told how far it got.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { createOwnFolder } from './own-folder.ts';
import { describeCommit, describeHost } from './place.ts';
import { renderTable, resultsDir } from './report.ts';
import { prepareBare } from './store-bare.ts';
import { ENGINES, type Engine, startEngine } from './store-engines.ts';
import { fill, measure, type Outcome, prepare, WORKS } from './store-work.ts';

const CALLERS = [32, 256];
/** Codes a second that are made beforehand: more than any engine consumes. */
const CODES_A_SECOND = 25_000;

const { values } = parseArgs({
  options: {
    kinds: { type: 'string' },
    rows: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '3' },
    'limit-minutes': { type: 'string', default: '60' },
    growth: { type: 'boolean', default: false },
    steps: { type: 'string', default: '1000000,3000000,10000000' },
    minutes: { type: 'string', default: '25' },
    'no-save': { type: 'boolean', default: false },
  },
});
const kinds = values.kinds?.split(',') ?? (values.growth ? ['sqlite', 'postgres'] : [...ENGINES]);
const rows = Number(values.rows);
const durationMs = Number(values.seconds) * 1000;
const steps = values.steps.split(',').map(Number);
let endsAt = systemClock.monotonic() + Number(values['limit-minutes']) * 60_000;

interface Measured extends Outcome {
  readonly kind: string;
  /** One of {@link WORKS}, or what is done by the engine's own client: `bare insert`, `bare set`. */
  readonly work: string;
  readonly callers: number;
}

interface Filled {
  readonly kind: string;
  readonly rows: number;
  readonly filledPerSecond: number;
  /** On disk, Redis and memory: in memory; of the whole engine, less what it took empty. */
  readonly bytesPerToken: number | undefined;
}

interface Grown extends Filled {
  readonly bytes: number | undefined;
  readonly find: Outcome;
}

// What is under way ends, and everything is removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endsAt = 0;
  });

const measured: Measured[] = [];
const filled: Filled[] = [];
const grown: Grown[] = [];
const failures: string[] = [];

const open = (engine: Engine): Promise<TokenStore> => {
  const { url, dataDir } = engine;
  return openTokenStore(url, { clock: systemClock, logger: noLogger, retentionMs: 7_200_000, dataDir });
};

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Of memory what this process keeps counts. */
async function bytesOf(engine: Engine): Promise<number | undefined> {
  if (engine.name !== 'memory') return engine.bytes();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const perToken = (before: number | undefined, after: number | undefined, tokens: number) =>
  before === undefined || after === undefined ? undefined : Math.round((after - before) / tokens);

/** Of the time that is left each kind still to come has the same share; two thirds of it may go into filling. */
function fillUntil(kind: string): number {
  const now = systemClock.monotonic();
  return now + ((endsAt - now) / (kinds.length - kinds.indexOf(kind))) * (2 / 3);
}

async function measureKind(kind: string, base: string): Promise<void> {
  await using engine = await startEngine(kind, base);
  await using store = await open(engine);
  const before = await bytesOf(engine);
  const { filled: tokens, perSecond } = await fill(store, 0, rows, fillUntil(kind));
  filled.push({
    ...{ kind, rows: tokens, filledPerSecond: perSecond },
    bytesPerToken: perToken(before, await bytesOf(engine), tokens),
  });
  console.log(JSON.stringify(filled.at(-1)));
  for (const callers of CALLERS) {
    for (const work of WORKS) {
      if (systemClock.monotonic() > endsAt) throw new Error('the time is up');
      const codes = Math.ceil((durationMs / 1000) * CODES_A_SECOND);
      // As many as can be made in the time that is measured: an engine that makes few consumes few.
      const made = Math.min(codes, Math.ceil((perSecond * durationMs) / 1000) + 1000);
      note({
        kind,
        work,
        callers,
        ...(await measure(await prepare(work, store, { rows: tokens, codes: made }), callers, durationMs)),
      });
    }
    await using bare = await prepareBare(engine);
    if (bare !== undefined)
      note({ kind, work: bare.name, callers, ...(await measure(() => bare.call, callers, durationMs)) });
  }
}

function note(one: Measured): void {
  measured.push(one);
  console.log(JSON.stringify(one));
}

async function grow(kind: string, base: string): Promise<void> {
  await using engine = await startEngine(kind, base);
  await using store = await open(engine);
  const until = Math.min(endsAt, systemClock.monotonic() + Number(values.minutes) * 60_000);
  const empty = await bytesOf(engine);
  let from = 0;
  for (const step of steps) {
    const { filled: to, perSecond } = await fill(store, from, step, until);
    if (to === from) break;
    const find = await measure(await prepare('find', store, { rows: to, codes: 0 }), 32, durationMs);
    const bytes = await bytesOf(engine);
    grown.push({ kind, rows: to, filledPerSecond: perSecond, bytes, bytesPerToken: perToken(empty, bytes, to), find });
    console.log(JSON.stringify(grown.at(-1)));
    from = to;
    if (to < step) break;
  }
}

const number = (value: number | undefined) => (value === undefined ? '–' : String(value));

function render(): string {
  if (values.growth)
    return renderTable(
      ['store', 'tokens', 'inserted/s', 'MiB', 'bytes/token', 'finds/s', 'p50 ms', 'p99 ms', 'errors'],
      grown.map(({ kind, find, bytes, ...one }) => [
        ...[kind, number(one.rows), number(one.filledPerSecond)],
        ...[number(bytes === undefined ? undefined : Math.round(bytes / 2 ** 20)), number(one.bytesPerToken)],
        ...[find.perSecond, find.p50, find.p99, find.errors].map(number),
      ]),
    );
  const cells = measured.map((one) => [
    ...[one.kind, one.work, String(one.callers)],
    ...[one.perSecond, one.p50, one.p99, one.max, one.errors].map(number),
  ]);
  const sizes = filled.map((one) => [
    one.kind,
    number(one.rows),
    number(one.filledPerSecond),
    number(one.bytesPerToken),
  ]);
  return [
    renderTable(['store', 'work', 'callers', 'a second', 'p50 ms', 'p99 ms', 'max ms', 'errors'], cells),
    renderTable(['store', 'tokens', 'filled/s', 'bytes/token'], sizes),
  ].join('\n\n');
}

const temp = createOwnFolder(Number(values['limit-minutes']) * 60_000);
try {
  for (const kind of kinds) {
    try {
      if (systemClock.monotonic() > endsAt) throw new Error('the time is up');
      await (values.growth ? grow : measureKind)(kind, temp.dir);
    } catch (error) {
      failures.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(failures.at(-1));
    }
  }
  console.log(`\n${render()}`);
  const errors = [...measured, ...grown.map(({ find }) => find)].reduce((sum, one) => sum + one.errors, 0);
  if (errors > 0 || failures.length > 0) process.exitCode = 1;
  if (!values['no-save']) {
    const at = new Date().toISOString();
    const settings = values.growth ? { steps, callers: 32 } : { rows, seconds: durationMs / 1000, callers: CALLERS };
    const result = {
      ...{ at, ...(await describeCommit()), machine: await describeHost(temp.dir), settings },
      ...(values.growth ? { grown } : { filled, measured }),
      failures,
    };
    const file = path.join(resultsDir, `${at.slice(0, 10)}-stores${values.growth ? '-growth' : ''}.json`);
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    console.log(`Written to ${file}.`);
  }
} finally {
  temp.remove();
}

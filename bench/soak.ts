// That the tables of the SQLite token store stay bounded under a constant rate of issuing: lives of seconds and the real sweep, for some minutes.
//   node bench/soak.ts [--minutes 4] [--flows 100] [--no-save]
// A flow is a sign-in, a code, its exchange, an assertion and a refresh: ten rows in six tables. Exit code 1 when a table exceeds its bound.

import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { createTempDir, describeCommit, describeHost } from './place.ts';
import { renderTable, resultsDir } from './report.ts';
import { LIVES, ROWS_A_FLOW, runFlow } from './soak-flow.ts';

const RETENTION_MS = 5000;
const SWEEP_MS = 2000;
/** Beside lives and retention: sweeps that are late on a busy machine. */
const SLACK_MS = 3 * SWEEP_MS;
const TICK_MS = 100;
const SAMPLES = 24;
/** Flows under way at once; further ones are left out and counted. */
const UNDER_WAY = 2000;

type Table = keyof typeof ROWS_A_FLOW;
const TABLES = ['access', 'refresh', 'codes', 'grants', 'transients', 'once'] as const satisfies readonly Table[];

/** For how long a row of a table may be there. */
const STAYS: Readonly<Record<Table, number>> = {
  access: LIVES.access + RETENTION_MS,
  refresh: LIVES.refresh + RETENTION_MS,
  codes: LIVES.code + RETENTION_MS,
  grants: LIVES.refresh + 60_000, // a minute for requests under way, which is longer than the retention here
  transients: LIVES.transient,
  once: LIVES.once,
};

interface Sample {
  readonly seconds: number;
  readonly sizes: Readonly<Record<string, number>>;
  /** Database and write-ahead log. */
  readonly fileMiB: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    flows: { type: 'string', default: '100' },
    'no-save': { type: 'boolean', default: false },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const flowsPerSecond = Number(values.flows);
if (!(durationMs > 0 && flowsPerSecond > 0)) throw new RangeError('--minutes and --flows must be above 0.');

/** Starts flows at the constant rate until the time is over. */
async function issue(store: TokenStore): Promise<{ readonly done: number; readonly leftOut: number }> {
  const begin = systemClock.monotonic();
  const underWay = new Set<Promise<void>>();
  let [started, leftOut] = [0, 0];
  while (systemClock.monotonic() - begin < durationMs) {
    const due = Math.floor(((systemClock.monotonic() - begin) / 1000) * flowsPerSecond);
    for (; started + leftOut < due; ) {
      if (underWay.size >= UNDER_WAY) leftOut += 1;
      else {
        started += 1;
        const flow = runFlow(store, systemClock, started).finally(() => underWay.delete(flow));
        underWay.add(flow);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(underWay);
  return { done: started, leftOut };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function run(file: string): Promise<boolean> {
  const options = { clock: systemClock, logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: SWEEP_MS };
  await using store = await openTokenStore(`sqlite:${file}`, options);
  const begin = systemClock.monotonic();
  const samples: Sample[] = [];
  const sample = async () => {
    const sizes = await store.sizes();
    const fileMiB = Math.round(((sizeOf(file) + sizeOf(`${file}-wal`)) / 2 ** 20) * 10) / 10;
    samples.push({ seconds: Math.round((systemClock.monotonic() - begin) / 1000), sizes, fileMiB });
    console.log(JSON.stringify(samples.at(-1)));
  };
  const timer = setInterval(() => void sample(), durationMs / SAMPLES);
  const { done, leftOut } = await issue(store);
  clearInterval(timer);
  const seconds = (systemClock.monotonic() - begin) / 1000;

  const rows = TABLES.map((table) => {
    const bound = Math.ceil((ROWS_A_FLOW[table] * flowsPerSecond * (STAYS[table] + SLACK_MS)) / 1000);
    const largest = Math.max(...samples.map(({ sizes }) => sizes[table] ?? 0));
    return { table, written: done * ROWS_A_FLOW[table], largest, bound, isBounded: largest <= bound };
  });
  const cells = rows.map(({ table, written, largest, bound }) => [table, `${written}`, `${largest}`, `${bound}`]);
  console.log(renderTable(['table', 'rows written', 'largest', 'bound'], cells));
  const isBounded = rows.every((row) => row.isBounded);
  console.log(
    `${done} flows in ${seconds.toFixed(0)} s, ${leftOut} left out. ${isBounded ? 'Bounded' : 'NOT bounded'}.`,
  );
  if (!values['no-save']) {
    const at = new Date().toISOString();
    const result = {
      ...{ at, ...(await describeCommit()), machine: await describeHost('.'), flowsPerSecond, lives: LIVES },
      ...{ retentionMs: RETENTION_MS, sweepMs: SWEEP_MS, flows: done, leftOut, rows, samples },
    };
    const saved = join(resultsDir, `${at.slice(0, 10)}-soak.json`);
    writeFileSync(saved, `${JSON.stringify(result, undefined, 2)}\n`);
    console.log(`Written to ${saved}.`);
  }
  return isBounded;
}

const temp = createTempDir();
try {
  if (!(await run(join(temp.dir, 'tokens.db')))) process.exitCode = 1;
} finally {
  temp.remove();
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noisyAbovePercent } from './background.ts';
import type { Memory } from './proc.ts';
import type { Result, Row, StartRow, WorkResult } from './result.ts';
import { startLimitMs, type Work, workerLimitMiB, works } from './work.ts';

/** Where results are kept. */
export const resultsDir = join(import.meta.dirname, 'results');

/** A result as markdown, readable in a terminal too. */
export function renderReport(result: Result): string {
  const { seconds, rounds, connections } = result.settings;
  const machine = Object.entries(result.machine).map(([name, value]) => `${name} ${value}`);
  return [
    `Measured ${result.at.slice(0, 10)} at ${result.commit}${result.dirty ? ' with changes' : ''}: one core for the server, ${connections} connections, ${seconds} s × ${rounds} rounds in turn, medians.`,
    `${machine.join(', ')}.`,
    ...result.works.flatMap(renderWork),
    ...renderMemory(result.works),
    ...renderStarts(result.starts),
    ...result.missing.map(({ contestant, reason }) => `Missing: ${contestant} (${reason}).`),
  ].join('\n\n');
}

function renderWork(result: WorkResult): readonly string[] {
  const against = result.baseline;
  const head = [
    'contestant',
    'req/s',
    'p50 ms',
    'p99 ms',
    'CPU µs/req',
    `× ${against} by CPU`,
    `× ${against} by req/s`,
    'core %',
    'background %',
  ];
  return [
    `**${result.name}**: ${result.about}${result.noisy ? ' (noisy)' : ''}`,
    renderTable(
      head,
      result.rows.flatMap((row) => renderRow(row)),
    ),
    ...result.rows.flatMap(({ contestant, failed }) => renderFailure(contestant, failed)),
    ...renderVerdict(result),
  ];
}

function renderFailure(contestant: string, reason: string | undefined): readonly string[] {
  return reason === undefined ? [] : [`Failed: ${contestant}: ${reason.slice(0, 400)}`];
}

function renderRow(row: Row): readonly (readonly string[])[] {
  const label = row.request === 'verified' ? `${row.contestant} verified` : row.contestant;
  const { figures } = row;
  if (row.failed !== undefined || figures === undefined) return [[label, 'failed']];
  const cells = [
    label,
    fixed(figures.perSecond, 0),
    fixed(figures.p50Ms, 2),
    fixed(figures.p99Ms, 2),
    fixed(figures.cpuUs, 1),
    fixed(figures.cpuRatio, 2),
    fixed(figures.throughputRatio, 2),
    fixed(figures.corePercent, 0),
    fixed(figures.backgroundPercent, 0),
  ];
  if (figures.workerCpuUs === undefined) return [cells];
  return [cells, ['– its workers alone', '', '', '', fixed(figures.workerCpuUs, 1), fixed(figures.workerCpuRatio, 2)]];
}

function renderVerdict(result: WorkResult): readonly string[] {
  const work = works.find(({ name }) => name === result.name);
  const row = result.rows.find(({ contestant }) => contestant === 'gatewright');
  if (work === undefined || row === undefined) return [];
  return [`Verdict: ${judge(work, result, row)}.`];
}

function judge(work: Work, result: WorkResult, row: Row): string {
  if (row.failed !== undefined) return 'none, gatewright failed';
  if (result.noisy) return `none, noisy: more than ${noisyAbovePercent} % of a core was used by others`;
  const { by, expected, goal } = work.target;
  const ratio = by === 'cpu' ? row.figures?.cpuRatio : row.figures?.throughputRatio;
  if (ratio === undefined) return `none, ${work.baseline} was not measured`;
  const reached = (limit: number) => (ratio >= limit ? 'reached' : 'missed');
  const measure = by === 'cpu' ? 'CPU per request' : 'throughput';
  return `${fixed(ratio, 2)} × ${work.baseline} by ${measure}; expected ${expected} ${reached(expected)}, goal ${goal} ${reached(goal)}`;
}

function renderMemory(results: readonly WorkResult[]): readonly string[] {
  // The last work of each contestant: by then it has had all its load.
  const last = new Map(
    results
      .flatMap(({ rows }) => rows)
      .flatMap((row) => (row.memory === undefined ? [] : [[row.contestant, row.memory] as const])),
  );
  if (last.size === 0) return [];
  const both = (memory: Memory | undefined) =>
    memory === undefined ? '' : `${fixed(memory.rssMiB, 0)} (${fixed(memory.pssMiB, 0)})`;
  const lines = [...last].map(([name, memory]) => [
    name,
    both(memory.idle),
    both(memory.loaded),
    both(memory.workerIdle),
    both(memory.workerLoaded),
  ]);
  const worker = last.get('gatewright')?.workerLoaded;
  return [
    '**Memory** in MiB, resident (shared pages divided)',
    renderTable(['contestant', 'idle', 'after load', 'a worker idle', 'a worker after load'], lines),
    ...(worker === undefined
      ? []
      : [
          `Verdict: ${fixed(worker.rssMiB, 0)} MiB a worker after load; limit ${workerLimitMiB} ${worker.rssMiB <= workerLimitMiB ? 'kept' : 'missed'}.`,
        ]),
  ];
}

function renderStarts(rows: readonly StartRow[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row) =>
    row.failed === undefined
      ? [
          row.contestant,
          fixed(row.firstMs, 0),
          fixed(row.againMs, 0),
          fixed(row.againReadyMs, 0),
          fixed(row.backgroundPercent, 0),
        ]
      : [row.contestant, 'failed'],
  );
  return [
    '**Start** to the first right answer in ms, on all cores',
    renderTable(['contestant', 'in an empty folder', 'second start', 'of which until ready', 'background %'], lines),
    ...rows.flatMap(({ contestant, failed }) => renderFailure(contestant, failed)),
    ...judgeStart(rows.find(({ contestant }) => contestant === 'gatewright')),
  ];
}

function judgeStart(row: StartRow | undefined): readonly string[] {
  if (row?.againMs === undefined) return [];
  if ((row.backgroundPercent ?? 0) > noisyAbovePercent) return ['Verdict: none, noisy.'];
  return [
    `Verdict: ${fixed(row.againMs, 0)} ms from start to first token; limit ${startLimitMs} ${row.againMs <= startLimitMs ? 'kept' : 'missed'}.`,
  ];
}

export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, column) =>
      column === 0 ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits);
}

function findNewest(): Result | undefined {
  const results = readdirSync(resultsDir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(resultsDir, name), 'utf8')) as Result);
  return results.sort((a, b) => a.at.localeCompare(b.at)).at(-1);
}

if (import.meta.main) {
  const newest = findNewest();
  if (newest === undefined) throw new Error('no result yet: npm run bench');
  console.log(renderReport(newest));
}

// How many calls a second the counters take, at 1 and 32 callers a process: embedded (worker processes that ask this one, as a gateway's workers ask
// their primary) and on Redis.
//   node bench/counters.ts [--seconds 2] [--workers 8] [--redis redis://127.0.0.1:6379]
// Without `--redis` the embedded ones only. For counts `appendfsync everysec` is enough.

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '#core/clock';
import type { CounterAsk, CounterGrant, CounterRule, CounterStore } from '#core/counter-store';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { createCounterQuestions } from '#gateway/counter-questions';
import { openCounterKeeper } from '#stores/counters/keeper';
import { openCounters } from '#stores/counters/open';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    workers: { type: 'string', default: '8' },
    redis: { type: 'string' },
    work: { type: 'string' },
  },
});
const parts = { clock: systemClock, logger: noLogger, metrics: noMetrics };

/** What a process is to measure. */
interface Work {
  readonly url: string;
  /** One for each measurement. */
  readonly counter: string;
  readonly callers: number;
  readonly rule: CounterRule;
}

interface Rate {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

interface Question {
  readonly id: number;
  readonly asks: readonly CounterAsk[];
}

async function measure(store: CounterStore, { counter, callers, rule }: Work): Promise<Rate> {
  const beganAt = systemClock.monotonic();
  const until = beganAt + Number(values.seconds) * 1000;
  const latencies: number[] = [];
  let taken = 0;
  const call = async (): Promise<void> => {
    for (let at = beganAt; at < until; ) {
      const answer = store.take({ counter, identifier: 'everybody', rule, weight: 1 });
      if (answer instanceof Promise) await answer;
      taken += 1;
      if (taken % 500 === 0) await turn();
      const now = systemClock.monotonic();
      if (latencies.length < 1_000_000) latencies.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (systemClock.monotonic() - beganAt) / 1000;
  latencies.sort((a, b) => a - b);
  const rank = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { perSecond: taken / seconds, p50: rank(0.5), p99: rank(0.99) };
}

async function runChild(work: Work): Promise<void> {
  const questions = createCounterQuestions((id, asks) => process.send?.({ id, asks }));
  process.on('message', ({ id, grants }: { readonly id: number; readonly grants: readonly CounterGrant[] }) =>
    questions.answer(id, grants, ''),
  );
  const store = await openCounters(work.url, { ...parts, ask: (asks) => questions.ask(asks) });
  const rate = await measure(store, work);
  await store[Symbol.asyncDispose]();
  process.send?.({ rate }, () => process.disconnect?.());
}

/** Measures in so many processes at once; their rates are summed, their latencies those of the slowest. */
async function measureIn(processes: number, work: Work): Promise<Rate> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-bench-'));
  try {
    await using keeper = openCounterKeeper({ ...parts, file: path.join(folder, 'counters.db'), workers: processes });
    const args = ['--seconds', values.seconds, '--work', JSON.stringify(work)];
    const rates = await Promise.all(
      Array.from({ length: processes }, () => rateOf(fork(import.meta.filename, args), (asks) => keeper.ask(asks))),
    );
    return {
      perSecond: rates.reduce((sum, { perSecond }) => sum + perSecond, 0),
      p50: Math.max(...rates.map(({ p50 }) => p50)),
      p99: Math.max(...rates.map(({ p99 }) => p99)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rateOf(
  child: ChildProcess,
  ask: (asks: readonly CounterAsk[]) => Promise<readonly CounterGrant[]>,
): Promise<Rate> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`A process ended with ${code}.`))); // after its rate: too late to matter
    child.on('message', (message: Question | { readonly rate: Rate }) => {
      if ('rate' in message) resolve(message.rate);
      else void ask(message.asks).then((grants) => child.connected && child.send({ id: message.id, grants }));
    });
  });
}

async function runParent(): Promise<void> {
  const endsAt = systemClock.now() + 3_600_000;
  const rules: readonly (readonly [string, CounterRule])[] = [
    ['quota, much left', { kind: 'window', allow: 1_000_000_000, endsAt }],
    ['quota, used up', { kind: 'window', allow: 10_000, endsAt }],
    ['rolling quota', { kind: 'rolling', allow: 1_000_000_000, intervalMs: 60_000 }],
    ['rate, burst of 1', { kind: 'rate', everyMs: 0.000001, burst: 1 }], // no slices: every call is asked for
  ];
  console.log(
    '| counters | processes | callers each | rule | takes/s | p50 ms | p99 ms |\n|---|---:|---:|---|---:|---:|---:|',
  );
  const places = [['embedded', ''], ...(values.redis === undefined ? [] : [['Redis', values.redis]])];
  for (const [name = '', url = ''] of places) {
    for (const processes of [1, Number(values.workers)]) {
      for (const callers of [1, 32]) {
        for (const [what, rule] of rules) {
          const { perSecond, p50, p99 } = await measureIn(processes, {
            url,
            counter: `${processes}-${callers}-${what}`,
            callers,
            rule,
          });
          const cells = [name, processes, callers, what, Math.round(perSecond), p50.toFixed(3), p99.toFixed(2)];
          console.log(`| ${cells.join(' | ')} |`);
        }
      }
    }
  }
}

await (values.work === undefined ? runParent() : runChild(JSON.parse(values.work) as Work));

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#core/clock';
import { openExchangeStore } from './exchange-store.ts';
import { takeReport } from './report.ts';
import type { CallName, Calls, Question, Reply, ThreadData } from './thread-protocol.ts';

// Runs as a worker thread: SQLite is synchronous, and a long list or a large report must not hold up the management API.

const { path, retention }: ThreadData = workerData;
const store = openExchangeStore(path, retention, systemClock.monotonic);
const calls: Calls = { ...store, takeReport: (text, now, identity) => takeReport(store, text, { now, identity }) };

parentPort?.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    store.close();
    parentPort?.close();
    return;
  }
  const reply = (rest: { readonly result?: unknown; readonly error?: string }) =>
    parentPort?.postMessage({ id: question.id, ...rest, warnings: store.takeWarnings() } satisfies Reply);
  try {
    reply({ result: answer(question.call, question.args) });
  } catch (error) {
    reply({ error: error instanceof Error ? error.message : String(error) });
  }
});

function answer(call: CallName, args: readonly unknown[]): unknown {
  // The caller's side (exchange-log.ts) is typed by the same interface; between threads only the structure travels.
  return (calls[call] as (...args: readonly unknown[]) => unknown)(...args);
}

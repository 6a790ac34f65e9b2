// A thread that runs scripts, one at a time, away from the thread that serves requests.

import { parentPort } from 'node:worker_threads';
import { openSandbox, type ScriptRun } from './sandbox.ts';

/** Run before the first script: what is compiled only when it is used first takes no time from that script. */
const WARM_UP: ScriptRun = {
  source: "message.set('a', new Set([...message.get('a')].map(String)));",
  input: JSON.stringify({ attributes: { a: { s: ['a'] } }, writes: ['a'], headers: {}, query: {}, form: {} }),
  timeLimitMs: 1000,
  memoryLimitBytes: 8_388_608,
};

const run = await openSandbox(() => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
});
run(WARM_UP);
parentPort?.on('message', (job: ScriptRun) => parentPort?.postMessage(run(job)));
parentPort?.postMessage('ready');

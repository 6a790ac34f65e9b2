import { argon2Sync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { HashAnswer, HashQuestion } from './argon2.ts';

// Runs as a worker thread: the thread pool that DNS and files use stays free (decision 35).

parentPort?.on('message', ({ id, password, salt, cost }: HashQuestion) => {
  const hash = argon2Sync('argon2id', {
    message: password,
    nonce: salt,
    parallelism: cost.parallelism,
    tagLength: cost.bytes,
    memory: cost.memoryKiB,
    passes: cost.passes,
  });
  parentPort?.postMessage({ id, hash } satisfies HashAnswer);
});

import { Worker } from 'node:worker_threads';

import type { ImportProblem } from '#core/model/import';
import { ProblemError } from '#core/problem';
import type { OpenApiReading } from '../openapi/reading.ts';
import type { WsdlReading } from '../wsdl/read.ts';
import { UnreadableError } from './place.ts';

/** What is read, and as what. */
export type ReadRequest =
  | { readonly format: 'openapi'; readonly text: string; readonly url: string | undefined }
  | { readonly format: 'wsdl'; readonly text: string; readonly fileName: string };

/** Reads documents of strangers without holding up the manager. */
export interface DocumentReader {
  readOpenApi(text: string, url: string | undefined): Promise<OpenApiReading | UnreadReading>;
  readWsdl(text: string, fileName: string): Promise<WsdlReading | UnreadReading>;
}

/** A document that was too much: only the problem is known. */
export interface UnreadReading {
  readonly problems: readonly [ImportProblem];
}

/** True for a document that was too much to read. */
export function isUnread(reading: object): reading is UnreadReading {
  return !('unused' in reading);
}

/** Documents read at once, and how many more may wait. */
const MOST_AT_ONCE = 2;
const MOST_WAITING = 8;
const TIME_LIMIT_MS = 30_000;
const MEMORY_LIMIT_MB = 768;

/**
 * Reads each document in a thread of its own, ended afterwards: a hostile one costs at most its time and memory, and the API goes on
 * answering meanwhile.
 */
export function createDocumentReader(): DocumentReader {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function read<Reading>(request: ReadRequest): Promise<Reading | UnreadReading> {
    if (running >= MOST_AT_ONCE) {
      if (waiting.length >= MOST_WAITING)
        throw new ProblemError('unavailable', 'Too many documents are being read. Try again.');
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
    try {
      return await inThread<Reading>(request);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  return {
    readOpenApi: (text, url) => read<OpenApiReading>({ format: 'openapi', text, url }),
    readWsdl: (text, fileName) => read<WsdlReading>({ format: 'wsdl', text, fileName }),
  };
}

function inThread<Reading>(workerData: ReadRequest): Promise<Reading | UnreadReading> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./read-thread.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
    });
    const timer = setTimeout(() => {
      resolve(unread(`Reading it takes longer than ${TIME_LIMIT_MS / 1000} s. Make the document smaller.`));
      void worker.terminate();
    }, TIME_LIMIT_MS);
    worker.once('message', (reading: Reading) => resolve(reading));
    worker.once('error', (error: Error & { readonly code?: string }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        resolve(unread('Reading it takes too much memory. Make the document smaller.'));
      else reject(error);
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      reject(new Error('The thread that reads a document ended without an answer.')); // without effect when it gave one
    });
  });
}

function unread(message: string): UnreadReading {
  return { problems: [new UnreadableError(message).problem] };
}

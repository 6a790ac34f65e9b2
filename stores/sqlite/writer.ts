import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ConfigurationError } from '#core/errors';
import type { Batch, WriterData, WriterMessage } from './batch.ts';
import { checkpoint, openForWriting } from './schema.ts';
import { createBatchWriter } from './write-batch.ts';

// The writer thread: the one place of this process that writes the token store. It commits whatever is queued at once, and does the work that
// would stall an event loop (sync, checkpoint, purge).

/** Values in one transaction at most: about 20 000 tokens, so that nobody waits long for the others. */
const GROUP_VALUES = 220_000;
/** What an operation counts as in that: it writes about ten times what a token does. */
const OPERATION_VALUES = 110;
/** After this long without work the write-ahead log is copied back, when nobody waits for it. */
const IDLE_MS = 1000;

function open({ file, epoch }: WriterData, port: MessagePort): DatabaseSync | undefined {
  try {
    return openForWriting(file, epoch);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({
      type: 'failed',
      message,
      isConfiguration: error instanceof ConfigurationError,
    } satisfies WriterMessage);
    return undefined;
  }
}

function serve(database: DatabaseSync, port: MessagePort): void {
  const writer = createBatchWriter(database);
  let idle: NodeJS.Timeout | undefined;

  port.on('message', (first: Batch | 'close') => {
    const group: Batch[] = [];
    let values = 0;
    let message: Batch | 'close' | undefined = first;
    while (message !== undefined && message !== 'close') {
      group.push(message);
      values += message.tokens.rows.length + OPERATION_VALUES * message.operations.length;
      message = values < GROUP_VALUES ? receiveMessageOnPort(port)?.message : undefined;
    }
    if (group.length > 0) port.postMessage({ type: 'results', results: writer.write(group) } satisfies WriterMessage);
    clearTimeout(idle);
    if (message === 'close') {
      database.close();
      port.close();
      return;
    }
    idle = setTimeout(() => checkpoint(database), IDLE_MS).unref();
  });
  port.postMessage({ type: 'ready' } satisfies WriterMessage);
}

if (parentPort !== null) {
  const database = open(workerData, parentPort);
  if (database !== undefined) serve(database, parentPort);
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isBusy } from '#core/sqlite';
import type { Batch, BatchResult } from './batch.ts';
import { createCopyIn } from './copy-in.ts';
import type { Input, Operation, OperationName, Operations } from './operation.ts';
import { createPurge } from './purge.ts';
import { createRecordCounts } from './record-count.ts';
import { createGrantOperations } from './write-grants.ts';
import { createRecordOperations } from './write-records.ts';
import { createStandingOperations } from './write-standing.ts';
import { createTokenWriter } from './write-tokens.ts';

/** At most about five seconds for the lock. */
const LOCK_TRIES = 10_000;
const LOCK_WAIT_MS = 0.5;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Writes batches: all of one call in one transaction (group commit). */
export interface BatchWriter {
  /** Durable when it returns. A transaction that cannot be committed fails all its batches. */
  write(batches: readonly Batch[]): BatchResult[];
}

/** Prepares the statements on the connection of {@link openForWriting}. */
export function createBatchWriter(database: DatabaseSync): BatchWriter {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const counts = createRecordCounts(database);
  const { count } = counts;
  const tokens = createTokenWriter(database, count);
  const purge = createPurge(database, count);
  const { killGrants, ...grantOperations } = createGrantOperations(database, { tokens, count });
  const single = {
    ...grantOperations,
    ...createRecordOperations(database, { killGrants, count }),
    ...createStandingOperations(database),
  };
  const copyIn = createCopyIn(database, { tokens, count, operations: single });
  const operations: Operations = { ...single, copyIn, purge: purge.run };

  function apply(batch: Batch): BatchResult {
    tokens.write(batch.tokens);
    const results = batch.operations.map((operation) => carryOut(operations, operation));
    return { number: batch.number, ok: true, results };
  }

  function isIdle({ tokens: { rows }, operations: asked }: Batch): boolean {
    return rows.length === 0 && asked.every((operation) => isPurge(operation) && purge.isIdle(operation.input));
  }

  return {
    write(batches) {
      try {
        if (batches.every(isIdle)) {
          return batches.map(({ number, operations: asked }) => ({ number, ok: true, results: asked.map(() => 0) }));
        }
        beginWhenFree(begin);
        const results = batches.map(apply);
        counts.write();
        commit.run();
        return results;
      } catch (error) {
        tokens.forget();
        counts.forget();
        if (database.isTransaction) database.exec('ROLLBACK');
        const message = error instanceof Error ? error.message : String(error);
        return batches.map(({ number }) => ({ number, ok: false, message }));
      }
    },
  };
}

function carryOut<Name extends OperationName>(
  operations: { readonly [Each in OperationName]: (input: Input<Each>) => unknown },
  { name, input }: Operation<Name>,
): unknown {
  return operations[name](input);
}

function isPurge(operation: Operation): operation is Operation<'purge'> {
  return operation.name === 'purge';
}

/**
 * Begins as soon as the other processes' writers let go. SQLite's own waiting sleeps up to 100 ms between two tries; commits take 1 to 5 ms.
 * This is the writer thread: nothing else waits with it.
 */
function beginWhenFree(begin: StatementSync): void {
  for (let tries = 1; ; tries += 1) {
    try {
      begin.run();
      return;
    } catch (error) {
      if (!isBusy(error) || tries === LOCK_TRIES) throw error;
      Atomics.wait(never, 0, 0, LOCK_WAIT_MS);
    }
  }
}

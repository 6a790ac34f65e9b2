import type { DatabaseSync } from 'node:sqlite';
import { inRange, rangeValues } from './count-reader.ts';
import { bucketOf, evenBuckets, type KeptCounts, stepSince } from './count-steps.ts';

/** An instant at which a version took the place of another. */
export interface Turn {
  readonly project: string;
  readonly serverGroup: string;
  /** The version that answers from then on. */
  readonly version: number;
  /** Epoch ms. */
  readonly at: number;
  /** How much of the time before and after is asked for. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Requests, those answered 4xx or 5xx, and those answered 5xx. */
export interface Around {
  readonly requests: number;
  readonly failed: number;
  readonly serverErrors: number;
}

/** What came before a turn and what after it, the after also by its buckets, oldest first. */
export interface TurnNumbers {
  readonly before: Around;
  readonly after: Around;
  readonly buckets: readonly (Around & { readonly at: number })[];
  /** Width of the buckets. */
  readonly bucketMs: number;
}

/** Hours are too wide to tell what came before from what came after. */
const WIDEST_MS = 60_000;

/**
 * What a turn did to the traffic: after it, what its version answered. In the bucket in which it lies the version tells on which side of it a
 * request was. Undefined when only
 * hours are kept of that time.
 */
export function readAround(db: DatabaseSync, turn: Turn, kept: KeptCounts): TurnNumbers | undefined {
  const baseMs = stepSince(kept, turn.at - turn.beforeMs);
  if (baseMs > WIDEST_MS) return undefined;
  const middle = bucketOf(turn.at, baseMs);
  const range = {
    buckets: evenBuckets(turn.at - turn.beforeMs, turn.at + turn.afterMs, baseMs),
    project: turn.project,
    serverGroups: [turn.serverGroup],
  };
  const rows = db
    .prepare(
      `SELECT t.at, t.version, sum(t.requests) AS requests, sum(iif(t.status >= 400, t.requests, 0)) AS failed,
       sum(iif(t.status >= 500, t.requests, 0)) AS server_errors FROM ${inRange('count_outcomes')} GROUP BY 1, 2 ORDER BY 1`,
    )
    .all(...rangeValues(range));
  const before = nothing();
  const after = nothing();
  const buckets: (ReturnType<typeof nothing> & { at: number })[] = [];
  for (const row of rows) {
    const at = Number(row.at);
    const isNew = at >= middle && Number(row.version) === turn.version;
    if (!isNew) {
      // What yet another version answered later is not its doing.
      if (at <= middle) add(before, row);
      continue;
    }
    add(after, row);
    if (buckets.at(-1)?.at !== at) buckets.push({ ...nothing(), at });
    const bucket = buckets.at(-1);
    if (bucket !== undefined) add(bucket, row);
  }
  return { before, after, buckets, bucketMs: baseMs };
}

function nothing() {
  return { requests: 0, failed: 0, serverErrors: 0 };
}

function add(sum: ReturnType<typeof nothing>, row: Readonly<Record<string, unknown>>): void {
  sum.requests += Number(row.requests);
  sum.failed += Number(row.failed);
  sum.serverErrors += Number(row.server_errors);
}

import type { DatabaseSync } from 'node:sqlite';
import type { CountStep } from './count-steps.ts';
import { STEPPED_TABLES } from './count-tables.ts';
import { USES_KEPT_MS } from './secret-use-counts.ts';

/** Buckets forgotten in one statement: what has gathered for long goes bit by bit, and nobody waits long in between. */
const BUCKETS_AT_ONCE = 20;
/** Statements of one call; what is left goes with the next, a minute later. */
const STATEMENTS_LIMIT = 200;

/** Forgets counts that are older than their width is kept. Rows lie in the order of time: it cuts off the begin. */
export function pruneCounts(db: DatabaseSync, steps: readonly CountStep[], now: number): void {
  let left = STATEMENTS_LIMIT;
  for (const { ms, keepMs } of steps)
    for (const table of STEPPED_TABLES) {
      const end = now - keepMs - ms;
      for (; left > 0; left -= 1) {
        const oldest = db.prepare(`SELECT min(at) AS at FROM ${table} WHERE step = ?`).get(ms)?.at;
        if (oldest === null || oldest === undefined || Number(oldest) > end) break;
        db.prepare(`DELETE FROM ${table} WHERE step = ? AND at < ?`).run(
          ms,
          Math.min(end + 1, Number(oldest) + BUCKETS_AT_ONCE * ms),
        );
      }
    }
  const keepMs = steps.at(-1)?.keepMs ?? 0;
  db.prepare('DELETE FROM counted_only WHERE minute < ?').run(now - keepMs);
  db.prepare('DELETE FROM secret_uses WHERE minute < ?').run(now - USES_KEPT_MS);
}

import type { Clock } from '#core/clock';
import type { ReadinessCheck } from './admin.ts';
import type { WorkerState } from './worker-pool.ts';

/** Difference to the manager's clock beyond which one of the two is wrong: tokens would expire at the wrong time. */
const CLOCK_TOLERANCE_MS = 30_000;
/** No machine that runs this program has an earlier date than its writing. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** What readiness is judged by. */
export interface ReadinessFacts {
  readonly workers: readonly WorkerState[];
  readonly wantedWorkers: number;
  /** undefined: the replica holds nothing. */
  readonly replicaSeq: number | undefined;
  readonly isDraining: boolean;
  /** The manager said that this gateway is no member of its server group any more. */
  readonly isRemoved: boolean;
  readonly clock: Clock;
  /** The manager's clock minus ours when it was last heard, ms. */
  readonly clockOffsetMs: number | undefined;
}

/** The checks of `/readyz`, all of them, good or not (decision 34). */
export function checkReadiness(facts: ReadinessFacts): readonly ReadinessCheck[] {
  const { workers, wantedWorkers, replicaSeq, isDraining, isRemoved, clock, clockOffsetMs } = facts;
  const serving = workers.filter(({ isListening, isServing }) => isListening && isServing).length;
  const refused = new Set(workers.flatMap((worker) => worker.refused.map(({ id }) => id))).size;
  const offset = Math.abs(clockOffsetMs ?? 0);
  const staleForMs = Math.max(0, ...workers.map((worker) => worker.staleForMs ?? 0));
  const isSane = clock.now() >= EARLIEST && offset <= CLOCK_TOLERANCE_MS;
  return [
    {
      name: 'deployments',
      ok: serving > 0,
      detail: `${serving} of ${wantedWorkers} workers serve${refused === 0 ? '' : `; ${refused} deployments are refused`}`,
    },
    {
      name: 'replica',
      ok: replicaSeq !== undefined,
      detail: replicaSeq === undefined ? 'nothing was fetched from the manager yet' : `good at number ${replicaSeq}`,
    },
    {
      name: 'membership',
      ok: !isRemoved,
      detail: isRemoved
        ? 'removed from its server group: it would hear of no revocation, so it serves nothing; join anew'
        : 'a member of its server group',
    },
    { name: 'drain', ok: !isDraining, detail: isDraining ? 'draining' : 'not draining' },
    {
      name: 'revocations',
      // What needs no token goes on, and so does everything where the server group says so: no reason to take all traffic away.
      ok: true,
      isDegraded: staleForMs > 0,
      detail:
        staleForMs === 0
          ? 'heard of in time'
          : `neither the manager nor the token store was heard for ${Math.round(staleForMs / 1000)} s`,
    },
    { name: 'clock', ok: isSane, detail: `${Math.round(offset)} ms from the manager's` },
  ];
}

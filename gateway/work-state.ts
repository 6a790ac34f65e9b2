import type { Logger } from '#core/logger';
import type { WorkerPool } from './worker-pool.ts';

/** What working and draining need. */
export interface WorkStateDeps {
  readonly logger: Logger;
  /** Starts workers. */
  openPool(): WorkerPool;
  /** How long the gateway says that it is not ready before it takes no new connections. */
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  /** It began or ended draining. */
  onChange(): void;
  /** It was removed; told once. */
  onRemoved(): void;
}

/** Whether the gateway works, drains, or stands idle, and why. */
export interface WorkState {
  /** The workers; undefined: it drained, and stands idle. */
  readonly pool: WorkerPool | undefined;
  /** True from the moment it is to drain until it works again. */
  readonly isDraining: boolean;
  readonly isRemoved: boolean;
  /** It drained because it was told to: nothing is served, and that is as it should be. */
  readonly isIdle: boolean;
  /** What the manager says. A removed gateway stays removed. */
  order(order: 'run' | 'drain' | 'removed'): void;
  /** Drains for good. */
  end(limits: { readonly delayMs: number; readonly timeoutMs: number }): Promise<void>;
}

/**
 * Starts working. Told to drain, the gateway is not ready, waits for load balancers to notice, finishes what is under way and stands idle,
 * with its feed and its replica going on; told to run again it starts new workers. One order is carried out after the other.
 */
export function createWorkState(deps: WorkStateDeps): WorkState {
  const { logger } = deps;
  let pool: WorkerPool | undefined = deps.openPool();
  let wanted: 'run' | 'drain' | 'removed' = 'run';
  let isEnding = false;
  let running: Promise<void> | undefined;
  const hurry = Promise.withResolvers<void>();

  const drain = async (delayMs: number, timeoutMs: number): Promise<void> => {
    const draining = pool;
    if (draining === undefined) return;
    await Promise.race([wait(delayMs), hurry.promise]);
    await draining.drain(timeoutMs);
    pool = undefined;
    deps.onChange();
  };
  const carryOut = async (): Promise<void> => {
    while (!isEnding && (wanted === 'run') !== (pool !== undefined)) {
      if (wanted === 'run') {
        logger.info({}, 'The gateway takes calls again');
        pool = deps.openPool();
        deps.onChange();
      } else await drain(deps.drainDelayMs, deps.drainTimeoutMs);
    }
  };

  return {
    get pool() {
      return pool;
    },
    get isDraining() {
      return isEnding || wanted !== 'run' || pool === undefined;
    },
    get isRemoved() {
      return wanted === 'removed';
    },
    get isIdle() {
      return wanted !== 'run' && pool === undefined;
    },
    order(order) {
      if (order === wanted || wanted === 'removed' || isEnding) return;
      wanted = order;
      if (order === 'removed') {
        logger.error({}, 'This gateway was removed from its server group; it drains and serves nothing more');
        deps.onRemoved();
      } else if (order === 'drain') logger.info({}, 'The gateway was told to drain');
      deps.onChange();
      running ??= carryOut().finally(() => {
        running = undefined;
      });
    },
    async end({ delayMs, timeoutMs }) {
      isEnding = true;
      deps.onChange();
      // Nobody waits for a gateway whose supervisor is gone.
      process.once('disconnect', () => hurry.resolve());
      if (delayMs === 0) hurry.resolve();
      if (running === undefined) await drain(delayMs, timeoutMs);
      else await Promise.race([running, wait(delayMs + timeoutMs)]);
      const left = pool;
      if (left !== undefined) await left.drain(0);
    },
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

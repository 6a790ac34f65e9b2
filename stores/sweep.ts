import { setTimeout } from 'node:timers/promises';
import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { TokenStore } from '#core/token-store';

const BATCH_ROWS = 1000;
/** Between two batches, so that tokens are issued meanwhile. */
const PAUSE_MS = 20;

/**
 * Removes dead rows every `intervalMs`, in small batches until none is left. Every process may do it: a row is removed once, and a pass that
 * finds nothing costs one look-up. Gives the function that ends it.
 */
export function startSweep(
  store: Pick<TokenStore, 'purge'>,
  { clock, logger, intervalMs }: { readonly clock: Clock; readonly logger: Logger; readonly intervalMs: number },
): () => void {
  let isClosed = false;
  let isRunning = false;
  const sweep = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      while (!isClosed && (await store.purge(clock.now(), BATCH_ROWS)) === BATCH_ROWS) {
        await setTimeout(PAUSE_MS, undefined, { ref: false });
      }
    } catch (error) {
      if (!isClosed) logger.warn({ err: error }, 'dead tokens could not be removed; it is tried again');
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void sweep(), intervalMs).unref();
  return () => {
    isClosed = true;
    clearInterval(timer);
  };
}

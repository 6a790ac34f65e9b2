import type { CounterAsk, CounterGrant, CounterKeeper } from '#core/counter-store';
import type { Logger } from '#core/logger';
import type { ToWorker } from './ipc.ts';

/** Answers workers' questions about counters, in the primary. Never rejects. */
export type CounterDesk = (id: number, asks: readonly CounterAsk[]) => Promise<Extract<ToWorker, { type: 'counters' }>>;

/** @param keeper undefined: the counts are kept elsewhere, and no worker should ask */
export function createCounterDesk(keeper: CounterKeeper | undefined, logger: Logger): CounterDesk {
  return async (id, asks) => {
    let grants: readonly CounterGrant[] | undefined;
    try {
      grants = await keeper?.ask(asks);
    } catch (error) {
      logger.error({ err: error }, 'A counter could not be asked');
    }
    return { type: 'counters', id, grants, problem: grants === undefined ? 'The gateway keeps no counts.' : '' };
  };
}

import type { BaseContext } from './context.ts';

/** What stands beside the API while the manager runs: the feed's readers, standings, gateways, exchange records. */
export interface Services {
  /** Runs after a commit with feed entries: wakes the feed's readers and writes standings. Never throws. */
  afterCommit(seq: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts them on an open, migrated database. */
export async function createServices(_base: BaseContext): Promise<Services> {
  return { afterCommit: async () => {}, close: async () => {} };
}

import type { Standing } from '#core/standing';
import type { TokenStore } from '#core/token-store';
import { NOW } from './sample-token.ts';

/** Registers one guarantee of the suite: a test with a fresh store. */
export interface Guarantee {
  (sentence: string, check: (store: TokenStore) => Promise<void>): void;
  /** One of engines that are purged; left out for those whose rows have a TTL. */
  ofPurge(sentence: string, check: (store: TokenStore) => Promise<void>): void;
}

/** A standing as the manager writes it. */
export function standing(changes: Partial<Standing>): Standing {
  return {
    kind: 'client',
    id: 'cli_A',
    generation: 1,
    active: true,
    by: 'priya',
    at: NOW + 5,
    reason: undefined,
    ...changes,
  };
}

/** A note of a revocation. */
export const note = (by: string, at = NOW + 5) => ({ by, at, reason: undefined });

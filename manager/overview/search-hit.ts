import type { SearchHit } from '#core/model/overview/screens';

/** Hits of each kind, at most. */
export const HITS_OF_KIND = 6;

/** A hit and how well it fits: 0 begins with what was typed, 1 has it inside. */
export interface RankedHit {
  readonly rank: 0 | 1;
  readonly hit: SearchHit;
}

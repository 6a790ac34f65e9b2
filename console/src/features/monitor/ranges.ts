import type { UrlState } from '../../components/url-state.ts';

const MINUTE = 60_000;

/** The stretches that the Monitor offers. */
export const RANGES = [
  { value: '5m', label: '5m', ms: 5 * MINUTE },
  { value: '30m', label: '30m', ms: 30 * MINUTE },
  { value: '3h', label: '3h', ms: 180 * MINUTE },
  { value: '24h', label: '24h', ms: 1440 * MINUTE },
  { value: '7d', label: '7d', ms: 10_080 * MINUTE },
] as const;

/** A stretch of time: up to now, or fixed after a zoom. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly isLive: boolean;
  readonly label: string;
}

/** What the address says, as a stretch. */
export function stretchOf({ range, from, to }: UrlState, now: number): Stretch {
  const begin = Number(from);
  const end = Number(to);
  if (from !== undefined && to !== undefined && begin < end)
    return { from: begin, to: end, isLive: false, label: 'the chosen stretch' };
  const chosen = RANGES.find(({ value }) => value === range) ?? RANGES[1];
  return { from: now - chosen.ms, to: now, isLive: true, label: `the last ${chosen.label}` };
}

import type { Around, TurnNumbers } from '../exchanges/count-around.ts';

/** The share of 5xx must be higher by this. */
const LEAST_DIFFERENCE = 0.05;
/** One request does not shout: so many, and so many of them 5xx. */
const LEAST_REQUESTS = 10;
const LEAST_ERRORS = 5;
/** What came before must be something to compare with. */
const LEAST_BEFORE = 5;
/** So many standard errors apart: chance alone does not bring it about, however much 5xx there was before. */
const LEAST_DEVIATIONS = 4;
/** So many buckets without more 5xx than before end it. */
const CALM_BUCKETS = 3;

/** 5xx since a deployment, higher than before it and still going on. */
export interface ServerErrorRun {
  /** Begin of its first bucket. */
  readonly from: number;
  /** Shares of 5xx, 0 to 1. */
  readonly before: number;
  readonly after: number;
}

/**
 * The run of buckets up to now in which the share of 5xx is higher than before the deployment; undefined when there is none, or when it may
 * be chance. A few calm buckets within it do not end it.
 */
export function findServerErrorRun({
  before,
  buckets,
}: Pick<TurnNumbers, 'before' | 'buckets'>): ServerErrorRun | undefined {
  if (before.requests < LEAST_BEFORE) return undefined;
  const limit = shareOf(before) + LEAST_DIFFERENCE;
  const run = { requests: 0, serverErrors: 0 };
  const ahead = { requests: 0, serverErrors: 0 };
  let from: number | undefined;
  let calm = 0;
  for (const bucket of buckets.toReversed()) {
    ahead.requests += bucket.requests;
    ahead.serverErrors += bucket.serverErrors;
    if (shareOf(bucket) >= limit) {
      Object.assign(run, ahead);
      from = bucket.at;
      calm = 0;
    } else {
      calm += 1;
      if (calm >= CALM_BUCKETS) break;
    }
  }
  if (from === undefined || run.requests < LEAST_REQUESTS || run.serverErrors < LEAST_ERRORS) return undefined;
  if (shareOf(run) < limit || deviations(before, run) < LEAST_DEVIATIONS) return undefined;
  return { from, before: shareOf(before), after: shareOf(run) };
}

type Share = Pick<Around, 'requests' | 'serverErrors'>;

function shareOf({ requests, serverErrors }: Share): number {
  return requests === 0 ? 0 : serverErrors / requests;
}

/** How many standard errors two shares are apart (two-proportion test with the pooled share). */
function deviations(a: Share, b: Share): number {
  const pooled = (a.serverErrors + b.serverErrors) / (a.requests + b.requests);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.requests + 1 / b.requests));
  return error === 0 ? 0 : (shareOf(b) - shareOf(a)) / error;
}

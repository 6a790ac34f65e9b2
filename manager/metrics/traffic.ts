import { UnavailableError } from '#core/errors';
import { COUNT_BUCKET_MS } from '#core/model/exchange-count';
import type { TrafficCount, TrafficPoint } from '#core/model/overview/traffic';
import type { ManagerContext } from '../context.ts';
import type { Classes, Percentiles } from '../exchanges/count-reader.ts';
import { type Bucket, bucketOf, evenBuckets } from '../exchanges/count-steps.ts';
import { bucketsSince } from './kept-range.ts';

// Answers for other screens, each with one question to the store of counts, however many are asked for. Undefined: the counts cannot be
// asked at the moment, and the screen leaves them out.

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HALF_HOUR_MS = 30 * MINUTE_MS;
const SPARK_STEP_MS = 30_000;

/** Requests of each of these projects (by name) since an instant, on all server groups; projects without any are left out. */
export async function trafficOfProjects(
  context: ManagerContext,
  names: readonly string[],
  sinceMs: number,
): Promise<ReadonlyMap<string, TrafficCount> | undefined> {
  const { exchanges } = context.services;
  const places = await unlessAway(exchanges.places(names, { buckets: bucketsSince(context, sinceMs) }));
  if (places === undefined) return undefined;
  const sums = new Map<string, { requests: number; failed: number }>();
  for (const place of places) {
    const sum = sums.get(place.project) ?? { requests: 0, failed: 0 };
    sum.requests += place.requests;
    sum.failed += place.clientErrors + place.serverErrors;
    sums.set(place.project, sum);
  }
  return sums;
}

/** Requests in the last minute of each of these projects on each server group: `project` → `server group` → requests. */
export async function requestsPerMinute(
  context: ManagerContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>> | undefined> {
  const { exchanges } = context.services;
  const places = await unlessAway(exchanges.places(names, { buckets: lastMinute(context) }));
  if (places === undefined) return undefined;
  const byProject = Map.groupBy(places, ({ project }) => project);
  return new Map(
    [...byProject].map(([project, found]) => [
      project,
      new Map(found.map(({ serverGroup, requests }) => [serverGroup, requests])),
    ]),
  );
}

/**
 * Requests of each of these clients (by id) since an instant; clients without any are left out. Undefined also when so many clients called
 * that some were counted without theirs: then it could not be told exactly.
 */
export async function trafficOfClients(
  context: ManagerContext,
  ids: readonly string[],
  sinceMs: number,
): Promise<ReadonlyMap<string, TrafficCount> | undefined> {
  return unlessAway(context.services.exchanges.clients(ids, { buckets: bucketsSince(context, sinceMs) }));
}

/** Requests of the last minute by class of status. */
export async function trafficOfLastMinute(context: ManagerContext): Promise<Classes | undefined> {
  return unlessAway(
    context.services.exchanges.classes({ buckets: bucketsSince(context, context.clock.now() - MINUTE_MS) }),
  );
}

/** How often each of these secrets was used in the last hour, exact to the minute; secrets that were not are left out. */
export async function countsOfSecrets(
  context: ManagerContext,
  secretIds: readonly string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  return unlessAway(context.services.exchanges.secretUses(secretIds, context.clock.now() - HOUR_MS));
}

/** The last half hour for the dashboard, in points of 30 s. */
export async function traffic30m(context: ManagerContext): Promise<
  | {
      /** Requests of the last whole minute. */
      readonly perMinute: number;
      /** 4xx and 5xx of all in the half hour, 0 to 1; left out without traffic. */
      readonly failedShare?: number;
      readonly p95?: number;
      readonly series: TrafficPoint[];
    }
  | undefined
> {
  const { exchanges } = context.services;
  const to = bucketOf(context.clock.now(), SPARK_STEP_MS) + SPARK_STEP_MS;
  const points = { from: to - HALF_HOUR_MS, to, stepMs: SPARK_STEP_MS };
  const buckets = evenBuckets(points.from, to, COUNT_BUCKET_MS);
  const [numbers, minute] = await Promise.all([
    unlessAway(exchanges.numbers({ buckets }, points)),
    unlessAway(exchanges.classes({ buckets: lastMinute(context) })),
  ]);
  if (numbers === undefined || minute === undefined) return undefined;
  const { requests, clientErrors, serverErrors, p95 } = numbers.totals;
  return {
    perMinute: minute.requests,
    ...(requests > 0 && { failedShare: (clientErrors + serverErrors) / requests }),
    ...(p95 !== undefined && { p95 }),
    series: numbers.series.map(pointOf),
  };
}

/** A point of a chart. */
export function pointOf(point: Classes & Percentiles & { readonly at: number }): TrafficPoint {
  const { at, requests, clientErrors, serverErrors, p50, p95, p99 } = point;
  return {
    ...{ at, ok: requests - clientErrors - serverErrors, clientError: clientErrors, serverError: serverErrors },
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  };
}

/** A whole minute, up to the end of the bucket that is being filled. */
function lastMinute({ clock }: ManagerContext): readonly Bucket[] {
  const to = bucketOf(clock.now(), COUNT_BUCKET_MS) + COUNT_BUCKET_MS;
  return evenBuckets(to - MINUTE_MS, to, COUNT_BUCKET_MS);
}

/** Undefined when the store of counts cannot be asked. */
export async function unlessAway<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

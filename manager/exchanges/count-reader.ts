import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { emptyLatencies, type LatencyCounts, percentile } from '#core/latency-histogram';
import { OTHER_CLIENTS } from '#core/model/exchange-count';
import type { TrafficCount } from '#core/model/overview/traffic';
import { type Bucket, bucketOf } from './count-steps.ts';
import { ALL_PROJECTS } from './count-tables.ts';
import { addBlob, bytesOf } from './latency-blob.ts';

/** Buckets of time, of one project or all, and of some server groups or all. */
export interface CountRange {
  readonly buckets: readonly Bucket[];
  readonly project?: string | undefined;
  /** Names of server groups; left out: all. */
  readonly serverGroups?: readonly string[] | undefined;
}

/** The points in which a range is shown. */
export interface Points {
  /** Epoch ms, a multiple of `stepMs`. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly stepMs: number;
}

/** Requests by class of status. */
export interface Classes {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

/** Percentiles in ms; left out of nothing. */
export interface Percentiles {
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
}

/** What the Monitor shows of a stretch, without names. */
export interface RangeNumbers {
  readonly totals: Classes & Percentiles & { readonly gatewayP95?: number };
  readonly series: readonly (Classes & Percentiles & { readonly at: number })[];
  /** Most first. */
  readonly statuses: readonly { readonly status: number; readonly requests: number }[];
  /** Without those that were not refused; most first. */
  readonly reasons: readonly { readonly code: string; readonly requests: number }[];
  /** Most first. */
  readonly callers: readonly {
    readonly clientId: string;
    readonly requests: number;
    readonly failed: number;
    readonly p95?: number;
  }[];
}

/** Requests of a project on a server group. */
export interface PlaceTraffic extends Classes {
  readonly project: string;
  readonly serverGroup: string;
}

const MOST_SHOWN = 20;
const CALLERS_SHOWN = 10;

/** Rows of the buckets: a seek for each instead of a walk over everybody's rows. The value of its parameter is {@link bucketValue}. */
export const OF_BUCKETS = 't.step = b.value ->> 0 AND t.at = b.value ->> 1';

/** The buckets as a JSON list, which SQL takes as a table. */
export function bucketValue({ buckets }: Pick<CountRange, 'buckets'>): string {
  return JSON.stringify(buckets);
}

/** A table joined with the range's buckets; the values of its parameters are {@link rangeValues}. */
export function inRange(table: string): string {
  return `json_each(?) b CROSS JOIN ${table} t ON ${OF_BUCKETS} AND t.project = ? AND ${OF_GROUPS}`;
}

/** What {@link inRange} asks for. */
export function rangeValues(range: CountRange): SQLInputValue[] {
  return [bucketValue(range), range.project ?? ALL_PROJECTS, ...groupValues(range)];
}

/** Rows of the wanted server groups; the values of its parameters are {@link groupValues}. */
export const OF_GROUPS = '(? IS NULL OR t.server_group IN (SELECT value FROM json_each(?)))';

/** The wanted server groups as SQL takes them. */
export function groupValues({ serverGroups }: Pick<CountRange, 'serverGroups'>): SQLInputValue[] {
  const groups = serverGroups === undefined ? null : JSON.stringify(serverGroups);
  return [groups, groups];
}

/** Everything that the Monitor shows of a stretch. */
export function readNumbers(db: DatabaseSync, range: CountRange, { from, to, stepMs }: Points): RangeNumbers {
  const rows = db
    .prepare(
      `SELECT t.at, t.requests, t.client_errors, t.server_errors, t.took, t.added FROM ${inRange('count_traffic')}`,
    )
    .all(...rangeValues(range));
  const whole = { ...noClasses(), took: emptyLatencies() };
  const added = emptyLatencies();
  const points = new Map<number, Sum>();
  for (let at = bucketOf(from, stepMs); at < to; at += stepMs) points.set(at, { ...noClasses(), took: undefined });
  for (const row of rows) {
    const point = points.get(bucketOf(Number(row.at), stepMs));
    if (point === undefined) continue;
    point.took ??= emptyLatencies();
    for (const sum of [whole, point]) {
      sum.requests += Number(row.requests);
      sum.clientErrors += Number(row.client_errors);
      sum.serverErrors += Number(row.server_errors);
    }
    addBlob(whole.took, bytesOf(row.took));
    addBlob(point.took, bytesOf(row.took));
    addBlob(added, bytesOf(row.added));
  }
  const gatewayP95 = percentile(added, 0.95);
  return {
    totals: { ...classesOf(whole), ...percentilesOf(whole.took), ...(gatewayP95 !== undefined && { gatewayP95 }) },
    series: [...points].map(([at, sum]) => ({ at, ...classesOf(sum), ...percentilesOf(sum.took) })),
    ...readOutcomes(db, range),
    callers: readCallers(db, range),
  };
}

interface Sum {
  requests: number;
  clientErrors: number;
  serverErrors: number;
  took: LatencyCounts | undefined;
}

function noClasses() {
  return { requests: 0, clientErrors: 0, serverErrors: 0 };
}

function classesOf({ requests, clientErrors, serverErrors }: Classes): Classes {
  return { requests, clientErrors, serverErrors };
}

function percentilesOf(counts: LatencyCounts | undefined): Percentiles {
  if (counts === undefined) return {};
  const [p50, p95, p99] = [percentile(counts, 0.5), percentile(counts, 0.95), percentile(counts, 0.99)];
  if (p50 === undefined || p95 === undefined || p99 === undefined) return {};
  return { p50, p95, p99 };
}

function readOutcomes(db: DatabaseSync, range: CountRange): Pick<RangeNumbers, 'statuses' | 'reasons'> {
  const rows = db
    .prepare(`SELECT t.status, t.code, sum(t.requests) AS n FROM ${inRange('count_outcomes')} GROUP BY 1, 2`)
    .all(...rangeValues(range));
  const statuses = new Map<number, number>();
  const reasons = new Map<string, number>();
  for (const { status, code, n } of rows) {
    statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + Number(n));
    if (code !== '') reasons.set(String(code), (reasons.get(String(code)) ?? 0) + Number(n));
  }
  return {
    statuses: mostFirst(statuses).map(([status, requests]) => ({ status, requests })),
    reasons: mostFirst(reasons).map(([code, requests]) => ({ code, requests })),
  };
}

function mostFirst<Key>(sums: ReadonlyMap<Key, number>): [Key, number][] {
  return [...sums].sort(([, a], [, b]) => b - a).slice(0, MOST_SHOWN);
}

function readCallers(db: DatabaseSync, range: CountRange): RangeNumbers['callers'] {
  const most = db
    .prepare(
      `SELECT t.client_id, sum(t.requests) AS n, sum(t.failed) AS failed FROM ${inRange('count_callers')}
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${CALLERS_SHOWN}`,
    )
    .all(...rangeValues(range));
  const ids = most.map(({ client_id: id }) => String(id));
  const took = new Map(ids.map((id) => [id, emptyLatencies()]));
  // Only now the latencies, of those that are shown: a row each, found by its key.
  const rows = db.prepare(`SELECT t.client_id, t.took FROM ${OF_CLIENTS}`).all(...clientValues(db, range, ids));
  for (const row of rows) {
    const counts = took.get(String(row.client_id));
    if (counts !== undefined) addBlob(counts, bytesOf(row.took));
  }
  return most.map(({ client_id: id, n, failed }) => {
    const p95 = percentile(took.get(String(id)) ?? emptyLatencies(), 0.95);
    return { clientId: String(id), requests: Number(n), failed: Number(failed), ...(p95 !== undefined && { p95 }) };
  });
}

/** Requests of a stretch by class, as one sum. */
export function readClasses(db: DatabaseSync, range: CountRange): Classes {
  const row = db
    .prepare(
      `SELECT coalesce(sum(t.requests), 0) AS requests, coalesce(sum(t.client_errors), 0) AS client_errors,
       coalesce(sum(t.server_errors), 0) AS server_errors FROM ${inRange('count_traffic')}`,
    )
    .get(...rangeValues(range));
  return {
    requests: Number(row?.requests),
    clientErrors: Number(row?.client_errors),
    serverErrors: Number(row?.server_errors),
  };
}

/** Requests of a stretch for each of these projects on each server group that had any. */
export function readPlaces(db: DatabaseSync, projects: readonly string[], range: CountRange): PlaceTraffic[] {
  return db
    .prepare(
      `SELECT t.project, t.server_group, sum(t.requests) AS requests, sum(t.client_errors) AS client_errors,
       sum(t.server_errors) AS server_errors
       FROM json_each(?) b CROSS JOIN json_each(?) p CROSS JOIN count_traffic t ON ${OF_BUCKETS} AND t.project = p.value
       GROUP BY 1, 2`,
    )
    .all(bucketValue(range), JSON.stringify(projects))
    .map((row) => ({
      project: String(row.project),
      serverGroup: String(row.server_group),
      requests: Number(row.requests),
      clientErrors: Number(row.client_errors),
      serverErrors: Number(row.server_errors),
    }));
}

/** Requests of a stretch for each of these clients that made any; undefined when some were counted without their client. */
export function readClients(
  db: DatabaseSync,
  clientIds: readonly string[],
  range: CountRange,
): ReadonlyMap<string, TrafficCount> | undefined {
  const rows = db
    .prepare(`SELECT t.client_id, sum(t.requests) AS requests, sum(t.failed) AS failed FROM ${OF_CLIENTS} GROUP BY 1`)
    .all(...clientValues(db, range, [...clientIds, OTHER_CLIENTS]));
  const found = new Map(
    rows.map((row) => [String(row.client_id), { requests: Number(row.requests), failed: Number(row.failed) }]),
  );
  return found.has(OTHER_CLIENTS) ? undefined : found;
}

/** Callers' rows by their whole keys; the values of its parameters are {@link clientValues}. */
const OF_CLIENTS = `json_each(?) b CROSS JOIN json_each(?) g CROSS JOIN json_each(?) c
  CROSS JOIN count_callers t ON ${OF_BUCKETS} AND t.project = ? AND t.server_group = g.value AND t.client_id = c.value`;

function clientValues(db: DatabaseSync, range: CountRange, clientIds: readonly string[]): SQLInputValue[] {
  const groups = db
    .prepare(`SELECT DISTINCT t.server_group FROM ${inRange('count_traffic')}`)
    .all(...rangeValues(range))
    .map((row) => String(row.server_group));
  return [bucketValue(range), JSON.stringify(groups), JSON.stringify(clientIds), range.project ?? ALL_PROJECTS];
}

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { OTHER_CLIENTS } from '#core/model/exchange-count';
import {
  bucketValue,
  type CountRange,
  groupValues,
  inRange,
  OF_BUCKETS,
  OF_GROUPS,
  rangeValues,
  readClients,
} from './count-reader.ts';
import { coveringBuckets, type KeptCounts } from './count-steps.ts';
import { ALL_PROJECTS } from './count-tables.ts';
import { type ExchangeFilter, statusRange } from './query.ts';

/**
 * How many exchanges match, counted exactly, also those without a record. `since` and `until` are taken to the bucket: 5 s in the last two
 * hours, a minute in the last two days, else an hour. Undefined when counts cannot tell: when it is asked for something that they do not
 * tell apart, or for a client while some were counted without theirs.
 */
export function countMatching(db: DatabaseSync, filter: ExchangeFilter, kept: KeptCounts): number | undefined {
  const { q, gateway, address, minMs, subscription, client } = filter;
  if ([q, gateway, address, minMs, subscription].some((asked) => asked !== undefined)) return undefined;
  const range = rangeOf(filter, kept);
  if (client === undefined) return countOutcomes(db, filter, range);
  if (filter.status === undefined && filter.code === undefined && filter.version === undefined) {
    const found = readClients(db, [client], range);
    return found === undefined ? undefined : (found.get(client)?.requests ?? 0);
  }
  return countCells(db, { ...filter, client }, range);
}

/** Gateways' clocks may be ahead: what they counted a moment from now belongs to now. */
const AHEAD_MS = 60_000;

function rangeOf({ since, until, project, serverGroups }: ExchangeFilter, kept: KeptCounts): CountRange {
  const buckets = coveringBuckets(since ?? 0, until ?? kept.now + AHEAD_MS, kept);
  return { buckets, project, serverGroups };
}

function countOutcomes(db: DatabaseSync, filter: ExchangeFilter, range: CountRange): number {
  const { version, project } = filter;
  const { sql, values } = conditions(filter);
  // The sum of all projects does not tell versions apart.
  if (version !== undefined && project === undefined)
    return sumOf(
      db.prepare(
        `SELECT sum(t.requests) AS n FROM ${ofAnyProject('count_outcomes')} WHERE t.project <> '${ALL_PROJECTS}' AND ${sql}`,
      ),
      [bucketValue(range), ...groupValues(range), ...values],
    );
  return sumOf(db.prepare(`SELECT sum(t.requests) AS n FROM ${inRange('count_outcomes')} WHERE ${sql}`), [
    ...rangeValues(range),
    ...values,
  ]);
}

function countCells(
  db: DatabaseSync,
  filter: ExchangeFilter & { readonly client: string },
  range: CountRange,
): number | undefined {
  const { sql, values } = conditions(filter);
  const count = (client: string) =>
    range.project === undefined
      ? sumOf(
          db.prepare(
            `SELECT sum(t.requests) AS n FROM ${ofAnyProject('count_cells')} WHERE t.client_id = ? AND ${sql}`,
          ),
          [bucketValue(range), ...groupValues(range), client, ...values],
        )
      : sumOf(
          db.prepare(`SELECT sum(t.requests) AS n FROM ${inRange('count_cells')} WHERE t.client_id = ? AND ${sql}`),
          [...rangeValues(range), client, ...values],
        );
  return count(OTHER_CLIENTS) > 0 ? undefined : count(filter.client);
}

function ofAnyProject(table: string): string {
  return `json_each(?) b CROSS JOIN ${table} t ON ${OF_BUCKETS} AND ${OF_GROUPS}`;
}

function conditions({ status, code, version }: ExchangeFilter): {
  readonly sql: string;
  readonly values: SQLInputValue[];
} {
  const parts: [sql: string, ...values: SQLInputValue[]][] = [['1']];
  const range = statusRange(status);
  if (range !== undefined) parts.push(['t.status BETWEEN ? AND ?', ...range]);
  if (code !== undefined) parts.push(['t.code = ?', code === 'ok' ? '' : code]);
  if (version !== undefined) parts.push(['t.version = ?', version]);
  return { sql: parts.map(([sql]) => sql).join(' AND '), values: parts.flatMap(([, ...values]) => values) };
}

function sumOf(statement: ReturnType<DatabaseSync['prepare']>, values: readonly SQLInputValue[]): number {
  return Number(statement.get(...values)?.n ?? 0);
}

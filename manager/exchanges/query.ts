import type { SQLInputValue } from 'node:sqlite';

/** Which exchanges are wanted. Filters are joined by *and*. */
export interface ExchangeFilter {
  /** `401`, or a class: `4xx`. */
  readonly status?: string | undefined;
  /** Reason code; `ok`: those that were not refused. */
  readonly code?: string | undefined;
  /** Name of the project. */
  readonly project?: string | undefined;
  /** Id or name of the client. */
  readonly client?: string | undefined;
  /** Epoch ms; from then on. */
  readonly since?: number | undefined;
  /** A request id, or a part of the path. */
  readonly q?: string | undefined;
}

/** A place in the list, newest first: the last exchange shown. */
export interface ExchangePlace {
  readonly at: number;
  readonly id: string;
}

/** A WHERE clause and its values. */
export interface Where {
  readonly sql: string;
  readonly values: SQLInputValue[];
}

/** The filter as SQL over a partition's columns. Values are always bound. */
export function whereOf(filter: ExchangeFilter, before: ExchangePlace | undefined): Where {
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  const status = statusRange(filter.status);
  if (status !== undefined) parts.push(['status BETWEEN ? AND ?', ...status]);
  if (filter.code === 'ok') parts.push(['code IS NULL']);
  else if (filter.code !== undefined) parts.push(['code = ?', filter.code]);
  if (filter.project !== undefined) parts.push(['project = ?', filter.project]);
  if (filter.client !== undefined) parts.push(['(client_id = ? OR client_name = ?)', filter.client, filter.client]);
  if (filter.since !== undefined) parts.push(['at >= ?', filter.since]);
  if (filter.q !== undefined) parts.push(['(id = ? OR instr(path, ?) > 0)', filter.q, filter.q]);
  if (before !== undefined) parts.push(['(at, id) < (?, ?)', before.at, before.id]);
  return joined(parts);
}

/** The filter as SQL over the exact counts; undefined when counts cannot tell (a path or an id was asked for). */
export function countWhereOf(filter: ExchangeFilter): Where | undefined {
  if (filter.q !== undefined) return undefined;
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  const status = statusRange(filter.status);
  if (status !== undefined) parts.push(['status BETWEEN ? AND ?', ...status]);
  if (filter.code !== undefined) parts.push(['code = ?', filter.code === 'ok' ? '' : filter.code]);
  if (filter.project !== undefined) parts.push(['project = ?', filter.project]);
  if (filter.client !== undefined) parts.push(['client_id = ?', filter.client]);
  if (filter.since !== undefined) parts.push(['minute >= ?', Math.floor(filter.since / 60_000) * 60_000]);
  return joined(parts);
}

function statusRange(status: string | undefined): [number, number] | undefined {
  if (status === undefined) return undefined;
  if (/^[1-5]xx$/.test(status)) return [Number(status[0]) * 100, Number(status[0]) * 100 + 99];
  return [Number(status), Number(status)];
}

function joined(parts: readonly (readonly [sql: string, ...values: SQLInputValue[]])[]): Where {
  return {
    sql: parts.length === 0 ? '1' : parts.map(([sql]) => sql).join(' AND '),
    values: parts.flatMap(([, ...values]) => values),
  };
}

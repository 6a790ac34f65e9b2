import type { SQLInputValue } from 'node:sqlite';

/** Which exchanges are wanted. Filters are joined by *and*. */
export interface ExchangeFilter {
  /** `401`, or a class: `4xx`. */
  readonly status?: string | undefined;
  /** Reason code; `ok`: those that were not refused. */
  readonly code?: string | undefined;
  /** Name of the project. */
  readonly project?: string | undefined;
  /** Version of the project that answered. */
  readonly version?: number | undefined;
  /** Id or name of the client. */
  readonly client?: string | undefined;
  /** Id of the subscription. */
  readonly subscription?: string | undefined;
  /** Names of server groups: any of them. */
  readonly serverGroups?: readonly string[] | undefined;
  /** Name or id of the gateway. */
  readonly gateway?: string | undefined;
  /** Address of the caller, or how it begins. */
  readonly address?: string | undefined;
  /** Took at least so long. */
  readonly minMs?: number | undefined;
  /** Epoch ms; from then on. */
  readonly since?: number | undefined;
  /** Epoch ms; before then. */
  readonly until?: number | undefined;
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
  if (filter.version !== undefined) parts.push(['version = ?', filter.version]);
  if (filter.client !== undefined) parts.push(['(client_id = ? OR client_name = ?)', filter.client, filter.client]);
  if (filter.subscription !== undefined) parts.push(['subscription_id = ?', filter.subscription]);
  if (filter.serverGroups !== undefined)
    parts.push(['server_group IN (SELECT value FROM json_each(?))', JSON.stringify(filter.serverGroups)]);
  if (filter.gateway !== undefined) parts.push(['(gateway = ? OR gateway_id = ?)', filter.gateway, filter.gateway]);
  if (filter.address !== undefined)
    parts.push(['substr(address, 1, ?) = ?', [...filter.address].length, filter.address]);
  if (filter.minMs !== undefined) parts.push(['took_ms >= ?', filter.minMs]);
  if (filter.since !== undefined) parts.push(['at >= ?', filter.since]);
  if (filter.until !== undefined) parts.push(['at < ?', filter.until]);
  if (filter.q !== undefined) parts.push(['(id = ? OR instr(path, ?) > 0)', filter.q, filter.q]);
  if (before !== undefined) parts.push(['(at, id) < (?, ?)', before.at, before.id]);
  return {
    sql: parts.length === 0 ? '1' : parts.map(([sql]) => sql).join(' AND '),
    values: parts.flatMap(([, ...values]) => values),
  };
}

/** Lowest and highest of a status or of a class of them. */
export function statusRange(status: string | undefined): [number, number] | undefined {
  if (status === undefined) return undefined;
  if (/^[1-5]xx$/.test(status)) return [Number(status[0]) * 100, Number(status[0]) * 100 + 99];
  return [Number(status), Number(status)];
}

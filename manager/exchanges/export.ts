import type { ExchangeRecord } from '#core/model/exchange-record';
import { csvLine } from '../csv.ts';
import type { ExchangeLog } from './exchange-log.ts';
import type { ExchangeFilter, ExchangePlace } from './query.ts';

/** Forms in which requests can be taken away, with their media types. */
export const EXPORT_MEDIA = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
} as const;
export type ExportFormat = keyof typeof EXPORT_MEDIA;

/** Most rows of one export, the newest. */
export const EXPORT_ROWS = 10_000;
const ROWS_AT_ONCE = 200;

const COLUMNS: readonly (readonly [title: string, value: (record: ExchangeRecord) => string | number | undefined])[] = [
  ['time', ({ at }) => new Date(at).toISOString()],
  ['request', ({ id }) => id],
  ['status', ({ status }) => status],
  ['code', ({ code }) => code ?? 'ok'],
  ['method', ({ method }) => method],
  ['host', ({ host }) => host],
  ['path', ({ path }) => path],
  ['tookMs', ({ tookMs }) => tookMs],
  ['project', ({ project }) => project],
  ['version', ({ version }) => version],
  ['resource', ({ resource }) => resource],
  ['clientId', ({ clientId }) => clientId],
  ['clientName', ({ clientName }) => clientName],
  ['subscriptionId', ({ subscriptionId }) => subscriptionId],
  ['tokenPrefix', ({ tokenPrefix }) => tokenPrefix],
  ['address', ({ remoteAddress }) => remoteAddress],
  ['serverGroup', ({ serverGroup }) => serverGroup],
  ['gateway', ({ gateway }) => gateway],
  ['target', ({ target }) => target?.url],
  ['targetStatus', ({ target }) => target?.status],
  ['requestBytes', ({ requestBytes }) => requestBytes],
  ['responseBytes', ({ responseBytes }) => responseBytes],
];

/** Records that match, newest first, at most {@link EXPORT_ROWS}; read a page at a time, so that none waits in memory. */
export async function* readMatching(
  log: Pick<ExchangeLog, 'list'>,
  filter: ExchangeFilter,
  signal: AbortSignal,
): AsyncGenerator<ExchangeRecord> {
  let left = EXPORT_ROWS;
  let before: ExchangePlace | undefined;
  do {
    const page = await log.list(filter, { before, limit: Math.min(left, ROWS_AT_ONCE) });
    yield* page.items;
    left -= page.items.length;
    before = page.next;
  } while (before !== undefined && left > 0 && !signal.aborted);
}

/** Records as text of a form, in pieces. */
export async function* exportRecords(
  records: AsyncIterable<ExchangeRecord>,
  format: ExportFormat,
): AsyncGenerator<string> {
  let separator = '\n';
  if (format === 'csv') yield csvLine(COLUMNS.map(([title]) => title));
  if (format === 'json') yield '[';
  for await (const record of records) {
    if (format === 'csv') yield csvLine(COLUMNS.map(([, value]) => value(record)));
    if (format === 'jsonl') yield `${JSON.stringify(record)}\n`;
    if (format === 'json') yield `${separator}${JSON.stringify(record)}`;
    separator = ',\n';
  }
  if (format === 'json') yield '\n]\n';
}

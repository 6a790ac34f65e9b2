import { setImmediate as breathe } from 'node:timers/promises';
import { sql } from 'kysely';
import type { AuditEntry } from '#core/model/audit-entry';
import { csvLine } from '../csv.ts';
import type { Reader } from '../database.ts';
import { where } from '../list.ts';
import type { AuditTable } from '../tables.ts';
import { entryOf } from './entry.ts';
import { type AuditFilter, conditionsOf } from './filter.ts';
import { readHead } from './trail.ts';

/** Forms in which the trail can be taken away. */
export const EXPORT_FORMATS = ['csv', 'json', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_MEDIA: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

/** Rows that are looked at before others get their turn. */
const WINDOW = 1000;
const COLUMNS = [
  ...['seq', 'time', 'actor', 'via', 'operation', 'objectKind', 'objectId', 'objectName', 'sentence'],
  ...['before', 'after', 'requestId', 'prevHash', 'hash'],
];

/** Entries as they stand in the database, oldest first, behind a number, up to the newest one when it begins; in bounded memory. */
export async function* readEntries(reader: Reader, filter: AuditFilter = {}, after = 0): AsyncGenerator<AuditEntry> {
  const { indexed, rest } = conditionsOf(filter);
  const end = await lastNumber(reader);
  let from = Math.max(after, (await firstNumber(reader)) - 1);
  while (from < end) {
    const to = from + WINDOW;
    const { rows } = await sql<AuditTable>`select * from audit
      ${where([sql`seq > ${from}`, sql`seq <= ${Math.min(to, end)}`, ...indexed, ...rest])} order by seq`.execute(
      reader,
    );
    for (const row of rows) yield entryOf(row);
    from = to;
    await breathe();
  }
}

/** The trail as text of a form, in pieces. */
export async function* exportEntries(entries: AsyncIterable<AuditEntry>, format: ExportFormat): AsyncGenerator<string> {
  let isFirst = true;
  if (format === 'csv') yield csvLine(COLUMNS);
  if (format === 'json') yield '[';
  for await (const entry of entries) {
    if (format === 'csv') yield csvLine(cellsOf(entry));
    if (format === 'jsonl') yield `${JSON.stringify(entry)}\n`;
    if (format === 'json') yield `${isFirst ? '\n' : ',\n'}${JSON.stringify(entry)}`;
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
}

function cellsOf(entry: AuditEntry): (string | number | undefined)[] {
  const { seq, at, actor, via, operation, objectKind, objectId, objectName, sentence } = entry;
  const state = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  return [
    ...[seq, new Date(at).toISOString(), actor, via, operation, objectKind, objectId, objectName, sentence],
    ...[state(entry.before), state(entry.after), entry.requestId, entry.prevHash, entry.hash],
  ];
}

async function lastNumber(reader: Reader): Promise<number> {
  const { rows } = await sql<{ seq: number | null }>`select max(seq) as seq from audit`.execute(reader);
  return Math.max(Number(rows[0]?.seq ?? 0), (await readHead(reader)).seq);
}

async function firstNumber(reader: Reader): Promise<number> {
  const { rows } = await sql<{ seq: number | null }>`select min(seq) as seq from audit`.execute(reader);
  return Number(rows[0]?.seq ?? 1);
}

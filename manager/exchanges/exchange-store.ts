import type { StatementSync } from 'node:sqlite';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import { isDamage, type OpenedFile, openExchangeFile, renewExchangeFile } from './exchange-file.ts';
import { HOUR_MS, hourOf, tableOf } from './partitions.ts';
import { countWhereOf, type ExchangeFilter, type ExchangePlace, whereOf } from './query.ts';

/** How much is kept: whichever bound is met first (decision 31). */
export interface Retention {
  readonly maxAgeMs: number;
  readonly limitBytes: number;
}

/** What of a report is written. */
export type ExchangeBatch = Pick<GatewayReport, 'gatewayId' | 'batchId' | 'records' | 'counts' | 'dropped'>;

/** One page of exchanges as JSON texts, newest first. `next`: where to go on; undefined at the end. */
export interface ExchangePage {
  readonly records: readonly string[];
  readonly next: ExchangePlace | undefined;
}

/** Exchanges of which only the number is known. */
export interface CountedOnly {
  readonly code: string;
  readonly project: string;
  readonly count: number;
}

/** Exchange records and exact counts in a file of their own, by the hour. Synchronous: it lives in a thread of its own. */
export interface ExchangeStore {
  /** Writes a batch in one transaction; false when it was written before (a gateway repeats what was not acknowledged). */
  write(batch: ExchangeBatch, now: number): boolean;
  /** The record's JSON, or undefined. */
  find(id: string): string | undefined;
  list(
    filter: ExchangeFilter,
    page: { readonly before?: ExchangePlace | undefined; readonly limit: number },
  ): ExchangePage;
  /** Exchanges that match, from the exact counts; undefined when they cannot tell. */
  count(filter: ExchangeFilter): number | undefined;
  /** What was counted only since an instant, most first. */
  countedOnly(since: number): readonly CountedOnly[];
  /** Forgets what is too old or too much. */
  retain(now: number): void;
  /** Warnings since the last call, for the log. */
  takeWarnings(): readonly string[];
  close(): void;
}

/** Batch ids remembered for each gateway: more than a gateway's spool has under way. */
const BATCHES_KEPT = 1000;
/** A list looks at further partitions only so long; then the page is short and says where to go on. */
const LIST_BUDGET_MS = 500;
const FEWEST_THINNED = 1000;

/** Opens the store. A damaged file never stops it: see {@link openExchangeFile}. */
export function openExchangeStore(path: string, retention: Retention, monotonic: () => number): ExchangeStore {
  const warnings: string[] = [];
  let file = adopt(openExchangeFile(path));
  let inserts = new Map<number, StatementSync>();

  function adopt(opened: OpenedFile): OpenedFile['file'] {
    if (opened.warning !== undefined) warnings.push(opened.warning);
    return opened.file;
  }

  /** Runs one step; when the file turns out damaged, begins a new one and runs it again there. */
  function mended<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (!isDamage(error)) throw error;
      file.db.close();
      inserts = new Map();
      file = adopt(renewExchangeFile(path, error));
      return step();
    }
  }

  function insertInto(hour: number): StatementSync {
    let statement = inserts.get(hour);
    if (statement === undefined) {
      file.partitions.make(hour);
      statement = file.db.prepare(`INSERT OR REPLACE INTO ${tableOf(hour)} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
      inserts.set(hour, statement);
    }
    return statement;
  }

  function insert(record: ExchangeRecord): void {
    const { id, at, status, code, project, clientId, clientName, path: pathText } = record;
    insertInto(hourOf(at)).run(
      ...[id, at, status, code ?? null, project ?? null, clientId ?? null, clientName ?? null, pathText],
      JSON.stringify(record),
    );
  }

  function inTransaction<T>(step: () => T): T {
    file.db.exec('BEGIN IMMEDIATE');
    try {
      const result = step();
      file.db.exec('COMMIT');
      return result;
    } catch (error) {
      if (file.db.isTransaction) file.db.exec('ROLLBACK');
      inserts = new Map();
      file.partitions.look(); // tables made in this transaction are gone
      throw error;
    }
  }

  function isNew({ gatewayId, batchId }: ExchangeBatch): boolean {
    const { db } = file;
    const newest = db.prepare('SELECT coalesce(max(n), 0) AS n FROM batches WHERE gateway_id = ?').get(gatewayId);
    const n = Number(newest?.n) + 1;
    const { changes } = db.prepare('INSERT OR IGNORE INTO batches VALUES (?, ?, ?)').run(gatewayId, n, batchId);
    if (changes === 0) return false;
    db.prepare('DELETE FROM batches WHERE gateway_id = ? AND n <= ?').run(gatewayId, n - BATCHES_KEPT);
    return true;
  }

  function addCounts(batch: ExchangeBatch, now: number): void {
    const add = file.db.prepare(`
      INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET count = count + excluded.count, took_ms_sum = took_ms_sum + excluded.took_ms_sum`);
    for (const { minute, project, version, status, code, clientId, count, tookMsSum } of batch.counts)
      add.run(minute, project, version, status, code === 'ok' ? '' : code, clientId, count, tookMsSum);
    const addOnly = file.db.prepare(
      'INSERT INTO counted_only VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    );
    const minute = Math.floor(now / 60_000) * 60_000;
    for (const { code, project, count } of batch.dropped)
      addOnly.run(minute, code === 'ok' ? '' : code, project, count);
  }

  return {
    write: (batch, now) =>
      mended(() =>
        inTransaction(() => {
          if (!isNew(batch)) return false;
          for (const record of batch.records) insert(record);
          addCounts(batch, now);
          return true;
        }),
      ),
    find: (id) =>
      mended(() => {
        for (const hour of file.partitions.hours()) {
          const row = file.db.prepare(`SELECT record FROM ${tableOf(hour)} WHERE id = ?`).get(id);
          if (row !== undefined) return String(row.record);
        }
        return undefined;
      }),
    list: (filter, { before, limit }) =>
      mended(() => {
        const { sql, values } = whereOf(filter, before);
        const records: string[] = [];
        const startedAt = monotonic();
        for (const hour of file.partitions.hours()) {
          if (before !== undefined && hour > hourOf(before.at)) continue;
          if (filter.since !== undefined && (hour + 1) * HOUR_MS <= filter.since) break;
          const overBudget = monotonic() - startedAt > LIST_BUDGET_MS;
          // '' sorts before every id: the next page begins right below this instant.
          if (overBudget) return { records, next: { at: (hour + 1) * HOUR_MS, id: '' } };
          const rows = file.db
            .prepare(`SELECT at, id, record FROM ${tableOf(hour)} WHERE ${sql} ORDER BY at DESC, id DESC LIMIT ?`)
            .all(...values, limit - records.length);
          for (const row of rows) records.push(String(row.record));
          const last = rows.at(-1);
          if (records.length >= limit && last !== undefined)
            return { records, next: { at: Number(last.at), id: String(last.id) } };
        }
        return { records, next: undefined };
      }),
    count: (filter) =>
      mended(() => {
        const where = countWhereOf(filter);
        if (where === undefined) return undefined;
        const row = file.db.prepare(`SELECT coalesce(sum(count), 0) AS n FROM counts WHERE ${where.sql}`);
        return Number(row.get(...where.values)?.n);
      }),
    countedOnly: (since) =>
      mended(() =>
        file.db
          .prepare(
            'SELECT code, project, sum(count) AS n FROM counted_only WHERE minute >= ? GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 5',
          )
          .all(since)
          .map((row) => ({ code: String(row.code), project: String(row.project), count: Number(row.n) })),
      ),
    retain: (now) =>
      mended(() => {
        const oldest = now - retention.maxAgeMs;
        const dropped = (hour: number) => {
          inserts.delete(hour);
          file.partitions.drop(hour);
        };
        for (const hour of file.partitions.hours()) if ((hour + 1) * HOUR_MS <= oldest) dropped(hour);
        for (const table of ['counts', 'counted_only'])
          file.db.prepare(`DELETE FROM ${table} WHERE minute < ?`).run(oldest);
        while (file.usedBytes() > retention.limitBytes) {
          const [newest, ...older] = file.partitions.hours();
          const oldestHour = older.at(-1);
          if (oldestHour !== undefined) dropped(oldestHour);
          else if (newest === undefined || !thin(newest)) break;
        }
      }),
    takeWarnings: () => warnings.splice(0),
    close: () => file.db.close(),
  };

  /** Deletes the oldest tenth of the only hour; false when it was empty. */
  function thin(hour: number): boolean {
    const table = tableOf(hour);
    const n = Number(file.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    const { changes } = file.db
      .prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} ORDER BY at, id LIMIT ?)`)
      .run(Math.max(FEWEST_THINNED, Math.ceil(n / 10)));
    file.db.exec('PRAGMA incremental_vacuum');
    return changes !== 0;
  }
}

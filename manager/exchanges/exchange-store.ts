import type { StatementSync } from 'node:sqlite';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import type { TrafficCount } from '#core/model/overview/traffic';
import { readAround, type Turn, type TurnNumbers } from './count-around.ts';
import { countMatching } from './count-matching.ts';
import {
  type Classes,
  type CountRange,
  type PlaceTraffic,
  type Points,
  type RangeNumbers,
  readClasses,
  readClients,
  readNumbers,
  readPlaces,
} from './count-reader.ts';
import { pruneCounts } from './count-retention.ts';
import { countSteps } from './count-steps.ts';
import { createCountWriter } from './count-writer.ts';
import { isDamage, type OpenedFile, openExchangeFile, renewExchangeFile } from './exchange-file.ts';
import { HOUR_MS, hourOf, tableOf } from './partitions.ts';
import { type ExchangeFilter, type ExchangePlace, whereOf } from './query.ts';
import { addSecretUses, readSecretUses } from './secret-use-counts.ts';

/** How much is kept: whichever bound is met first (decision 31). */
export interface Retention {
  readonly maxAgeMs: number;
  readonly limitBytes: number;
}

/** What of a report is written. */
export type ExchangeBatch = Pick<
  GatewayReport,
  'gatewayId' | 'serverGroup' | 'batchId' | 'records' | 'counts' | 'dropped' | 'secretsUsed'
>;

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
  count(filter: ExchangeFilter, now: number): number | undefined;
  /** What the Monitor shows of a stretch. */
  numbers(range: CountRange, points: Points): RangeNumbers;
  /** Requests of a stretch by class. */
  classes(range: CountRange): Classes;
  /** Requests of a stretch for each of these projects on each server group that had any. */
  places(projects: readonly string[], range: CountRange): PlaceTraffic[];
  /** Requests of a stretch for each of these clients; undefined when some were counted without theirs. */
  clients(clientIds: readonly string[], range: CountRange): ReadonlyMap<string, TrafficCount> | undefined;
  /** What came before and after each of these turns; undefined where that is too long ago. */
  around(turns: readonly Turn[], now: number): (TurnNumbers | undefined)[];
  /** When the first exchange of a stretch was recorded that was answered 5xx; undefined: none was. */
  firstServerError(
    place: Pick<Turn, 'project' | 'serverGroup' | 'version'>,
    from: number,
    to: number,
  ): number | undefined;
  /** How often each of these secrets was used from the minute of an instant on; those that were not are left out. */
  secretUses(secretIds: readonly string[], since: number): ReadonlyMap<string, number>;
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
  const steps = countSteps(retention.maxAgeMs);
  const counts = createCountWriter(() => file.db, steps);

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
      counts.forget();
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
      counts.forget();
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

  function addCountedOnly(batch: ExchangeBatch, now: number): void {
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
          counts.add(batch.serverGroup, batch.counts);
          addCountedOnly(batch, now);
          addSecretUses(file.db, batch.secretsUsed);
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
          if (filter.until !== undefined && hour * HOUR_MS >= filter.until) continue;
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
    count: (filter, now) => mended(() => countMatching(file.db, filter, { steps, now })),
    numbers: (range, points) => mended(() => readNumbers(file.db, range, points)),
    classes: (range) => mended(() => readClasses(file.db, range)),
    places: (projects, range) => mended(() => readPlaces(file.db, projects, range)),
    clients: (clientIds, range) => mended(() => readClients(file.db, clientIds, range)),
    around: (turns, now) => mended(() => turns.map((turn) => readAround(file.db, turn, { steps, now }))),
    firstServerError: ({ project, serverGroup, version }, from, to) =>
      mended(() => {
        for (const hour of file.partitions.hours().toReversed()) {
          if ((hour + 1) * HOUR_MS <= from || hour * HOUR_MS >= to) continue;
          const filter = { status: '5xx', project, serverGroups: [serverGroup], version, since: from, until: to };
          const { sql, values } = whereOf(filter, undefined);
          const row = file.db.prepare(`SELECT min(at) AS at FROM ${tableOf(hour)} WHERE ${sql}`).get(...values);
          if (row?.at !== null && row?.at !== undefined) return Number(row.at);
        }
        return undefined;
      }),
    secretUses: (secretIds, since) => mended(() => readSecretUses(file.db, secretIds, since)),
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
        pruneCounts(file.db, steps, now);
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

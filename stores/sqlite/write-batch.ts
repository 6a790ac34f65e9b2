import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isBusy } from '#core/sqlite';
import type { Standing } from '#core/standing';
import { minuteOf } from '../token-state.ts';
import { type Batch, type BatchResult, HOLDER_VALUES, TOKEN_VALUES } from './batch.ts';

/** Entries that the store's own feed keeps; a reader that is further behind must forget everything it has cached. */
const FEED_ENTRIES = 50_000;
const HOLDERS_KNOWN = 10_000;
const MINUTES_A_PURGE = 1000;
/** At most about five seconds for the lock. */
const LOCK_TRIES = 10_000;
const LOCK_WAIT_MS = 0.5;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Writes batches: all of one call in one transaction (group commit). */
export interface BatchWriter {
  /** Durable when it returns. A transaction that cannot be committed fails all its batches. */
  write(batches: readonly Batch[]): BatchResult[];
}

/** Prepares the statements on the connection of {@link openForWriting}. */
export function createBatchWriter(database: DatabaseSync): BatchWriter {
  const sql = prepareStatements(database);
  const holderRows = new Map<string, number>();

  function holderRow(ids: readonly string[]): number {
    const key = ids.join(' ');
    const known = holderRows.get(key);
    if (known !== undefined) return known;
    sql.insertHolder.run(...ids);
    const row = Number(sql.findHolder.get(...ids)?.id);
    if (holderRows.size >= HOLDERS_KNOWN) holderRows.clear();
    holderRows.set(key, row);
    return row;
  }

  function writeTokens({ tokens, holders }: Batch): void {
    if (tokens.length === 0) return;
    const rows: number[] = [];
    for (let i = 0; i < holders.length; i += HOLDER_VALUES) rows.push(holderRow(holders.slice(i, i + HOLDER_VALUES)));
    const counts = new Map<number, Map<number, number>>(); // holder index → minute → tokens
    for (let i = 0; i < tokens.length; i += TOKEN_VALUES) {
      const [hash, index, ...values] = tokens.slice(i, i + TOKEN_VALUES);
      const holder = Number(index);
      const { changes } = sql.insertToken.run(Buffer.from(String(hash), 'hex'), rows[holder] ?? null, ...values);
      if (changes === 0) continue; // saved before: one effect
      const minute = minuteOf(Number(values[1]));
      const minutes = counts.get(holder) ?? new Map<number, number>();
      counts.set(holder, minutes);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    for (const [holder, minutes] of counts) {
      const clientId = holders[holder * HOLDER_VALUES] ?? '';
      for (const [minute, n] of minutes) sql.addLive.run(clientId, minute, n);
    }
  }

  function revoke({ hash, note }: Batch['revocations'][number]): boolean {
    const key = Buffer.from(hash, 'hex');
    if (sql.revokeToken.run(note.at, note.by, note.reason ?? null, key).changes === 0) {
      return sql.tokenExists.get(key) !== undefined; // revoked before: the first note stays
    }
    sql.appendToken.run(key);
    return true;
  }

  function writeStanding({ kind, id, generation, active, by, at, reason }: Standing): void {
    const { changes } = sql.writeStanding.run(kind, id, generation, active ? 1 : 0, by, at, reason ?? null);
    if (changes !== 0) sql.appendStanding.run(kind, id);
  }

  function purge({ before, limit }: Batch['purges'][number]): number {
    const purged = Number(sql.purgeTokens.run(before, limit).changes);
    sql.purgeCounts.run(minuteOf(before), MINUTES_A_PURGE);
    sql.purgeFeed.run(FEED_ENTRIES);
    return purged;
  }

  function apply(batch: Batch): BatchResult {
    writeTokens(batch);
    const revoked = batch.revocations.map(revoke);
    batch.standings.forEach(writeStanding);
    if (batch.mark !== undefined) sql.writeMark.run(JSON.stringify(batch.mark)); // behind the standings it speaks for
    return { number: batch.number, ok: true, revoked, purged: batch.purges.map(purge) };
  }

  /** A purge that has nothing to do takes no lock: every process of the machine asks every few seconds. */
  function isIdle(batch: Batch): boolean {
    const { tokens, revocations, standings, mark, purges } = batch;
    if (tokens.length > 0 || revocations.length > 0 || standings.length > 0 || mark !== undefined) return false;
    return purges.every(({ before }) => sql.firstExpired.get(before) === undefined);
  }

  return {
    write(batches) {
      try {
        if (batches.every(isIdle)) {
          return batches.map(({ number, purges }) => ({ number, ok: true, revoked: [], purged: purges.map(() => 0) }));
        }
        beginWhenFree(sql.begin);
        const results = batches.map(apply);
        sql.commit.run();
        return results;
      } catch (error) {
        holderRows.clear(); // rows of this transaction are gone
        if (database.isTransaction) database.exec('ROLLBACK');
        const message = error instanceof Error ? error.message : String(error);
        return batches.map(({ number }) => ({ number, ok: false, message }));
      }
    },
  };
}

/**
 * Begins as soon as the other processes' writers let go. SQLite's own waiting sleeps up to 100 ms between two tries; commits take 1 to 5 ms.
 * This is the writer thread: nothing else waits with it.
 */
function beginWhenFree(begin: StatementSync): void {
  for (let tries = 1; ; tries += 1) {
    try {
      begin.run();
      return;
    } catch (error) {
      if (!isBusy(error) || tries === LOCK_TRIES) throw error;
      Atomics.wait(never, 0, 0, LOCK_WAIT_MS);
    }
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => database.prepare(text);
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    insertHolder: prepare(
      `INSERT INTO holder (client_id, subscription_id, product_id, secret_id, server_group_id, project_id)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    findHolder: prepare(
      `SELECT id FROM holder WHERE client_id = ? AND subscription_id = ? AND product_id = ? AND secret_id = ?
       AND server_group_id = ? AND project_id = ?`,
    ),
    insertToken: prepare(
      `INSERT INTO token (hash, holder, issued_at, expires_at, client_generation, subscription_generation,
       secret_generation, subject_generation, subject, scopes, parameters)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
    ),
    addLive: prepare(
      `INSERT INTO live_count (client_id, minute, n) VALUES (?, ?, ?)
       ON CONFLICT (client_id, minute) DO UPDATE SET n = n + excluded.n`,
    ),
    revokeToken: prepare(
      `UPDATE token SET revoked_at = ?, revoked_by = ?, revoked_reason = ? WHERE hash = ? AND revoked_at IS NULL`,
    ),
    tokenExists: prepare('SELECT 1 FROM token WHERE hash = ?'),
    appendToken: prepare('INSERT INTO feed (hash) VALUES (?)'),
    appendStanding: prepare('INSERT INTO feed (kind, id) VALUES (?, ?)'),
    writeStanding: prepare(
      `INSERT INTO standing (kind, id, generation, active, by, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE SET generation = excluded.generation, active = excluded.active,
         by = excluded.by, at = excluded.at, reason = excluded.reason
       WHERE excluded.generation > generation OR (excluded.generation = generation AND (excluded.active <> active
         OR excluded.by <> by OR excluded.at <> at OR excluded.reason IS NOT reason))`,
    ),
    writeMark: prepare(
      `INSERT INTO meta (key, value) VALUES ('feed-mark', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    firstExpired: prepare('SELECT 1 FROM token WHERE expires_at < ? LIMIT 1'),
    purgeTokens: prepare(
      'DELETE FROM token WHERE id IN (SELECT id FROM token WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
    ),
    purgeCounts: prepare(
      `DELETE FROM live_count WHERE (client_id, minute) IN
       (SELECT client_id, minute FROM live_count WHERE minute < ? LIMIT ?)`,
    ),
    purgeFeed: prepare('DELETE FROM feed WHERE seq <= (SELECT max(seq) FROM feed) - ?'),
  };
}

import type { DatabaseSync } from 'node:sqlite';
import { minuteOf } from '../token-state.ts';
import { HOLDER_VALUES, TOKEN_VALUES, type Tokens } from './batch.ts';
import type { CountRecords } from './record-count.ts';

const HOLDERS_KNOWN = 10_000;

/** Writes access tokens, within a transaction of the caller. */
export interface TokenWriter {
  write(tokens: Tokens): void;
  /** Forgets what the transaction wrote that was rolled back. */
  forget(): void;
}

/** Prepares the statements. */
export function createTokenWriter(database: DatabaseSync, count: CountRecords): TokenWriter {
  const insertHolder = database.prepare(
    `INSERT INTO holder (client_id, subscription_id, product_id, secret_id, server_group_id, project_id)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const findHolder = database.prepare(
    `SELECT id FROM holder WHERE client_id = ? AND subscription_id = ? AND product_id = ? AND secret_id = ?
     AND server_group_id = ? AND project_id = ?`,
  );
  const columns = `hash, holder, issued_at, expires_at, client_generation, subscription_generation, secret_generation,
    subject_generation, subject, scopes, parameters`;
  const insertToken = database.prepare(
    `INSERT INTO token (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
  );
  const insertTokenOfGrant = database.prepare(
    `INSERT INTO token (${columns}, grant_id, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO NOTHING`,
  );
  const addLive = database.prepare(
    `INSERT INTO live_count (client_id, minute, n) VALUES (?, ?, ?)
     ON CONFLICT (client_id, minute) DO UPDATE SET n = n + excluded.n`,
  );
  const prolongGrant = prepareProlonging(database);
  const holderRows = new Map<string, number>();

  function holderRow(ids: readonly string[]): number {
    const key = ids.join(' ');
    const known = holderRows.get(key);
    if (known !== undefined) return known;
    insertHolder.run(...ids);
    const row = Number(findHolder.get(...ids)?.id);
    if (holderRows.size >= HOLDERS_KNOWN) holderRows.clear();
    holderRows.set(key, row);
    return row;
  }

  function write({ rows, holders, extras }: Tokens): void {
    if (rows.length === 0) return;
    const known: number[] = [];
    for (let i = 0; i < holders.length; i += HOLDER_VALUES) known.push(holderRow(holders.slice(i, i + HOLDER_VALUES)));
    const counts = new Map<number, Map<number, number>>(); // holder index → minute → tokens
    let [written, nextExtra] = [0, 0];
    for (let i = 0; i < rows.length; i += TOKEN_VALUES) {
      const [hash, index, ...values] = rows.slice(i, i + TOKEN_VALUES);
      const holder = Number(index);
      const [key, row] = [Buffer.from(String(hash), 'hex'), known[holder] ?? null];
      const extra = extras[nextExtra]?.token === i / TOKEN_VALUES ? extras[nextExtra] : undefined;
      let changes: number | bigint;
      if (extra === undefined) ({ changes } = insertToken.run(key, row, ...values));
      else {
        nextExtra += 1;
        ({ changes } = insertTokenOfGrant.run(key, row, ...values, extra.grantId, extra.details));
        if (extra.grantId !== null) prolongGrant(extra.grantId, Number(values[1]));
      }
      if (changes === 0) continue; // saved before: one effect
      written += 1;
      const minute = minuteOf(Number(values[1]));
      const minutes = counts.get(holder) ?? new Map<number, number>();
      counts.set(holder, minutes);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    for (const [holder, minutes] of counts) {
      const clientId = holders[holder * HOLDER_VALUES] ?? '';
      for (const [minute, n] of minutes) addLive.run(clientId, minute, n);
    }
    count('access', written);
  }

  return { write, forget: () => holderRows.clear() };
}

/** A grant is kept until the last thing that was issued from it has ended. */
export function prepareProlonging(database: DatabaseSync): (grantId: string, endsAt: number) => void {
  const prolong = database.prepare('UPDATE grant SET ends_at = ? WHERE id = ? AND ends_at < ?');
  return (grantId, endsAt) => void prolong.run(endsAt, grantId, endsAt);
}

import type { DatabaseSync } from 'node:sqlite';
import type { GatewayReport } from '#core/model/exchange-record';

const MINUTE_MS = 60_000;

/** How long it is known how often a secret was used: the last hour, with room for what comes late. */
export const USES_KEPT_MS = 2 * 60 * MINUTE_MS;

/** Adds how often secrets were used, by the minute of the last use in the batch. Runs inside the batch's transaction. */
export function addSecretUses(db: DatabaseSync, uses: GatewayReport['secretsUsed']): void {
  if (uses.length === 0) return;
  const add = db.prepare(
    'INSERT INTO secret_uses VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET uses = uses + excluded.uses',
  );
  for (const { secretId, at, uses: n } of uses) add.run(minuteOf(at), secretId, n);
}

/** How often each of these secrets was used from the minute of an instant on; those that were not are left out. */
export function readSecretUses(
  db: DatabaseSync,
  secretIds: readonly string[],
  since: number,
): ReadonlyMap<string, number> {
  const newest = Number(db.prepare('SELECT max(minute) AS minute FROM secret_uses').get()?.minute ?? 0);
  const minutes: number[] = [];
  for (let minute = Math.max(minuteOf(since), newest - USES_KEPT_MS); minute <= newest; minute += MINUTE_MS)
    minutes.push(minute);
  const rows = db
    .prepare(
      `SELECT u.secret_id, sum(u.uses) AS n FROM json_each(?) m CROSS JOIN json_each(?) s
       CROSS JOIN secret_uses u ON u.minute = m.value AND u.secret_id = s.value GROUP BY 1`,
    )
    .all(JSON.stringify(minutes), JSON.stringify(secretIds));
  return new Map(rows.map((row) => [String(row.secret_id), Number(row.n)]));
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

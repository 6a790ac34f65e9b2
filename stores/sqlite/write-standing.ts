import type { DatabaseSync } from 'node:sqlite';
import type { Standing } from '#core/standing';
import type { Operations } from './operation.ts';

/** Prepares what revokes single tokens and raises generations. */
export function createStandingOperations(
  database: DatabaseSync,
): Pick<Operations, 'revokeAccess' | 'writeStandings' | 'writeMark'> {
  const sql = {
    revokeToken: database.prepare(
      `UPDATE token SET revoked_at = ?, revoked_by = ?, revoked_reason = ? WHERE hash = ? AND revoked_at IS NULL`,
    ),
    tokenExists: database.prepare('SELECT 1 FROM token WHERE hash = ?'),
    appendToken: database.prepare('INSERT INTO feed (hash) VALUES (?)'),
    appendStanding: database.prepare('INSERT INTO feed (kind, id) VALUES (?, ?)'),
    writeStanding: database.prepare(
      `INSERT INTO standing (kind, id, generation, active, by, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE SET generation = excluded.generation, active = excluded.active,
         by = excluded.by, at = excluded.at, reason = excluded.reason
       WHERE excluded.generation > generation OR (excluded.generation = generation AND (excluded.active <> active
         OR excluded.by <> by OR excluded.at <> at OR excluded.reason IS NOT reason))`,
    ),
    writeMark: database.prepare(
      `INSERT INTO meta (key, value) VALUES ('feed-mark', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
  };

  function writeStanding({ kind, id, generation, active, by, at, reason }: Standing): void {
    const { changes } = sql.writeStanding.run(kind, id, generation, active ? 1 : 0, by, at, reason ?? null);
    if (changes !== 0) sql.appendStanding.run(kind, id);
  }

  return {
    revokeAccess({ hash, note }) {
      const key = Buffer.from(hash, 'hex');
      if (sql.revokeToken.run(note.at, note.by, note.reason ?? null, key).changes === 0) {
        return sql.tokenExists.get(key) !== undefined; // revoked before: the first note stays
      }
      sql.appendToken.run(key);
      return true;
    },
    writeStandings: (standings) => standings.forEach(writeStanding),
    writeMark: (mark) => void sql.writeMark.run(JSON.stringify(mark)),
  };
}

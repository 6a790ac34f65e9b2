import type { DatabaseSync } from 'node:sqlite';
import { recordKey } from '../record-key.ts';
import type { Operations } from './operation.ts';
import type { CountRecords } from './record-count.ts';
import type { GrantOperations } from './write-grants.ts';

/** What concerns transient records, what is taken once, and consents. */
export type RecordOperations = Pick<
  Operations,
  'rememberOnce' | 'saveTransient' | 'replaceTransient' | 'takeTransient' | 'saveConsent' | 'revokeConsent'
>;

/** Prepares the statements. */
export function createRecordOperations(
  database: DatabaseSync,
  { killGrants, count }: { readonly killGrants: GrantOperations['killGrants']; readonly count: CountRecords },
): RecordOperations {
  const sql = {
    insertOnce: database.prepare('INSERT INTO once (key, expires_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING'),
    // Deleted and inserted, not updated: so it gets a version that was never given.
    deleteTransient: database.prepare('DELETE FROM transient WHERE key = ?'),
    insertTransient: database.prepare('INSERT INTO transient (key, value, expires_at) VALUES (?, ?, ?)'),
    deleteVersion: database.prepare('DELETE FROM transient WHERE key = ? AND version = ?'),
    takeTransient: database.prepare('DELETE FROM transient WHERE key = ? AND expires_at > ? RETURNING value'),
    deleteConsent: database.prepare('DELETE FROM consent WHERE subject = ? AND client_id = ? AND project_id = ?'),
    insertConsent: database.prepare(
      `INSERT INTO consent (subject, client_id, project_id, scopes, granted_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
  };
  return {
    rememberOnce({ kind, id, until }) {
      const { changes } = sql.insertOnce.run(recordKey(kind, id), until);
      count('once', Number(changes));
      return changes !== 0;
    },

    saveTransient({ kind, id, value, expiresAt }) {
      const key = recordKey(kind, id);
      const { changes } = sql.deleteTransient.run(key);
      sql.insertTransient.run(key, value, expiresAt);
      count('transients', 1 - Number(changes));
    },

    replaceTransient({ kind, id, value, expiresAt, version }) {
      const key = recordKey(kind, id);
      if (sql.deleteVersion.run(key, version).changes === 0) return false;
      sql.insertTransient.run(key, value, expiresAt);
      return true;
    },

    takeTransient({ kind, id, now }) {
      const taken = sql.takeTransient.get(recordKey(kind, id), now);
      if (taken === undefined) return undefined;
      count('transients', -1);
      return String(taken.value);
    },

    saveConsent({ subject, clientId, projectId, scopes, grantedAt, updatedAt }) {
      const { changes } = sql.deleteConsent.run(subject, clientId, projectId);
      sql.insertConsent.run(subject, clientId, projectId, scopes.join(' '), grantedAt, updatedAt);
      count('consents', 1 - Number(changes));
    },

    revokeConsent({ whose, note }) {
      const { changes } = sql.deleteConsent.run(whose.subject, whose.clientId, whose.projectId);
      count('consents', -Number(changes));
      const killed = killGrants(whose, note);
      return changes !== 0 || killed !== 0;
    },
  };
}

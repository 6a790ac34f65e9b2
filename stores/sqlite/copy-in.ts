import type { DatabaseSync } from 'node:sqlite';
import type { CopiedRow } from '#core/token-store';
import { addToken, createTokens } from './batch.ts';
import type { Operations } from './operation.ts';
import type { CountRecords } from './record-count.ts';
import type { TokenWriter } from './write-tokens.ts';

/** What copied rows are written by. */
export interface CopyTargets {
  readonly tokens: TokenWriter;
  readonly count: CountRecords;
  readonly operations: Pick<
    Operations,
    'saveIssue' | 'saveConsent' | 'revokeAccess' | 'revokeGrant' | 'writeStandings'
  >;
}

/**
 * Takes copied rows over, within the transaction of its batch: what is there stays and takes over a death or a use, never the other way.
 */
export function createCopyIn(database: DatabaseSync, { tokens, count, operations }: CopyTargets): Operations['copyIn'] {
  const sql = {
    standing: database.prepare('SELECT generation, at FROM standing WHERE kind = ? AND id = ?'),
    grant: database.prepare('SELECT 1 FROM grant WHERE id = ?'),
    consent: database.prepare('SELECT updated_at FROM consent WHERE subject = ? AND client_id = ? AND project_id = ?'),
    consumeCode: database.prepare('UPDATE code SET consumed_by = ? WHERE hash = ? AND consumed_by IS NULL'),
    useRefresh: database.prepare('UPDATE refresh SET used_at = ?, used_by = ? WHERE hash = ? AND used_by IS NULL'),
    once: database.prepare('INSERT INTO once (key, expires_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING'),
    transient: database.prepare('SELECT version FROM transient WHERE key = ?'),
    dropTransient: database.prepare('DELETE FROM transient WHERE key = ?'),
    version: database.prepare('SELECT 1 FROM transient WHERE version = ?'),
    addTransient: database.prepare('INSERT INTO transient (version, key, value, expires_at) VALUES (?, ?, ?, ?)'),
    addNewTransient: database.prepare('INSERT INTO transient (key, value, expires_at) VALUES (?, ?, ?)'),
  };

  const takeOver: { readonly [Kind in CopiedRow['kind']]: (row: Extract<CopiedRow, { kind: Kind }>) => void } = {
    standing({ standing }) {
      const held = sql.standing.get(standing.kind, standing.id);
      const isNewer =
        held === undefined || standing.generation > Number(held.generation) || standing.at > Number(held.at);
      if (isNewer) operations.writeStandings([standing]);
    },
    grant({ grant, revoked }) {
      if (sql.grant.get(grant.id) === undefined) operations.saveIssue({ grant });
      if (revoked !== undefined) operations.revokeGrant({ id: grant.id, note: revoked });
    },
    access({ token, revoked }) {
      const one = createTokens();
      addToken(one, new Map(), token);
      tokens.write(one);
      if (revoked !== undefined) operations.revokeAccess({ hash: token.hash, note: revoked });
    },
    code({ code, consumed }) {
      operations.saveIssue({ code });
      if (consumed !== undefined) sql.consumeCode.run(consumed, Buffer.from(code.hash, 'hex'));
    },
    refresh({ token, used }) {
      operations.saveIssue({ refresh: token });
      if (used !== undefined) sql.useRefresh.run(used.at, used.by, Buffer.from(token.hash, 'hex'));
    },
    once({ key, until }) {
      count('once', Number(sql.once.run(Buffer.from(key, 'hex'), until).changes));
    },
    transient({ key, value, version, expiresAt }) {
      const bytes = Buffer.from(key, 'hex');
      const held = sql.transient.get(bytes);
      if (held !== undefined && Number(held.version) >= version) return;
      if (held !== undefined) sql.dropTransient.run(bytes);
      // Another record may have this version here: then it gets one that was never given.
      if (sql.version.get(version) === undefined) sql.addTransient.run(version, bytes, value, expiresAt);
      else sql.addNewTransient.run(bytes, value, expiresAt);
      count('transients', held === undefined ? 1 : 0);
    },
    consent({ consent }) {
      const held = sql.consent.get(consent.subject, consent.clientId, consent.projectId);
      if (held === undefined || Number(held.updated_at) < consent.updatedAt) operations.saveConsent(consent);
    },
  };

  return (rows) => {
    // The kind of a row says which function takes it; the compiler cannot follow that.
    for (const row of rows) (takeOver[row.kind] as (row: CopiedRow) => void)(row);
  };
}

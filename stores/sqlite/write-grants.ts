import type { DatabaseSync } from 'node:sqlite';
import type { AccessToken, Grant, Issue, RefreshToken, RevocationNote, Rotated } from '#core/token-store';
import { codeReplayed, judgeCode, judgeRotation, refreshReplayed } from '../grant-state.ts';
import { addToken, createTokens, jsonText } from './batch.ts';
import { prepareGrantLookup } from './grant-lookup.ts';
import type { Operations } from './operation.ts';
import type { CountRecords } from './record-count.ts';
import { prepareProlonging, type TokenWriter } from './write-tokens.ts';

/** What concerns grants, codes and refresh tokens. */
export interface GrantOperations
  extends Pick<Operations, 'saveIssue' | 'consumeCode' | 'rotateRefresh' | 'revokeGrant' | 'revokeGrantsOf'> {
  /** Kills the grants of a resource owner to one client, within one project or at all; gives how many lived. */
  killGrants(
    whose: {
      readonly subject: string;
      readonly clientId?: string | undefined;
      readonly projectId?: string | undefined;
    },
    note: RevocationNote,
  ): number;
}

/** Prepares the statements. */
export function createGrantOperations(
  database: DatabaseSync,
  { tokens, count }: { readonly tokens: TokenWriter; readonly count: CountRecords },
): GrantOperations {
  const sql = prepareStatements(database);
  const lookup = prepareGrantLookup(database);
  const prolong = prepareProlonging(database);

  function saveAccess(access: AccessToken): void {
    const one = createTokens();
    addToken(one, new Map(), access);
    tokens.write(one);
  }

  function saveGrant(grant: Grant, endsAt: number): void {
    const { generations } = grant;
    const { changes } = sql.insertGrant.run(
      grant.id,
      grant.clientId,
      grant.subscriptionId,
      grant.productId,
      grant.serverGroupId,
      grant.projectId,
      grant.subject ?? null,
      grant.scopes.join(' '),
      grant.createdAt,
      generations.client,
      generations.subscription,
      generations.secret ?? null,
      generations.subject ?? null,
      jsonText(grant.parameters),
      jsonText(grant.details),
      endsAt,
    );
    count('grants', Number(changes));
    if (changes === 0) sql.updateGrant.run(jsonText(grant.details), grant.id);
  }

  function saveRefresh({ hash, grantId, issuedAt, expiresAt }: RefreshToken): void {
    count('refresh', Number(sql.insertRefresh.run(Buffer.from(hash, 'hex'), grantId, issuedAt, expiresAt).changes));
    prolong(grantId, expiresAt);
  }

  function saveIssue({ grant, code, access, refresh }: Issue): void {
    if (grant !== undefined) saveGrant(grant, grant.createdAt);
    if (code !== undefined) {
      const { hash, grantId, redirectUri, codeChallenge, issuedAt, expiresAt } = code;
      const values = [grantId, redirectUri ?? null, codeChallenge ?? null, issuedAt, expiresAt];
      count('codes', Number(sql.insertCode.run(Buffer.from(hash, 'hex'), ...values).changes));
      prolong(grantId, expiresAt);
    }
    if (refresh !== undefined) saveRefresh(refresh);
    if (access !== undefined) saveAccess(access);
  }

  function kill(id: string, { at, by, reason }: RevocationNote): void {
    if (sql.revokeGrant.run(at, by, reason ?? null, id).changes !== 0) sql.appendGrant.run(id);
  }

  function killGrants(
    { subject, clientId, projectId }: Parameters<GrantOperations['killGrants']>[0],
    { at, by, reason }: RevocationNote,
  ): number {
    const whose = { subject, clientId: clientId ?? null, projectId: projectId ?? null };
    const living = Number(sql.countLiving.get({ ...whose, at })?.n ?? 0);
    sql.appendGrantsOf.run(whose);
    sql.revokeGrantsOf.run({ ...whose, at, by, reason: reason ?? null });
    return living;
  }

  return {
    saveIssue,
    killGrants,

    consumeCode({ hash, id, now }) {
      const found = lookup.findCode(hash);
      if (found === undefined) return { state: 'unknown' };
      const consumed = judgeCode(found, { id, now });
      if (consumed.state === 'replayed') kill(found.grant.id, codeReplayed(now));
      if (consumed.state === 'consumed') sql.consumeCode.run(id, Buffer.from(hash, 'hex'));
      return consumed;
    },

    rotateRefresh(rotation): Rotated {
      const { hash, attemptId, now, access, successor } = rotation;
      const found = lookup.findRefresh(hash);
      if (found === undefined) return { state: 'unknown' };
      const saved = sql.findTokenGrant.get(Buffer.from(access.hash, 'hex'));
      const rotated = judgeRotation(found, rotation, saved?.grant_id === found.grant.id);
      switch (rotated.state) {
        case 'repeated':
          return { state: 'rotated' };
        case 'replayed':
          kill(found.grant.id, refreshReplayed(now));
          return rotated;
        case 'rotated':
          sql.useRefresh.run(now, attemptId, Buffer.from(hash, 'hex'));
          saveRefresh(successor);
          saveAccess(access);
          return rotated;
        case 'graced':
          saveAccess(access);
          return rotated;
        default:
          return rotated;
      }
    },

    revokeGrant({ id, note }) {
      if (sql.grantExists.get(id) === undefined) return false;
      kill(id, note); // when it was revoked before the first note stays
      return true;
    },

    revokeGrantsOf: ({ subject, clientId, note }) => killGrants({ subject, clientId }, note),
  };
}

function prepareStatements(database: DatabaseSync) {
  const ofOwner = `subject = $subject AND ($clientId IS NULL OR client_id = $clientId)
    AND ($projectId IS NULL OR project_id = $projectId) AND revoked_at IS NULL`;
  return {
    insertGrant: database.prepare(
      `INSERT INTO grant (id, client_id, subscription_id, product_id, server_group_id, project_id, subject, scopes,
       created_at, client_generation, subscription_generation, secret_generation, subject_generation, parameters,
       details, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ),
    updateGrant: database.prepare('UPDATE grant SET details = ? WHERE id = ?'),
    insertCode: database.prepare(
      `INSERT INTO code (hash, grant_id, redirect_uri, code_challenge, issued_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
    ),
    insertRefresh: database.prepare(
      `INSERT INTO refresh (hash, grant_id, issued_at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING`,
    ),
    consumeCode: database.prepare('UPDATE code SET consumed_by = ? WHERE hash = ?'),
    useRefresh: database.prepare('UPDATE refresh SET used_at = ?, used_by = ? WHERE hash = ?'),
    findTokenGrant: database.prepare('SELECT grant_id FROM token WHERE hash = ?'),
    grantExists: database.prepare('SELECT 1 FROM grant WHERE id = ?'),
    revokeGrant: database.prepare(
      'UPDATE grant SET revoked_at = ?, revoked_by = ?, revoked_reason = ? WHERE id = ? AND revoked_at IS NULL',
    ),
    appendGrant: database.prepare(`INSERT INTO feed (kind, id) VALUES ('grant', ?)`),
    countLiving: database.prepare(`SELECT count(*) AS n FROM grant WHERE ${ofOwner} AND ends_at > $at`),
    // Ended ones too: a token request that is under way may still prolong one.
    appendGrantsOf: database.prepare(`INSERT INTO feed (kind, id) SELECT 'grant', id FROM grant WHERE ${ofOwner}`),
    revokeGrantsOf: database.prepare(
      `UPDATE grant SET revoked_at = $at, revoked_by = $by, revoked_reason = $reason WHERE ${ofOwner}`,
    ),
  };
}

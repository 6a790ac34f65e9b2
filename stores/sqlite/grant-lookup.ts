import type { DatabaseSync } from 'node:sqlite';
import type { RevocationNote } from '#core/token-store';
import { judgeGrant, type StoredCode, type StoredGrant, type StoredRefresh } from '../grant-state.ts';
import { type FindStanding, missingGrant } from '../token-state.ts';
import {
  parseDetails,
  parseGenerations,
  parseParameters,
  parseRevocation,
  parseScopes,
  parseStanding,
  parseText,
  prepareQuery,
  type Row,
  STANDING_COLUMNS,
} from './rows.ts';

/** Columns in the order of the functions that parse them; what stands behind them is left alone. */
export const GRANT_COLUMNS = `client_id, subscription_id, product_id, server_group_id, project_id, subject, scopes, created_at,
  client_generation, subscription_generation, secret_generation, subject_generation, parameters, details,
  revoked_at, revoked_by, revoked_reason`;
export const CODE_COLUMNS = 'grant_id, redirect_uri, code_challenge, issued_at, expires_at, consumed_by';
export const REFRESH_COLUMNS = 'grant_id, issued_at, expires_at, used_at, used_by';

/** A code or refresh token with its grant, and whether that lives. */
type WithGrant<Stored> = Stored & StoredGrant & { readonly standing: ReturnType<typeof judgeGrant> };

/** Look-ups of grants and what they handed out: within the writer's transaction, and on the calling thread. Hashes are hex. */
export interface GrantLookup {
  findGrant(id: string): StoredGrant | undefined;
  /** The revocation that a token of this grant died of; undefined while the grant is not revoked. */
  findRevocation(id: string, now: number): RevocationNote | undefined;
  findCode(hash: string): WithGrant<StoredCode> | undefined;
  findRefresh(hash: string): WithGrant<StoredRefresh> | undefined;
}

/** Prepares the look-ups on a connection. */
export function prepareGrantLookup(database: DatabaseSync): GrantLookup {
  const grant = prepareQuery(database, `SELECT ${GRANT_COLUMNS} FROM grant WHERE id = ?`);
  const revocation = prepareQuery(database, 'SELECT revoked_at, revoked_by, revoked_reason FROM grant WHERE id = ?');
  const code = prepareQuery(database, `SELECT ${CODE_COLUMNS} FROM code WHERE hash = ?`);
  const refresh = prepareQuery(database, `SELECT ${REFRESH_COLUMNS} FROM refresh WHERE hash = ?`);
  const standing = prepareQuery(database, `SELECT ${STANDING_COLUMNS} FROM standing WHERE kind = ? AND id = ?`);

  const findStanding: FindStanding = (kind, id) => {
    const row = standing.get(kind, id);
    return row === undefined ? undefined : parseStanding(kind, id, row, 0);
  };

  function findGrant(id: string): StoredGrant | undefined {
    const row = grant.get(id);
    return row === undefined ? undefined : parseGrant(id, row);
  }

  function withGrant<Stored>(grantId: string, stored: Stored): WithGrant<Stored> | undefined {
    const found = findGrant(grantId);
    return found === undefined ? undefined : { ...stored, ...found, standing: judgeGrant(found, findStanding) };
  }

  return {
    findGrant,
    findRevocation(id, now) {
      const row = revocation.get(id);
      return row === undefined ? missingGrant(now) : parseRevocation(row, 0);
    },
    findCode(hash) {
      const row = code.get(Buffer.from(hash, 'hex'));
      if (row === undefined) return undefined;
      const stored = parseCode(hash, row);
      return withGrant(stored.code.grantId, stored);
    },
    findRefresh(hash) {
      const row = refresh.get(Buffer.from(hash, 'hex'));
      if (row === undefined) return undefined;
      const stored = parseRefresh(hash, row);
      return withGrant(stored.token.grantId, stored);
    },
  };
}

/** A grant from {@link GRANT_COLUMNS}. */
export function parseGrant(id: string, row: Row): StoredGrant {
  return {
    grant: {
      id,
      clientId: String(row[0]),
      subscriptionId: String(row[1]),
      productId: String(row[2]),
      serverGroupId: String(row[3]),
      projectId: String(row[4]),
      subject: parseText(row[5]),
      scopes: parseScopes(row[6]),
      createdAt: Number(row[7]),
      generations: parseGenerations(row, 8, row[10] !== null),
      parameters: parseParameters(row[12]),
      ...parseDetails(row[13]),
    },
    revocation: parseRevocation(row, 14),
  };
}

/** A code from {@link CODE_COLUMNS}. */
export function parseCode(hash: string, row: Row): StoredCode {
  return {
    code: {
      hash,
      grantId: String(row[0]),
      redirectUri: parseText(row[1]),
      codeChallenge: parseText(row[2]),
      issuedAt: Number(row[3]),
      expiresAt: Number(row[4]),
    },
    consumedBy: parseText(row[5]),
  };
}

/** A refresh token from {@link REFRESH_COLUMNS}. */
export function parseRefresh(hash: string, row: Row): StoredRefresh {
  return {
    token: { hash, grantId: String(row[0]), issuedAt: Number(row[1]), expiresAt: Number(row[2]) },
    used: row[3] === null ? undefined : { at: Number(row[3]), by: String(row[4]) },
  };
}

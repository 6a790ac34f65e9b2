import type { Consent } from '#core/token-store';
import type { StoredToken } from '../token-state.ts';
import { NO_SECRET } from './batch.ts';
import {
  parseDetails,
  parseGenerations,
  parseParameters,
  parseRevocation,
  parseScopes,
  parseText,
  type Row,
} from './rows.ts';

/** Columns of a token `t` with its holder `h`, in the order of {@link parseToken}. */
export const TOKEN_COLUMNS = `t.issued_at, t.expires_at, t.client_generation, t.subscription_generation, t.secret_generation,
  t.subject_generation, t.subject, t.scopes, t.parameters, t.revoked_at, t.revoked_by, t.revoked_reason,
  h.client_id, h.subscription_id, h.product_id, h.secret_id, h.server_group_id, h.project_id, t.grant_id, t.details`;
/** Columns of a consent, in the order of {@link parseConsent}. */
export const CONSENT_COLUMNS = 'subject, client_id, project_id, scopes, granted_at, updated_at';

/** A token from {@link TOKEN_COLUMNS}; what stands behind them is left alone. */
export function parseToken(hash: string, row: Row): StoredToken {
  const isSecretUsed = row[15] !== NO_SECRET;
  const token = {
    hash,
    clientId: String(row[12]),
    subscriptionId: String(row[13]),
    productId: String(row[14]),
    secretId: isSecretUsed ? String(row[15]) : undefined,
    serverGroupId: String(row[16]),
    projectId: String(row[17]),
    subject: parseText(row[6]),
    scopes: parseScopes(row[7]),
    issuedAt: Number(row[0]),
    expiresAt: Number(row[1]),
    generations: parseGenerations(row, 2, isSecretUsed),
    parameters: parseParameters(row[8]),
  };
  const revocation = parseRevocation(row, 9);
  if (row[18] === null && row[19] === null) return { token, revocation };
  const grant = row[18] === null ? {} : { grantId: String(row[18]) };
  return { token: { ...token, ...grant, ...parseDetails(row[19]) }, revocation };
}

/** A consent from {@link CONSENT_COLUMNS}. */
export function parseConsent(row: Row): Consent {
  return {
    subject: String(row[0]),
    clientId: String(row[1]),
    projectId: String(row[2]),
    scopes: parseScopes(row[3]),
    grantedAt: Number(row[4]),
    updatedAt: Number(row[5]),
  };
}

import type { Generations, Standing, StandingKind } from '#core/standing';
import type { AuthorizationCode, Consent, Grant, RefreshToken, RevocationNote, TokenDetails } from '#core/token-store';
import type { StoredGrant } from '../grant-state.ts';
import type { StoredToken } from '../token-state.ts';
import type { Row } from './connection.ts';

// Rows come as arrays: each parser says the columns it reads, and takes the place of the first. Eight-byte numbers come as text.

/** How `holder.secret_id` says that no secret was used. */
export const NO_SECRET = '';

/** The columns of {@link parseToken}: of `token t` joined with `holder h`. */
export const TOKEN_COLUMNS = `t.hash, t.issued_at, t.expires_at, t.client_generation, t.subscription_generation, t.secret_generation,
  t.subject_generation, t.subject, t.scopes, t.parameters, t.grant_id, t.details, t.revoked_at, t.revoked_by, t.revoked_reason,
  h.client_id, h.subscription_id, h.product_id, h.secret_id, h.server_group_id, h.project_id`;
/** How many there are. */
export const TOKEN_WIDTH = 21;

/** The columns of {@link parseGrant}: of `access_grant g`. */
export const GRANT_COLUMNS = `g.id, g.client_id, g.subscription_id, g.product_id, g.server_group_id, g.project_id, g.subject, g.scopes,
  g.created_at, g.client_generation, g.subscription_generation, g.secret_generation, g.subject_generation, g.parameters, g.details,
  g.revoked_at, g.revoked_by, g.revoked_reason`;
/** How many there are. */
export const GRANT_WIDTH = 18;

const STANDING_WIDTH = 5;
const LOOKED_UP: readonly StandingKind[] = ['client', 'subscription', 'secret', 'subject'];

/** The columns of a standing, of a table under an alias. */
export const standingColumns = (alias: string) =>
  `${alias}.generation, ${alias}.active, ${alias}."by", ${alias}.at, ${alias}.reason`;
/** The columns of {@link parseStandings}: of the joins of {@link joinStandings}. */
export const STANDINGS_COLUMNS = LOOKED_UP.map((kind) => standingColumns(`s_${kind}`)).join(', ');

/** Joins the standings that a token or grant depends on. @param from which column holds the id of each kind; null: it has none */
export function joinStandings(from: Readonly<Record<StandingKind, string>>): string {
  return LOOKED_UP.map(
    (kind) => `left join standing s_${kind} on s_${kind}.kind = '${kind}' and s_${kind}.id = ${from[kind]}`,
  ).join(' ');
}

/** A way to the standings whose columns begin at `offset`. */
export function parseStandings(row: Row, offset: number) {
  return (kind: StandingKind, id: string): Standing | undefined =>
    parseStanding(kind, id, row, offset + STANDING_WIDTH * LOOKED_UP.indexOf(kind));
}

/** A standing whose columns begin at `offset`; undefined where none was written. */
export function parseStanding(kind: StandingKind, id: string, row: Row, offset: number): Standing | undefined {
  if (row[offset] === null) return undefined;
  return {
    kind,
    id,
    generation: Number(row[offset]),
    active: row[offset + 1] === true,
    by: String(row[offset + 2]),
    at: Number(row[offset + 3]),
    reason: parseText(row[offset + 4]),
  };
}

/** A token with its holder, from the first column on. */
export function parseToken(row: Row): StoredToken {
  const isSecretUsed = row[18] !== NO_SECRET;
  const token = {
    hash: parseHash(row[0]),
    clientId: String(row[15]),
    subscriptionId: String(row[16]),
    productId: String(row[17]),
    secretId: isSecretUsed ? String(row[18]) : undefined,
    serverGroupId: String(row[19]),
    projectId: String(row[20]),
    subject: parseText(row[7]),
    scopes: parseScopes(row[8]),
    issuedAt: Number(row[1]),
    expiresAt: Number(row[2]),
    generations: parseGenerations(row, 3, isSecretUsed),
    parameters: parseParameters(row[9]),
    ...(row[10] === null ? {} : { grantId: String(row[10]) }),
    ...parseDetails(row[11]),
  };
  return { token, revocation: parseRevocation(row, 12) };
}

/** A grant, whose columns begin at `offset`. */
export function parseGrant(row: Row, offset = 0): StoredGrant {
  const columns = row.slice(offset, offset + GRANT_WIDTH);
  const grant: Grant = {
    id: String(columns[0]),
    clientId: String(columns[1]),
    subscriptionId: String(columns[2]),
    productId: String(columns[3]),
    serverGroupId: String(columns[4]),
    projectId: String(columns[5]),
    subject: parseText(columns[6]),
    scopes: parseScopes(columns[7]),
    createdAt: Number(columns[8]),
    generations: parseGenerations(columns, 9, columns[11] !== null),
    parameters: parseParameters(columns[13]),
    ...parseDetails(columns[14]),
  };
  return { grant, revocation: parseRevocation(columns, 15) };
}

/** A code: hash, grant_id, redirect_uri, code_challenge, issued_at, expires_at. */
export function parseCode(row: Row): AuthorizationCode {
  return {
    hash: parseHash(row[0]),
    grantId: String(row[1]),
    redirectUri: parseText(row[2]),
    codeChallenge: parseText(row[3]),
    issuedAt: Number(row[4]),
    expiresAt: Number(row[5]),
  };
}

/** A refresh token and its use: hash, grant_id, issued_at, expires_at, used_at, used_by. */
export function parseRefresh(row: Row): {
  readonly token: RefreshToken;
  readonly used: { readonly at: number; readonly by: string } | undefined;
} {
  return {
    token: { hash: parseHash(row[0]), grantId: String(row[1]), issuedAt: Number(row[2]), expiresAt: Number(row[3]) },
    used: row[4] === null ? undefined : { at: Number(row[4]), by: String(row[5]) },
  };
}

/** A consent: subject, client_id, project_id, scopes, granted_at, updated_at. */
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

/** The note of a revocation whose columns at, by and reason begin at `offset`; undefined where there was none. */
export function parseRevocation(row: Row, offset: number): RevocationNote | undefined {
  if (row[offset] === null) return undefined;
  return { at: Number(row[offset]), by: String(row[offset + 1]), reason: parseText(row[offset + 2]) };
}

/** Bytes as hex digits. */
export function parseHash(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : '';
}

/** Text, or undefined where there is none. */
export function parseText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function parseGenerations(row: Row, offset: number, isSecretUsed: boolean): Generations {
  const secret = isSecretUsed ? { secret: Number(row[offset + 2]) } : {};
  const subject = row[offset + 3] === null ? {} : { subject: Number(row[offset + 3]) };
  return { client: Number(row[offset]), subscription: Number(row[offset + 1]), ...secret, ...subject };
}

function parseScopes(value: unknown): readonly string[] {
  const text = String(value);
  return text === '' ? [] : text.split(' ');
}

function parseParameters(value: unknown): Readonly<Record<string, string>> {
  return value === null ? {} : (JSON.parse(String(value)) as Record<string, string>);
}

function parseDetails(value: unknown): { readonly details?: TokenDetails } {
  return value === null ? {} : { details: JSON.parse(String(value)) as TokenDetails };
}

import type { types } from 'cassandra-driver';
import type { Standing, StandingKind } from '#core/standing';
import type { AccessToken, AuthorizationCode, Consent, Grant, RefreshToken, RevocationNote } from '#core/token-store';

/** The text in a column; undefined when it is null. */
export function textOf(row: types.Row, column: string): string | undefined {
  const value: unknown = row[column];
  return typeof value === 'string' ? value : undefined;
}
/** The whole number in a column (bigint, below 2^53); undefined when it is null. */
export function numberOf(row: types.Row, column: string): number | undefined {
  const value: unknown = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}
/** The bytes in a column as hex digits. */
export function hexOf(row: types.Row, column: string): string {
  const value: unknown = row[column];
  return Buffer.isBuffer(value) ? value.toString('hex') : '';
}
/** A hash as it is kept. */
export const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** The key of a standing. */
export const holderOf = (kind: StandingKind, id: string): string => `${kind} ${id}`;
/** A standing as it is kept: always with the same order of fields, so that equal ones are equal as text. */
export const standingText = ({ kind, id, generation, active, by, at, reason }: Standing): string =>
  JSON.stringify({ kind, id, generation, active, by, at, reason });
/** The rest of a grant: what stays as it was first saved. Its details stand beside it. */
export const grantText = ({ details: _beside, ...grant }: Grant): string => JSON.stringify(grant);
/** Details of a grant as they are kept. */
export const detailsText = ({ details }: Grant): string => JSON.stringify(details ?? null);
/** A revocation as it is kept, with the attempt that wrote it. */
export const noteText = ({ by, at, reason }: RevocationNote, attempt: string): string =>
  JSON.stringify({ by, at, reason, attempt });
export const consentText = ({ subject, clientId, projectId, scopes, grantedAt, updatedAt }: Consent): string =>
  JSON.stringify({ subject, clientId, projectId, scopes, grantedAt, updatedAt });

// Fields that are undefined are not in JSON: they are put back, so that what comes out is what went in.

export const parseAccess = (text: string): AccessToken => ({
  ...{ secretId: undefined, subject: undefined },
  ...read<AccessToken>(text),
});
/** @param details what {@link detailsText} gave */
export const parseGrant = (text: string, details: string): Grant => {
  const parsed = read<Grant['details'] | null>(details);
  return { ...{ subject: undefined }, ...read<Grant>(text), ...(parsed !== null && { details: parsed }) };
};
export const parseCode = (text: string): AuthorizationCode => ({
  ...{ redirectUri: undefined, codeChallenge: undefined },
  ...read<AuthorizationCode>(text),
});
export const parseRefresh = (text: string): RefreshToken => read<RefreshToken>(text);
export const parseConsent = (text: string): Consent => read<Consent>(text);
export const parseStanding = (text: string): Standing => ({ ...{ reason: undefined }, ...read<Standing>(text) });
/** When, and by which attempt, a refresh token was rotated away. */
export const parseUse = (text: string): { readonly at: number; readonly by: string } => read(text);
/** A revocation, and the attempt that wrote it. */
export function parseNote(text: string): { readonly note: RevocationNote; readonly attempt: string } {
  const { attempt, ...note } = read<RevocationNote & { readonly attempt: string }>(text);
  return { note: { ...{ reason: undefined }, ...note }, attempt };
}
/** JSON that this store wrote. */
export const read = <T>(text: string): T => JSON.parse(text) as T;

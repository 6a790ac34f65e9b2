import type { Standing, StandingKind } from '#core/standing';
import type { AccessToken, AuthorizationCode, Grant, RefreshToken } from '#core/token-store';
import { minuteOf } from '../token-state.ts';

/** What the script answers: text, numbers, nothing, and lists of them. */
export type Reply = string | number | null | readonly Reply[];

/** The field of a standing in the hash of all standings. */
export const standingField = (kind: StandingKind, id: string) => `${kind} ${id}`;

/** The standings that a token or grant depends on, as the script looks them up (JSON). */
function holders({ clientId, subscriptionId, secretId, subject }: Partial<AccessToken>): string {
  const fields = [`client ${clientId}`, `subscription ${subscriptionId}`];
  if (secretId !== undefined) fields.push(`secret ${secretId}`);
  if (subject !== undefined) fields.push(`subject ${subject}`);
  return JSON.stringify(fields);
}

/** An access token as the script takes it. */
export const accessInput = (token: AccessToken) => ({
  ...{ h: token.hash, d: JSON.stringify(token), c: token.clientId, e: token.expiresAt },
  ...{ m: minuteOf(token.expiresAt), g: token.grantId, s: holders(token) },
});
/** A grant as the script takes it. */
export const grantInput = (grant: Grant) => ({
  ...{ id: grant.id, d: JSON.stringify(grant), e: grant.createdAt, c: grant.clientId, p: grant.projectId },
  ...{ u: grant.subject, s: holders(grant), x: JSON.stringify(grant.details ?? null) },
});
/** A code or refresh token as the script takes it. */
export const issuedInput = (issued: AuthorizationCode | RefreshToken) => ({
  ...{ h: issued.hash, d: JSON.stringify(issued), e: issued.expiresAt, g: issued.grantId },
});
/** A standing as it is kept: always with the same order of fields, so that equal ones are equal as text. */
export const standingText = ({ kind, id, generation, active, by, at, reason }: Standing) =>
  JSON.stringify({ kind, id, generation, active, by, at, reason });

// Fields that are undefined are not in JSON: they are put back, so that what comes out is what went in.

/** An access token as it was saved. */
export const parseAccess = (text: string): AccessToken => ({
  ...{ secretId: undefined, subject: undefined },
  ...read<AccessToken>(text),
});
/** A grant as it was saved; in a list with its details where they were saved again. */
export const parseGrant = (text: string): Grant => {
  const saved = read<Grant | [Grant, Grant['details'] | null]>(text);
  if (!Array.isArray(saved)) return { ...{ subject: undefined }, ...saved };
  const [{ details: _before, ...grant }, details] = saved;
  return { ...{ subject: undefined }, ...grant, ...(details !== null && { details }) };
};
/** A code as it was saved. */
export const parseCode = (text: string): AuthorizationCode => ({
  ...{ redirectUri: undefined, codeChallenge: undefined },
  ...read<AuthorizationCode>(text),
});
/** Anything with an optional `reason`. */
export const parseNoted = <T>(text: string): T => ({ reason: undefined, ...read<T>(text) }) as T;
/** JSON that this store wrote. */
export const read = <T>(text: string): T => JSON.parse(text) as T;

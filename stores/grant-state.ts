import type { Standing } from '#core/standing';
import {
  type AuthorizationCode,
  type ConsumedCode,
  type FoundRefresh,
  type Grant,
  type GrantDeath,
  MOVED,
  type RefreshToken,
  type RevocationNote,
  type Rotated,
  type Rotation,
  type Unknown,
} from '#core/token-store';
import { type FindStanding, findKiller, isAfter, standingsOf } from './token-state.ts';

// What becomes of codes and refresh tokens, decided once for all engines: an engine looks up what it keeps, asks here, and does what the step says.

/** What an engine keeps of a grant. */
export interface StoredGrant {
  readonly grant: Grant;
  readonly revocation: RevocationNote | undefined;
}

/** What an engine keeps of an authorization code. */
export interface StoredCode {
  readonly code: AuthorizationCode;
  /** The attempt that consumed it. */
  readonly consumedBy: string | undefined;
}

/** What an engine keeps of a refresh token. */
export interface StoredRefresh {
  readonly token: RefreshToken;
  /** When it was rotated away, and by which attempt. */
  readonly used: { readonly at: number; readonly by: string } | undefined;
}

/** Whether a grant lives, and what is inactive that it depends on. */
export interface GrantStanding {
  readonly death: GrantDeath | undefined;
  readonly inactive: readonly Standing[];
}

/** A grant stays so long past its end, whatever the retention: a request that took its last code or token is still to save what it gives for it. */
const UNDER_WAY_MS = 60_000;

/** Before when a grant must have ended to be removed. @param before the same for what was issued from it */
export function grantsEndedBefore(before: number, now: number): number {
  return Math.min(before, now - UNDER_WAY_MS);
}

/** The note on a grant whose code was presented a second time (RFC 6749 §4.1.2). */
export const codeReplayed = (at: number): RevocationNote => ({
  ...{ by: 'the second use of its authorization code', at, reason: undefined },
});
/** The note on a grant whose refresh token was presented after its rotation (RFC 9700 §4.14.2). */
export const refreshReplayed = (at: number): RevocationNote => ({
  ...{ by: 'the second use of its refresh token', at, reason: undefined },
});

/** Of a code or refresh token that another store has now. */
const ELSEWHERE = { state: 'unknown', isMoved: true } as const satisfies Unknown;

/** Whether a grant is dead: revoked itself, or a generation it depends on was raised. */
export function judgeGrant({ grant, revocation }: StoredGrant, findStanding: FindStanding): GrantStanding {
  const standings = standingsOf(grant, findStanding);
  const inactive = standings.filter((standing) => !standing.active);
  const killer = revocation === undefined ? findKiller(standings, grant.generations) : undefined;
  const note = revocation ?? killer;
  if (note === undefined) return { death: undefined, inactive };
  const { by, at, reason } = note;
  return { death: { by, at, reason, standing: killer }, inactive };
}

/**
 * What presenting a code comes to. For `consumed` the engine notes the attempt, for `replayed` it kills the grant, in the same step. A replay
 * counts though the code has expired or the grant is dead: whoever presents it must learn nothing else.
 */
export function judgeCode(
  stored: StoredCode & { readonly grant: Grant; readonly standing: GrantStanding },
  attempt: { readonly id: string; readonly now: number },
): ConsumedCode {
  const { code, consumedBy, grant, standing } = stored;
  const { death, inactive } = standing;
  if (consumedBy === MOVED) return ELSEWHERE;
  if (consumedBy !== undefined && consumedBy !== attempt.id) return { state: 'replayed', code, grant };
  const isExpired = consumedBy === undefined && attempt.now >= code.expiresAt;
  if (death !== undefined && !(isExpired && isAfter(death, code))) return { state: 'revoked', code, grant, death };
  if (isExpired) return { state: 'expired', code, grant };
  return { state: 'consumed', code, grant, inactive };
}

/** What is known of a refresh token. That its grant is dead says more than that it was used. */
export function judgeRefresh(
  { token, used, grant, standing }: StoredRefresh & { readonly grant: Grant; readonly standing: GrantStanding },
  now: number,
): FoundRefresh {
  const { death, inactive } = standing;
  if (used?.by === MOVED) return ELSEWHERE;
  const isExpired = now >= token.expiresAt;
  if (death !== undefined && !(isExpired && isAfter(death, token))) return { state: 'revoked', token, grant, death };
  if (used !== undefined) return { state: 'used', token, grant, usedAt: used.at };
  if (isExpired) return { state: 'expired', token, grant };
  return { state: 'live', token, grant, inactive };
}

/**
 * What a rotation comes to. For `rotated` the engine saves all of it, for `graced` the access token, for `replayed` it kills the grant, in the
 * same step; `repeated` is an attempt that was carried out before.
 * @param isAccessSaved whether the access token of the rotation is saved already: its attempt was answered with grace before
 */
export function judgeRotation(
  { token, used, standing }: StoredRefresh & { readonly standing: GrantStanding },
  { attemptId, now, graceMs }: Rotation,
  isAccessSaved: boolean,
): Rotated | { readonly state: 'repeated' } {
  const { death } = standing;
  if (used?.by === MOVED) return ELSEWHERE;
  const isRepeated = used?.by === attemptId;
  const isGraced = used !== undefined && (isAccessSaved || now < used.at + graceMs);
  if (used !== undefined && !isRepeated && !isGraced) return { state: 'replayed' };
  const isExpired = used === undefined && now >= token.expiresAt;
  if (death !== undefined && !(isExpired && isAfter(death, token))) return { state: 'revoked', death };
  if (isExpired) return { state: 'expired' };
  if (isRepeated) return { state: 'repeated' };
  return { state: isGraced ? 'graced' : 'rotated' };
}

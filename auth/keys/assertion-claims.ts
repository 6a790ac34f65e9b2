import type { JWTPayload } from 'jose';
import { JwtProblem } from './jwt-problem.ts';

/** Longest from now to `exp`, and from `iat` to now: what must be remembered against replay stays bounded. Some libraries take an hour. */
const LONGEST_LIFE_MS = 3_600_000;
const MAX_JTI_LENGTH = 256;

/** The payload of an assertion whose signature, issuer, audience and times fit. */
export type VerifiedAssertion = JWTPayload & { readonly sub: string; readonly exp: number };

/** What an assertion is compared with. */
export interface AssertionRules {
  readonly now: number;
  readonly skewMs: number;
  /** What `sub` must be; undefined: anybody that its issuer speaks for. */
  readonly subject?: string | undefined;
}

/**
 * The claims of an assertion beside what every JWT has (RFC 7523 §3): subject, a short life, and a `jti` to be taken once.
 * @returns `jti`, and until when (epoch ms) it must be remembered
 * @throws JwtProblem
 */
export function checkAssertionClaims(
  { sub, exp, iat, jti }: VerifiedAssertion,
  { now, skewMs, subject }: AssertionRules,
): { readonly jti: string; readonly until: number } {
  if (subject !== undefined && sub !== subject) throw new JwtProblem('claim', 'iss and sub must both be the client_id');
  const end = exp * 1000;
  if (end > now + LONGEST_LIFE_MS + skewMs)
    throw new JwtProblem('life', `exp is more than ${LONGEST_LIFE_MS / 60_000} min ahead`);
  if (iat !== undefined && iat * 1000 > now + skewMs) throw new JwtProblem('not_yet', 'iat is in the future');
  if (iat !== undefined && iat * 1000 < now - LONGEST_LIFE_MS - skewMs)
    throw new JwtProblem('life', `iat is more than ${LONGEST_LIFE_MS / 60_000} min ago`);
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH)
    throw new JwtProblem('claim', `jti must be a text of 1 to ${MAX_JTI_LENGTH} characters`);
  return { jti, until: end + skewMs };
}

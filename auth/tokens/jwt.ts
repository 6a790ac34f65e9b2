import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { SigningAlgorithm, SigningKeys } from '#core/signing-keys';
import type { AccessToken } from '#core/token-store';
import { ACCESS_TOKEN_TYPE } from '../keys/own-jwt.ts';
import { signText } from '../keys/signature.ts';
import type { MintedAccess } from './access.ts';

const JTI_LENGTH = 22;

/** What a JWT access token says beside what is stored of it. */
export interface JwtIssuer {
  readonly issuer: string;
  /** Whom it is for when nothing was requested (RFC 9068 §3): the server group's public URL, where all of its product's projects are. */
  readonly defaultAudience: string;
  /** The client's `client_id`. */
  readonly consumerKey: string;
  readonly algorithm: SigningAlgorithm;
  readonly signingKeys: SigningKeys;
  readonly random: Random;
}

/**
 * Makes a JWT access token (RFC 9068) and what is to be stored of it: like an opaque one under the hash of the whole, with its `jti`. Nothing
 * is saved here. Two never are the same, so that each has a row of its own.
 * @throws Refusal `not_ready` while there is no key of that algorithm
 */
export function mintJwtAccess(
  claims: Omit<AccessToken, 'hash'>,
  { issuer, defaultAudience, consumerKey, algorithm, signingKeys, random }: JwtIssuer,
): MintedAccess {
  const key = signingKeys.current(algorithm);
  if (key === undefined) throw new Refusal('not_ready');
  const jti = base62(random, JTI_LENGTH);
  const { audience, certificate, actors, authenticatedAt } = claims.details ?? {};
  const payload = {
    iss: issuer,
    sub: claims.subject ?? consumerKey,
    aud: audienceOf(audience, defaultAudience),
    client_id: consumerKey,
    iat: seconds(claims.issuedAt),
    exp: seconds(claims.expiresAt),
    jti,
    ...(claims.scopes.length > 0 && { scope: claims.scopes.join(' ') }),
    ...(authenticatedAt !== undefined && { auth_time: seconds(authenticatedAt) }),
    ...(certificate !== undefined && { cnf: { 'x5t#S256': certificate } }),
    ...(actors !== undefined && actors.length > 0 && { act: actOf(actors) }),
  };
  const text = `${part({ typ: ACCESS_TOKEN_TYPE, alg: algorithm, kid: key.kid })}.${part(payload)}`;
  const value = `${text}.${signText(algorithm, key.privateKey, text).toString('base64url')}`;
  return { value, access: { ...claims, hash: sha256Hex(value), details: { ...claims.details, jti } } };
}

/** One audience as a text, several as a list (RFC 7519 §4.1.3). */
function audienceOf(audience: readonly string[] | undefined, ifNone: string): string | readonly string[] {
  if (audience === undefined || audience.length === 0) return ifNone;
  return audience.length === 1 ? (audience[0] ?? ifNone) : audience;
}

/** The present actor outermost, those before it inside (RFC 8693 §4.1). */
function actOf(actors: readonly string[]): object | undefined {
  let act: object | undefined;
  for (const sub of actors.toReversed()) act = { sub, ...(act !== undefined && { act }) };
  return act;
}

/** NumericDate (RFC 7519 §2). */
function seconds(at: number): number {
  return Math.floor(at / 1000);
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
